import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WAMessage } from '../../core/index.ts';
import { World } from '../support/world.ts';

let world: World;
const session = 'shop';
const phone = '4915200008001';
const customer = '4915200008002';
const chats = {
  status: 'status@broadcast',
  channels: '120363000000000001@newsletter',
  broadcast: '4915200008@broadcast',
};
type Kind = keyof typeof chats;
const kinds = Object.keys(chats) as Kind[];

beforeAll(async () => {
  world = await World.start();
  await world.link(session, phone);
});
afterAll(() => world.close());

const contact = () => world.sandbox.contact(customer);
/** Resolves when the session has taken it, or refused it: either way it does not come again. */
const write = async (kind: Kind, text: string): Promise<string | undefined> => {
  const sent = await contact().sendToMany(chats[kind], phone, text);
  await sent.delivered.catch(() => undefined);
  return sent.deliveries[0]?.outcome;
};

const heard = (text: string, from: number) =>
  world.hooks.next('message', ({ payload }) => (payload as WAMessage).body === text, from);
/** Whether a text is anywhere on the disk: in the messages, the journal, the event log. */
const isStored = (text: string): boolean =>
  readdirSync(world.outside.folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .some((entry) => readFileSync(join(entry.parentPath, entry.name)).includes(text));

describe('ignore', () => {
  it('is off: what is written to many comes as an event and is kept', async () => {
    for (const kind of kinds) {
      const from = await world.mark();
      expect(await write(kind, `to all of ${kind}`)).toBe(kind === 'channels' ? 'ack' : 'receipt');
      const { payload } = await heard(`to all of ${kind}`, from);
      expect(payload).toMatchObject({ from: chats[kind], fromMe: false });
      expect(isStored(`to all of ${kind}`)).toBe(true);
    }
  });

  it.each(kinds)(
    'of %s lets neither an event nor a byte on the disk come of it, and of nothing else',
    async (ignored) => {
      await world.api.put(`/api/sessions/${session}`, { config: { ignore: { [ignored]: true } } });
      const from = await world.mark();
      for (const kind of kinds) expect(await write(kind, `while ${ignored} is ignored, ${kind}`)).toBeDefined();
      await contact().send(phone, `after ${ignored}`);
      await heard(`after ${ignored}`, from);
      const told = world.hooks.all.slice(from).filter(({ event }) => event.event === 'message');
      const chatsTold = told.map(({ event }) => (event.payload as WAMessage).from);
      const others = kinds.filter((kind) => kind !== ignored).map((kind) => chats[kind]);
      expect(chatsTold).toEqual([...others, world.namesOf(customer).from]);
      expect(isStored(`while ${ignored} is ignored, ${ignored}`)).toBe(false);
      const names = world.hooks.all.slice(from).map(({ event }) => event.event);
      expect(new Set(names)).toEqual(new Set(['message', 'message.any']));
    },
  );
});
