import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RuntimeEvent } from '../../core/index.ts';
import { lidJid } from '../../plugins/sandbox/wire/jids.ts';
import { World } from '../support/world.ts';

const phone = '4915200003001';
const ana = '4915200003002';
const session = 'calls';
const group = '120363000000000001@g.us';
const chatId = `${ana}@c.us`;

let world: World;
beforeAll(async () => {
  world = await World.start();
  const { account } = world.sandbox.phone(phone, { name: 'Shop' });
  // Long before the session is linked.
  for (let number = 4915200003100; number < 4915200003112; number++)
    await account.change({ archive: true, lastMessages: [] }, `${number}@s.whatsapp.net`);
  await linkAndSync(session, 1);
});
afterAll(() => world.close());

/** What changes before a new device has read the app state belongs to its first sync, which is no news. */
const linkAndSync = async (name: string, id: number): Promise<void> => {
  const synced = world.sandbox.next(
    'app-state-read',
    ({ collection, device }) => collection === 'regular_low' && device === id,
  );
  await world.link(name, phone);
  await synced;
};

const payloadOf = (event: RuntimeEvent) => event.payload as Record<string, unknown>;
const events = (prefix: string, from = 0) =>
  world.hooks.all.slice(from).flatMap(({ event }) => (event.event.startsWith(prefix) ? [event] : []));
const told = async (name: string, id: string) =>
  payloadOf(await world.hooks.next(name, (event) => payloadOf(event)['id'] === id));
const namesOf = (id: string) =>
  events('call.').flatMap((event) => (payloadOf(event)['id'] === id ? [event.event] : []));
const reject = (body: object) => world.api.post(`/api/${session}/calls/reject`, body);

describe('what was archived before', () => {
  it('is no news when something else is archived', async () => {
    await world.sandbox.phone(phone).account.change({ archive: true, lastMessages: [] }, `${ana}@s.whatsapp.net`);
    const event = await world.hooks.next('chat.archive', (one) => payloadOf(one)['id'] === chatId);
    expect(payloadOf(event)).toEqual({
      ...{ id: chatId, archived: true, timestamp: expect.any(Number) },
      identity: expect.objectContaining({ id: chatId, pn: chatId }),
    });
    expect(events('chat.archive')).toHaveLength(1);
  });
});

describe('calls', () => {
  const contact = () => world.sandbox.contact(ana);

  it('are told of and can be rejected, by number and by hidden id', async () => {
    for (const addressing of ['pn', 'lid'] as const) {
      contact().change({ addressing });
      const id = contact().call(phone, { video: addressing === 'lid' });
      const call = await told('call.received', id);
      const [from, fromAlt] = addressing === 'pn' ? [chatId, undefined] : [lidJid(ana), chatId];
      expect(call).toMatchObject({
        from,
        isVideo: addressing === 'lid',
        isGroup: false,
        timestamp: expect.any(Number),
      });
      if (fromAlt) expect(call).toMatchObject({ fromAlt });
      expect(call['_data']).toMatchObject({ id, status: 'offer' });
      const heard = world.sandbox.next('call', (one) => one.id === id && one.what === 'reject');
      expect((await reject({ from: fromAlt ?? from, id })).status).toBe(201);
      await heard;
      expect(await told('call.rejected', id)).toMatchObject({ from, isVideo: addressing === 'lid' });
      expect(world.sandbox.calls().find((one) => one.id === id)?.state).toBe('rejected');
      const again = await reject({ from, id });
      expect([again.status, again.body.message]).toEqual([422, `call '${id}' does not ring any more`]);
    }
    contact().change({ addressing: 'pn' });
  });

  it('are told of as rejected when nobody answers, the caller gives up, or the phone declines', async () => {
    const ends: ((id: string) => void)[] = [
      (id) => contact().hangUp(id),
      (id) => contact().hangUp(id, 'hangup'),
      (id) => world.sandbox.answerOnPhone(id, false),
    ];
    for (const end of ends) {
      const id = contact().call(phone);
      await told('call.received', id);
      end(id);
      await told('call.rejected', id);
      expect(namesOf(id)).toEqual(['call.received', 'call.rejected']);
    }
  });

  it('are told of as accepted when the phone answers, and their end is no rejection', async () => {
    const id = contact().call(phone);
    await told('call.received', id);
    world.sandbox.answerOnPhone(id);
    await told('call.accepted', id);
    expect((await reject({ from: chatId, id })).status).toBe(422);
    contact().hangUp(id, 'hangup');
    const next = contact().call(phone);
    await told('call.received', next);
    expect(namesOf(id)).toEqual(['call.received', 'call.accepted']);
    contact().hangUp(next);
  });

  it('say when a whole group is called', async () => {
    const id = contact().call(phone, { group, video: true });
    expect(await told('call.received', id)).toMatchObject({ isGroup: true, isVideo: true, groupId: group });
    contact().hangUp(id);
    expect(await told('call.rejected', id)).toMatchObject({ isGroup: true, isVideo: true });
    expect(
      events('message')
        .map(payloadOf)
        .filter(({ body }) => body === null),
    ).toEqual([]);
  });

  it('that are none are refused', async () => {
    const id = contact().call(phone);
    await told('call.received', id);
    const cases: [object, number, RegExp][] = [
      [{ from: chatId, id: 'NOSUCHCALL' }, 404, /^no call 'NOSUCHCALL'/],
      [{ from: '4915200003999@c.us', id }, 404, /^no call/],
      [{ from: 'nobody', id }, 422, /^from: nobody has 'nobody'/],
      [{ from: 'no body', id }, 400, /^from must be/],
      [{ from: chatId, id: 'a b' }, 400, /^id must be/],
      [{ from: chatId }, 400, /id/],
      [{}, 400, /from/],
    ];
    for (const [body, status, sentence] of cases) {
      const answer = await reject(body);
      expect([[answer.body.message].flat()[0], answer.status]).toEqual([expect.stringMatching(sentence), status]);
    }
    contact().hangUp(id);
  });
});

