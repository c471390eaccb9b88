import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RuntimeEvent } from '../../core/index.ts';
import type { Contact } from '../../plugins/sandbox/people/contact.ts';
import { World } from '../support/world.ts';

const number = '4915200006900';
const session = 'ana';
let world: World;
let contact: Contact;
let group: string;
let count = 0;

beforeAll(async () => {
  world = await World.start();
  await world.link(session, number);
  contact = world.sandbox.contact('4915200006901', { name: 'Bo' });
  group = world.sandbox.group({ subject: 'Friends', owner: contact.number, participants: [number] }).jid;
});
afterAll(() => world.close());

/** Seconds after now, as a stanza has them. */
const later = (seconds: number): string => String(Math.floor(Date.now() / 1000) + seconds);

const eventsOf = (from: number, name: string): RuntimeEvent[] =>
  world.hooks.all
    .slice(from)
    .filter(({ event, again }) => !again && event.event === name)
    .map(({ event }) => event);

/** Waits until everything that came before is told of. */
const settled = async (): Promise<void> => {
  const text = `the end of ${++count}`;
  await contact.send(number, text);
  await world.hooks.next('message', ({ payload }) => (payload as { body?: unknown }).body === text);
};

describe('what WhatsApp sends again with a new time', () => {
  it.each([
    ['a text', 'message', () => ({ conversation: 'once' })],
    ['a reaction', 'message.reaction', (id: string) => ({ reactionMessage: { text: '👍', key: keyOf(id) } })],
    ['an edit', 'message.edited', (id: string) => edit(id)],
    ['a revocation', 'message.revoked', (id: string) => ({ protocolMessage: { type: 0, key: keyOf(id) } })],
  ] as const)('is one event, in this process and after a restart: %s', async (_name, event, content) => {
    for (const chat of [number, group]) {
      const target = await contact.send(chat, 'the target');
      await settled();
      const from = await world.mark();
      const id = `3EB0TWICE${++count}`;
      const options = (seconds: number) => ({ id, attrs: { t: later(seconds) } });
      await contact.send(chat, content(target.id), options(0));
      await world.hooks.next(event, () => true, from);
      await contact.send(chat, content(target.id), options(60));
      await settled();
      await world.reboot();
      await contact.send(chat, content(target.id), options(120));
      await settled();
      const told = eventsOf(from, event).filter(({ payload }) => JSON.stringify(payload).includes(id));
      expect(told).toHaveLength(1);
    }
  });

  it.each([
    ['the number first', 'pn', 'lid'],
    ['the hidden id first', 'lid', 'pn'],
  ] as const)(
    'is one event under whichever of the two names of a person it comes: %s',
    async (_name, first, second) => {
      const target = await contact.send(number, 'the target');
      const contents = {
        message: { conversation: 'once' },
        'message.reaction': { reactionMessage: { text: '👍', key: keyOf(target.id) } },
        'message.edited': edit(target.id),
        'message.revoked': { protocolMessage: { type: 0, key: keyOf(target.id) } },
      };
      const from = await world.mark();
      const ids = new Map(Object.keys(contents).map((event) => [event, `3EB0NAMES${++count}`]));
      const sendAll = async (addressing: 'pn' | 'lid', seconds: number): Promise<void> => {
        contact.addressing = addressing;
        for (const [event, content] of Object.entries(contents)) {
          const id = ids.get(event) ?? '';
          await (await contact.send(number, content, { id, attrs: { t: later(seconds) } })).delivered;
        }
        await settled();
      };
      await sendAll(first, 0);
      await sendAll(second, 60);
      await world.reboot();
      await sendAll(second, 120);
      await sendAll(first, 180);
      contact.addressing = 'lid';
      for (const [event, id] of ids) {
        const told = eventsOf(from, event).filter(({ payload }) => JSON.stringify(payload).includes(id));
        expect([event, told.length]).toEqual([event, 1]);
      }
    },
  );

  it('is another event when another one wrote it, or it is in another chat', async () => {
    const other = world.sandbox.contact('4915200006902');
    const id = `3EB0SAME${++count}`;
    const from = await world.mark();
    await (await contact.send(number, 'same id', { id })).delivered;
    await (await other.send(number, 'same id', { id })).delivered;
    await (await contact.send(group, 'same id', { id })).delivered;
    await settled();
    expect(eventsOf(from, 'message').filter(({ payload }) => JSON.stringify(payload).includes(id))).toHaveLength(3);
  });
});

const keyOf = (id: string) => ({ id, fromMe: true, remoteJid: '' });
const edit = (id: string) => ({
  protocolMessage: { type: 14, key: keyOf(id), editedMessage: { conversation: 'edited' }, timestampMs: Date.now() },
});
