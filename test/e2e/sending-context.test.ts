import { proto } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import type { WAMessage } from '../../core/index.ts';
import { bodyOf, contentOf, contextOf } from '../../plugins/baileys/messages/content.ts';
import { conversation, png } from '../support/conversation.ts';

const talk = conversation();
const { phone, ana, chatId, session } = talk;
const jid = (number: string) => `${number}@s.whatsapp.net`;
const lid = (number: string) => talk.world.sandbox.contact(number).lid;
const { Type } = proto.Message.ProtocolMessage;
const file = { data: png, mimetype: 'image/png', filename: 'dot.png' };

describe.each(['lid', 'pn'] as const)('in a group whose members go by %s', (addressing) => {
  const inForm = (number: string) => (addressing === 'lid' ? lid(number) : jid(number));
  const ben = addressing === 'lid' ? '4915200003101' : '4915200003102';
  const group = () => talk.world.sandbox.group({ subject: 'Form', owner: ana, participants: [phone, ben], addressing });
  const heard = async (path: string, body: object) => {
    const answer = await talk.send(path, body);
    expect([answer.status, answer.body]).toEqual([201, expect.anything()]);
    const bare = (answer.body as WAMessage).id.split('_')[2] ?? '';
    return (await talk.contact.waitForMessage(({ id }) => id === bare)).message;
  };

  it.each(['c.us', 'lid'])(
    'a mention that is given as @%s is in the form of the group, in attribute and text',
    async (server) => {
      talk.world.sandbox.contact(ben);
      const mention = server === 'c.us' ? `${ben}@c.us` : lid(ben);
      for (const named of [ben, lid(ben).split('@')[0]]) {
        const { extendedTextMessage } = await heard('/api/sendText', {
          chatId: group().jid,
          text: `hey @${named}, and not @${named}9`,
          mentions: [mention],
        });
        const user = inForm(ben).split('@')[0];
        expect(extendedTextMessage).toMatchObject({
          text: `hey @${user}, and not @${named}9`,
          contextInfo: { mentionedJid: [inForm(ben)] },
        });
      }
    },
  );

  it('an edit mentions whom its text still names, or whom it is told to', async () => {
    const chat = group().jid;
    const user = inForm(ben).split('@')[0];
    const edited = async (path: string, first: object, body: object) => {
      const { status, body: sent } = await talk.send(path, { chatId: chat, ...first });
      expect(status).toBe(201);
      const edit = await talk.world.api.call(
        'PUT',
        `/api/${session}/chats/${chat}/messages/${(sent as WAMessage).id}`,
        JSON.stringify(body),
      );
      expect(edit.status).toBe(200);
      const bare = edit.body.key.id as string;
      const { message } = await talk.contact.waitForMessage(({ id }) => id === bare);
      const content = message.protocolMessage?.editedMessage ?? {};
      return [bodyOf(content), contextOf(content)?.mentionedJid ?? []];
    };
    const named = { text: `hey @${ben}`, mentions: [`${ben}@c.us`] };
    const picture = { file, caption: `hey @${ben}`, mentions: [`${ben}@c.us`] };
    const other = lid(ben).split('@')[0];
    for (const [path, first] of [
      ['/api/sendText', named],
      ['/api/sendImage', picture],
    ] as const) {
      expect(await edited(path, first, { text: `bye @${other}` })).toEqual([`bye @${user}`, [inForm(ben)]]);
      expect(await edited(path, first, { text: 'bye' })).toEqual(['bye', []]);
    }
    expect(await edited('/api/sendText', { text: 'hey' }, named)).toEqual([`hey @${user}`, [inForm(ben)]]);
  });

  it('the author of a quote and of a reaction is, too', async () => {
    const { jid: chat } = group();
    const contact = talk.world.sandbox.contact(ben);
    await contact.send(chat, 'quote me');
    const { id } = await talk.next('message', ({ body, from }) => body === 'quote me' && from === chat);
    const quote = await heard('/api/sendText', { chatId: chat, text: 'so', reply_to: id });
    expect(quote.extendedTextMessage?.contextInfo).toMatchObject({ participant: inForm(ben) });
    const own = await heard('/api/sendText', { chatId: chat, text: 'mine' });
    expect(own.extendedTextMessage?.text).toBe('mine');
    const reaction = await talk.world.api.call(
      'PUT',
      '/api/reaction',
      JSON.stringify({ session, messageId: id, reaction: '👍' }),
    );
    expect(reaction.status).toBe(200);
    const arrived = await talk.contact.waitForMessage(
      ({ message }) => message.reactionMessage?.key?.id === String(id).split('_')[2],
    );
    expect(arrived.message.reactionMessage?.key).toMatchObject({ participant: inForm(ben) });
  });
});