describe('the engine’s own events', () => {
  it('tell of the connection, and more only to who asks by name', async () => {
    expect(events('state.change').map((event) => payloadOf(event)['connection'])).toEqual(
      expect.arrayContaining(['connecting', 'open']),
    );
    expect(events('engine.event')).toEqual([]);
    const { body } = await world.api.get(`/api/sessions/${session}`);
    const webhooks = [{ url: `${world.hooks.url}?own`, events: ['engine.event'], hmac: { key: 'my-secret-key' } }];
    await world.api.put(`/api/sessions/${session}`, { config: { ...body.config, webhooks } });
    const from = await world.mark();
    // Whether anybody asks is looked at four times a second.
    const said = () => events('engine.event', from).length;
    const speak = async () => {
      await world.sandbox.contact(ana).send(phone, 'raw');
      return said();
    };
    await expect.poll(speak, { interval: 100 }).toBeGreaterThan(0);
    const heard = (name: string) =>
      world.hooks.next('engine.event', (event) => payloadOf(event)['event'] === name, from);
    const upsert = await heard('messages.upsert');
    expect(JSON.stringify(upsert.payload)).toContain('raw');
    await world.api.post(`/api/sessions/${session}/restart`);
    await world.hooks.status(session, 'WORKING', from);
    await heard('connection.update'); // by another endpoint than the status
    const all = events('engine.event', from).map(payloadOf);
    expect(all.map(({ event }) => event)).not.toContain('creds.update');
    expect(JSON.stringify(all)).not.toMatch(
      /senderKeyDistribution|appStateSyncKeyShare|"qr"|noiseKey|signedIdentityKey/,
    );
  });
});

describe('two sessions on one account', () => {
  it('change it side by side, lose nothing, and hear of each other', async () => {
    await linkAndSync('twin', 2);
    const from = await world.mark();
    const chats = ['4915200003020', '4915200003021', '4915200003022'];
    const archive = (name: string, number: string) => world.api.post(`/api/${name}/chats/${number}@c.us/archive`);
    const answers = await Promise.all([
      ...chats.map((number) => archive(session, number)),
      ...chats.map((number) => archive('twin', number.replace('302', '303'))),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(201));
    const entries = await world.sandbox.phone(phone).account.entries();
    const archived = entries.flatMap(({ index, action }) => (action?.archiveChatAction?.archived ? [index[1]] : []));
    const numbers = chats.flatMap((number) => [number, number.replace('302', '303')]);
    expect(archived).toEqual(expect.arrayContaining(numbers.map((number) => `${number}@s.whatsapp.net`)));
    for (const name of [session, 'twin']) {
      for (const number of numbers) {
        const fits = (event: RuntimeEvent) => event.session === name && payloadOf(event)['id'] === `${number}@c.us`;
        await world.hooks.next('chat.archive', fits, from);
      }
    }
    expect(events('chat.archive', from)).toHaveLength(12);
  });
});
