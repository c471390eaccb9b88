import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Conversation, type ConversationOptions } from '../support/conversation.ts';

/** The worlds that WhatsApp can be: accounts of today, of before, and where the server knows of no hidden ids. */
const worlds: readonly (ConversationOptions & { name: string })[] = [
  { name: 'of hidden ids', sandbox: { addressing: 'lid' } },
  { name: 'of numbers with hidden ids beside them', sandbox: { addressing: 'pn' } },
  { name: 'without hidden ids', sandbox: { addressing: 'none' } },
];

/** The time of queries is less than any of Baileys' own limits, and more than a busy machine needs for an answer. */
const silent = { userSync: 'silent' } as const;
const baileys = { queryTimeoutMs: 3000 };

/** The same where nothing is answered about people: nobody's devices can be known there. */
const silentWorlds: readonly (ConversationOptions & { name: string })[] = [
  { name: 'of hidden ids', sandbox: { addressing: 'lid', ...silent }, baileys },
  { name: 'without hidden ids', sandbox: { addressing: 'none', ...silent }, baileys },
];

describe.each(worlds)('a world $name', ({ name: _, ...options }) => {
  const talk = new Conversation(options);
  const { addressing } = options.sandbox ?? {};
  beforeAll(() => talk.start());
  afterAll(() => talk.close());

  it('hears a contact, and names it by number in one of its two ids where it can', () => hears(talk, addressing));

  it('answers in the chat that it heard, and by number, and is read', async () => {
    const from = await heardFrom(talk, 'question');
    await talk.delivered('/api/sendText', { chatId: from, text: 'answer' });
    const { message } = await talk.delivered('/api/sendText', { text: 'answer by number' });
    expect(message.conversation ?? message.extendedTextMessage?.text).toBe('answer by number');
  });

  it('decrypts every message that waited, at the first try', () => decryptsWhatWaited(talk));

  it('takes more than one batch of what waited, each once, and what is new', async () => {
    const from = await restarted(talk, async () => {
      for (const prepared of await talk.contact.prepare(talk.phone, 230)) prepared.fire();
    });
    await talk.contact.send(talk.phone, 'after all that');
    await talk.next('message', ({ body }) => body === 'after all that');
    // What is new may come before the last batch.
    await expect.poll(() => new Set(numberedBodies(talk, from)).size, { timeout: 50_000 }).toBe(230);
    expect(numberedBodies(talk, from)).toHaveLength(230);
  });

  it('writes first to somebody who never wrote', async () => {
    const stranger = talk.world.sandbox.contact('4915200002009');
    const { status, body } = await talk.send('/api/sendText', { chatId: '4915200002009@c.us', text: 'good day' });
    expect([status, body]).toEqual([201, expect.objectContaining({ ack: 1 })]);
    const bare = String(body.id).split('_')[2];
    await stranger.waitForMessage(({ id }) => id === bare);
  });

  it('writes to a group, and hears from it', async () => {
    const group = await heardInGroup(talk);
    const { body } = await talk.send('/api/sendText', { chatId: group, text: 'to the group' });
    const bare = String(body.id).split('_')[2];
    await talk.contact.waitForMessage(({ id }) => id === bare);
  });
});

describe.each(silentWorlds)('a world $name that answers nothing about people', ({ name: _, ...options }) => {
  const talk = new Conversation(options);
  beforeAll(() => talk.start());
  afterAll(() => talk.close());

  it('links, and hears a contact', () => hears(talk, options.sandbox?.addressing));

  it('decrypts every message that waited, at the first try', () => decryptsWhatWaited(talk));

  it('refuses in time what it cannot send, to a chat, a number and a group, and goes on hearing', async () => {
    const from = await heardFrom(talk, 'question');
    const group = await heardInGroup(talk);
    const check = `/api/contacts/check-exists?session=${talk.session}&phone=4915200002009`;
    const answers = Promise.all([
      ...[from, '4915200002009@c.us', group].map((chatId) => talk.send('/api/sendText', { chatId, text: 'unheard' })),
      talk.world.api.get(check),
    ]);
    await talk.hear('meanwhile');
    expect((await answers).map(({ status }) => status)).toEqual([503, 503, 503, 503]);
    await talk.hear('still there');
    expect(talk.contact.inbox.filter(({ message }) => message.conversation === 'unheard')).toEqual([]);
    const { body } = await talk.world.api.get(`/api/sessions/${talk.session}`);
    expect(body.status).toBe('WORKING');
  });
});

const hears = async (talk: Conversation, addressing = 'lid'): Promise<void> => {
  const { id } = await talk.contact.send(talk.phone, 'hello');
  const heard = await talk.next('message', (payload) => String(payload['id']).endsWith(id));
  const { from, fromAlt } = heard as { from: string; fromAlt?: string };
  expect([from, fromAlt]).toContain(talk.chatId);
  expect([from, fromAlt].filter((one) => one?.endsWith('@lid'))).toHaveLength(addressing === 'none' ? 0 : 1);
};

const heardFrom = async (talk: Conversation, text: string): Promise<string> => {
  const { id } = await talk.contact.send(talk.phone, text);
  const heard = await talk.next('message', (payload) => String(payload['id']).endsWith(id));
  return String(heard['from']);
};

const heardInGroup = async (talk: Conversation): Promise<string> => {
  const owner = talk.contact.number;
  const group = talk.world.sandbox.group({ subject: 'Club', owner, participants: [talk.phone] });
  await talk.contact.send(group.jid, 'in the group');
  await talk.next('message', ({ body }) => body === 'in the group');
  return group.jid;
};

/** The texts of the contact's prepared messages among the events from `from` on. */
const numberedBodies = (talk: Conversation, from: number): string[] =>
  talk.world.hooks.all
    .slice(from)
    .filter(({ event, again }) => !again && event.event === 'message')
    .map(({ event }) => (event.payload as { body: string }).body)
    .filter((body) => /^message \d+$/.test(body));

const decryptsWhatWaited = async (talk: Conversation): Promise<void> => {
  const texts = Array.from({ length: 5 }, (_, at) => `waited ${at}`);
  await restarted(talk, async () => {
    for (const text of texts) await talk.contact.send(talk.phone, text);
  });
  for (const text of texts) await talk.next('message', ({ body }) => body === text);
  expect(talk.world.sandbox.stats().retries).toBe(0);
};

/** Stops the session, does something, and starts it again. Gives how many events there were before. */
const restarted = async (talk: Conversation, meanwhile: () => Promise<void>): Promise<number> => {
  const { api, hooks } = talk.world;
  await api.post(`/api/sessions/${talk.session}/stop`);
  await meanwhile();
  const from = await talk.world.mark();
  await api.post(`/api/sessions/${talk.session}/start`);
  await hooks.status(talk.session, 'WORKING', from);
  return from;
};
