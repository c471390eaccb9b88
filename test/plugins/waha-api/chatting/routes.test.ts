import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectionLost, type SendSeen, type SendText } from '../../../../core/engine.ts';
import { type WAMessage, whatsAppRefused } from '../../../../core/index.ts';
import { settle } from '../../../support/clock.ts';
import { apiOnFakes } from '../api.ts';

const message = {
  id: 'true_111@c.us_3EB0',
  timestamp: 1,
  from: '1@c.us',
  fromMe: true,
  body: 'hi',
} as unknown as WAMessage;

let api: Awaited<ReturnType<typeof apiOnFakes>>;
const sent: SendText[] = [];
const seen: SendSeen[] = [];
const states: unknown[] = [];
let failure: Error | null = null;

beforeEach(async () => {
  failure = null;
  for (const list of [sent, seen, states]) list.length = 0;
  api = await apiOnFakes();
});
afterEach(() => api.close());

/** Brings `default` to WORKING with a client that remembers what it was told. */
const work = async (withPresence = true) => {
  await api.post('/api/sessions', { name: 'default' });
  await settle();
  const messages = {
    async sendText(text: SendText) {
      if (failure) throw failure;
      sent.push(text);
      return message;
    },
    sendSeen: async (what: SendSeen) => void seen.push(what),
  };
  const presence = {
    setChatState: async (...state: unknown[]) => void states.push(state),
    setOnline: async () => undefined,
  };
  api.engine.last.open({ messages, ...(withPresence ? { presence } : {}) });
  await settle();
};

describe('POST /api/sendText', () => {
  it('sends, and answers the message', async () => {
    await work();
    const body = {
      session: 'default',
      chatId: '111@c.us',
      text: 'hi',
      reply_to: 'false_111@c.us_A',
      mentions: ['2@c.us'],
      linkPreview: false,
    };
    expect(await api.post('/api/sendText', body)).toEqual({ status: 201, body: message });
    expect(sent).toEqual([
      {
        chatId: '111@c.us',
        text: 'hi',
        replyTo: 'false_111@c.us_A',
        mentions: ['2@c.us'],
        linkPreview: false,
        linkPreviewHighQuality: false,
      },
    ]);
  });

  it('goes to `default` when no session is named, and takes null for what is not given', async () => {
    await work();
    const body = { chatId: '111@c.us', text: '', reply_to: null, mentions: null, id: null, linkPreview: null };
    expect((await api.post('/api/sendText', body)).status).toBe(201);
    expect(sent).toEqual([{ chatId: '111@c.us', text: '', linkPreview: true, linkPreviewHighQuality: false }]);
  });

  it('names what is missing', async () => {
    await work();
    const { status, body } = await api.post('/api/sendText', { session: 'a b' });
    expect(status).toBe(400);
    const fields = (body as { message: string[] }).message.map((sentence) => sentence.split(' ')[0]);
    expect(fields.sort()).toEqual(['chatId', 'session', 'text']);
  });

  it('answers 422 with the status of a session that does not work', async () => {
    await api.post('/api/sessions', { name: 'default', start: false });
    expect(await api.post('/api/sendText', { chatId: '1@c.us', text: 'hi' })).toEqual({
      status: 422,
      body: { error: expect.any(String), session: 'default', status: 'STOPPED', expected: ['WORKING'] },
    });
  });

  it('answers 404 for an unknown session', async () => {
    expect((await api.post('/api/sendText', { session: 'none', chatId: '1@c.us', text: 'hi' })).status).toBe(404);
  });

  it('says what WhatsApp refused, and when a lost call may be tried again', async () => {
    await work();
    failure = whatsAppRefused('the message', 463);
    expect(await api.post('/api/sendText', { chatId: '1@c.us', text: 'hi' })).toMatchObject({
      status: 422,
      body: { code: 463 },
    });
    failure = connectionLost('default');
    const answer = await api.call('/api/sendText?phone=1&text=hi&session=default');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  });
});

describe('GET /api/sendText', () => {
  it('sends what the query says', async () => {
    await work();
    expect(await api.get('/api/sendText?phone=111&text=gr%C3%BC%C3%9Fe%20%26%20more&session=default')).toEqual({
      status: 200,
      body: message,
    });
    expect(sent).toEqual([{ chatId: '111', text: 'grüße & more' }]);
  });
});

describe('POST /api/sendSeen', () => {
  it('marks the messages that it names, in either field', async () => {
    await work();
    expect(await api.post('/api/sendSeen', { chatId: '1@c.us' })).toEqual({ status: 201, body: {} });
    await api.post('/api/sendSeen', { chatId: '1@g.us', messageIds: ['a', 'b'], participant: '2@c.us' });
    await api.post('/api/sendSeen', { chatId: '1@c.us', messageId: 'a', participant: null });
    expect(seen).toEqual([
      { chatId: '1@c.us' },
      { chatId: '1@g.us', messageIds: ['a', 'b'], participant: '2@c.us' },
      { chatId: '1@c.us', messageIds: ['a'] },
    ]);
  });
});

describe('typing', () => {
  it('starts and stops', async () => {
    await work();
    expect((await api.post('/api/startTyping', { chatId: '1@c.us' })).status).toBe(201);
    expect((await api.post('/api/stopTyping', { chatId: '1@c.us' })).status).toBe(201);
    expect(states).toEqual([
      ['1@c.us', 'typing'],
      ['1@c.us', 'paused'],
    ]);
  });

  it('answers 422 when the engine cannot', async () => {
    await work(false);
    expect(await api.post('/api/startTyping', { chatId: '1@c.us' })).toMatchObject({
      status: 422,
      body: { message: "engine NOWEB cannot do 'presence'" },
    });
  });
});