describe('in a chat whose messages disappear', () => {
  const week = 7 * 24 * 60 * 60;
  const setTimer = (ephemeralExpiration: number) =>
    talk.contact.send(phone, { protocolMessage: { type: Type.EPHEMERAL_SETTING, ephemeralExpiration } });
  /** Every kind of send. */
  const sends: readonly (readonly [string, object])[] = [
    ['/api/sendText', { text: 'soon gone' }],
    ['/api/sendImage', { file, caption: 'soon gone' }],
    ['/api/sendFile', { file }],
    ['/api/sendLocation', { latitude: 1, longitude: 2, title: 'here' }],
    ['/api/sendPoll', { poll: { name: 'when?', options: ['now', 'later'], multipleAnswers: false } }],
    ['/api/sendContactVcard', { contacts: [{ fullName: 'Ben', phoneNumber: '+49 152 1', whatsappId: '491521' }] }],
    ['/api/sendButtons', { body: 'choose', buttons: [{ type: 'reply', text: 'yes' }] }],
    [
      '/api/sendList',
      { message: { title: 'List', button: 'open', sections: [{ title: 'A', rows: [{ title: 'x', rowId: '1' }] }] } },
    ],
  ];
  const expirationOf = (message: proto.IMessage) => contextOf(contentOf({ message }))?.expiration ?? 0;

  it('everything that is sent says how long it lives; and no longer when the timer is off', async () => {
    await setTimer(week);
    await talk.hear('timer is on');
    for (const [path, body] of sends) {
      const { message } = await talk.delivered(path, body);
      expect([path, expirationOf(message)]).toEqual([path, week]);
    }
    await setTimer(0);
    await talk.hear('timer is off');
    for (const [path, body] of sends) {
      const { message } = await talk.delivered(path, body);
      expect([path, expirationOf(message)]).toEqual([path, 0]);
    }
  });

  it('it is known from a message of the chat, after a restart, and for the other name of the person', async () => {
    const contextInfo = { expiration: 86_400, ephemeralSettingTimestamp: Math.floor(Date.now() / 1000) + 5 };
    await talk.contact.send(phone, { extendedTextMessage: { text: 'a day', contextInfo } });
    await talk.next('message', ({ body }) => body === 'a day');
    const from = await talk.world.mark();
    await talk.world.api.post(`/api/sessions/${session}/restart`);
    await talk.world.hooks.status(session, 'WORKING', from);
    for (const chat of [chatId, lid(ana)]) {
      const { message } = await talk.delivered('/api/sendText', { chatId: chat, text: `to ${chat}` });
      expect([chat, expirationOf(message)]).toEqual([chat, 86_400]);
    }
  });

  it('of a group, the group says it', async () => {
    const group = talk.world.sandbox.group({ subject: 'Gone', owner: ana, participants: [phone] });
    group.expire(ana, week);
    const sent = async (): Promise<number> => {
      const answer = await talk.send('/api/sendText', { chatId: group.jid, text: 'in the group' });
      const bare = (answer.body as WAMessage).id.split('_')[2] ?? '';
      const { message } = await talk.contact.waitForMessage(({ id }) => id === bare);
      return expirationOf(message);
    };
    // The change is on its way while the first ones are sent.
    await expect.poll(sent).toBe(week);
  });
});

describe('an edit of ours', () => {
  it('changes the caption of a picture: the file and the quote stay', async () => {
    const { full } = await talk.hear('show me');
    const { sent } = await talk.delivered('/api/sendImage', { file, caption: 'old', reply_to: full });
    const path = `/api/${session}/chats/${chatId}/messages/${sent.id}`;
    const answer = await talk.world.api.call('PUT', path, JSON.stringify({ text: 'new caption' }));
    expect(answer.status).toBe(200);
    const bare = (answer.body as WAMessage).id.split('_')[2] ?? '';
    const { message } = await talk.contact.waitForMessage(({ id }) => id === bare);
    expect(message.protocolMessage?.editedMessage?.imageMessage).toMatchObject({
      caption: 'new caption',
      mimetype: 'image/png',
      mediaKey: expect.anything(),
      directPath: expect.any(String),
      contextInfo: { quotedMessage: { conversation: 'show me' } },
    });
    const told = await talk.next('message.edited', ({ editedMessageId }) => editedMessageId === sent.id.split('_')[2]);
    expect(told).toMatchObject({ body: 'new caption', hasMedia: true });
  });
});

it('a picture to be seen once, which only the phone gets, is told of', async () => {
  const { id } = await talk.contact.sendUnavailable(phone, 'view_once');
  const told = await talk.next('message.waiting', (payload) => payload['id'] === `false_${talk.heardId}_${id}`);
  expect(told).toMatchObject({ from: talk.heardId, fromMe: false, _data: { key: { isViewOnce: true } } });
});

describe('the trace of a request', () => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  const hooksOf = (body: string) =>
    talk.world.hooks.all.filter(({ event }) => (event.payload as { readonly body?: unknown }).body === body);
  const spanOf = (traceparent = '') => traceparent.split('-')[2];

  it('is that of the event which it causes, and goes on in the webhook', async () => {
    const traceparent = `00-${trace}-00f067aa0ba902b7-01`;
    await talk.send('/api/sendText', { chatId, text: 'Traced' }, { traceparent });
    await talk.next('message.any', ({ body }) => body === 'Traced');
    const [hook] = hooksOf('Traced');
    const own = hook?.event.traceparent;
    expect([own, hook?.traceparent]).toEqual(Array(2).fill(expect.stringMatching(`^00-${trace}-[0-9a-f]{16}-01$`)));
    expect(new Set([spanOf(traceparent), spanOf(own), spanOf(hook?.traceparent)]).size).toBe(3);
  });

  it('that breaks the standard is ignored, and what nobody asked for has a trace of its own', async () => {
    await talk.send('/api/sendText', { chatId, text: 'Untraced' }, { traceparent: `00-${trace}-zz-01` });
    await talk.next('message.any', ({ body }) => body === 'Untraced');
    await talk.hear('By itself');
    for (const text of ['Untraced', 'By itself']) {
      const [hook] = hooksOf(text);
      expect(hook?.traceparent, text).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
      expect(hook?.traceparent).not.toContain(trace);
    }
    expect(hooksOf('By itself')[0]?.event.traceparent).toBeUndefined();
  });
});
