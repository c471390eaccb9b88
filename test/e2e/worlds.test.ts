import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SandboxOptions } from '../../plugins/sandbox/sandbox.ts';
import { Conversation } from '../support/conversation.ts';

/** The worlds that WhatsApp can be: accounts of today, of before, and where the server knows of no hidden ids. */
const worlds: readonly { name: string; sandbox: SandboxOptions }[] = [
  { name: 'of hidden ids', sandbox: { addressing: 'lid' } },
  { name: 'of numbers with hidden ids beside them', sandbox: { addressing: 'pn' } },
  { name: 'without hidden ids', sandbox: { addressing: 'none' } },
];

describe.each(worlds)('a world $name', ({ sandbox }) => {
  const talk = new Conversation({ sandbox });
  beforeAll(() => talk.start(), 60_000);
  afterAll(() => talk.close());

  it('hears a contact, and names it by number in one of its two ids where it can', async () => {
    const { id } = await talk.contact.send(talk.phone, 'hello');
    const heard = await talk.next('message', (payload) => String(payload['id']).endsWith(id));
    const { from, fromAlt } = heard as { from: string; fromAlt?: string };
    expect([from, fromAlt]).toContain(talk.chatId);
    expect([from, fromAlt].filter((one) => one?.endsWith('@lid'))).toHaveLength(sandbox.addressing === 'none' ? 0 : 1);
  });

  it('answers in the chat that it heard, and by number, and is read', async () => {
    const { id } = await talk.contact.send(talk.phone, 'question');
    const { from } = (await talk.next('message', (payload) => String(payload['id']).endsWith(id))) as { from: string };
    await talk.delivered('/api/sendText', { chatId: from, text: 'answer' });
    const { message } = await talk.delivered('/api/sendText', { text: 'answer by number' });
    expect(message.conversation ?? message.extendedTextMessage?.text).toBe('answer by number');
  });

  it('decrypts every message that waited, at the first try', async () => {
    const { api, hooks, sandbox: server } = talk.world;
    await api.post(`/api/sessions/${talk.session}/stop`);
    const texts = Array.from({ length: 5 }, (_, at) => `waited ${at}`);
    for (const text of texts) await talk.contact.send(talk.phone, text);
    const from = hooks.all.length;
    await api.post(`/api/sessions/${talk.session}/start`);
    await hooks.status(talk.session, 'WORKING', from);
    for (const text of texts) await talk.next('message', ({ body }) => body === text);
    expect(server.stats().retries).toBe(0);
  });

  it('takes more than one batch of what waited, and then what is new', async () => {
    const { api, hooks } = talk.world;
    await api.post(`/api/sessions/${talk.session}/stop`);
    for (const prepared of await talk.contact.prepare(talk.phone, 230)) prepared.fire();
    const from = hooks.all.length;
    await api.post(`/api/sessions/${talk.session}/start`);
    await hooks.status(talk.session, 'WORKING', from);
    await talk.contact.send(talk.phone, 'after all that');
    await talk.next('message', ({ body }) => body === 'after all that');
    const bodies = hooks.all.slice(from).flatMap(({ event }) => {
      return event.event === 'message' ? [(event.payload as { body: string }).body] : [];
    });
    expect(new Set(bodies.filter((body) => /^message \d+$/.test(body))).size).toBe(230);
  });

  it('writes first to somebody who never wrote', async () => {
    const stranger = talk.world.sandbox.contact('4915200002009');
    const { status, body } = await talk.send('/api/sendText', { chatId: '4915200002009@c.us', text: 'good day' });
    expect([status, body]).toEqual([201, expect.objectContaining({ ack: 1 })]);
    const bare = String(body.id).split('_')[2];
    await stranger.waitForMessage(({ id }) => id === bare);
  });

  it('writes to a group, and hears from it', async () => {
    const owner = talk.contact.number;
    const group = talk.world.sandbox.group({ subject: 'Club', owner, participants: [talk.phone] });
    await talk.contact.send(group.jid, 'in the group');
    await talk.next('message', ({ body }) => body === 'in the group');
    const { body } = await talk.send('/api/sendText', { chatId: group.jid, text: 'to the group' });
    const bare = String(body.id).split('_')[2];
    await talk.contact.waitForMessage(({ id }) => id === bare);
  });
});
