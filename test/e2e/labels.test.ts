import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lidJid } from '../../plugins/sandbox/wire/jids.ts';
import { World } from '../support/world.ts';

const phone = '4915200011001';
const [ana, ben, cleo] = ['4915200011002', '4915200011003', '4915200011004'] as const;
const session = 'shop';
const chatId = `${ana}@c.us`;
const jid = `${ana}@s.whatsapp.net`;

let world: World;
beforeAll(async () => {
  world = await World.start();
  const { account } = world.sandbox.phone(phone, { name: 'Shop' });
  // Before the session is linked.
  await account.change({ addLabel: { id: '1', name: 'New', color: 2 } });
  await account.change({ addLabel: { id: '2', name: 'Gone', color: 3 } });
  await account.change({ addLabel: { id: '2', deleted: true } });
  await account.change({ addChatLabel: { labelId: '1' } }, jid);
  await world.link(session, phone, { noweb: { store: { enabled: true, fullSync: false } } });
  await world.hooks.next('label.chat.added');
});
afterAll(() => world.close());

const path = `/api/${session}/labels`;
const list = async () => (await world.api.get(path)).body as { id: string; name: string }[];
const ofChat = async (chat = chatId) =>
  ((await world.api.get(`${path}/chats/${chat}`)).body as { id: string }[]).map(({ id }) => id);
const events = (from = 0) =>
  world.hooks.all
    .slice(from)
    .flatMap(({ event }) => (event.event.startsWith('label.') ? [[event.event, event.payload]] : []));
const onPhone = async (...index: string[]) => {
  const entries = await world.sandbox.phone(phone).account.entries();
  return entries.find((entry) => index.every((part, at) => entry.index[at] === part))?.action;
};
const change = (...args: Parameters<ReturnType<World['sandbox']['phone']>['account']['change']>) =>
  world.sandbox.phone(phone).account.change(...args);

describe('the labels of the phone', () => {
  it('are there after linking, with their chats, each told of once', async () => {
    const label = { id: '1', name: 'New', color: 2, colorHex: '#ffd429' };
    expect(await list()).toEqual([label]);
    expect(await ofChat()).toEqual(['1']);
    expect(events()).toEqual([
      ['label.upsert', label],
      ['label.chat.added', { labelId: '1', chatId, chatIdentity: expect.objectContaining({ id: chatId }), label }],
    ]);
  });

  it('change, and what does not change is not told again', async () => {
    const from = await world.mark();
    const told = (event: string, count = 1) =>
      expect.poll(() => events(from).filter(([name]) => name === event).length).toBe(count);
    const group = '120363000000000001@g.us';
    await change({ addLabel: { id: '5', name: 'Paid', color: 5 } });
    await told('label.upsert');
    await change({ addLabel: { id: '5', name: 'Paid', color: 5 } });
    await change({ addLabel: { id: '5', name: 'Settled', color: 5 } });
    await told('label.upsert', 2);
    await change({ addChatLabel: { labelId: '5' } }, group);
    await told('label.chat.added');
    await change({ removeChatLabel: { labelId: '5' } }, group);
    await told('label.chat.deleted');
    await change({ removeChatLabel: { labelId: '5' } }, jid);
    await change({ addMessageLabel: { labelId: '5', messageId: '3EB0A' } }, jid);
    await change({ addLabel: { id: '5', deleted: true } });
    await told('label.deleted');
    const [paid, settled] = ['Paid', 'Settled'].map((name) => ({ id: '5', name, color: 5, colorHex: '#55ccb3' }));
    const link = { labelId: '5', chatId: group, label: settled };
    expect(events(from)).toEqual([
      ['label.upsert', paid],
      ['label.upsert', settled],
      ['label.chat.added', link],
      ['label.chat.deleted', link],
      ['label.deleted', settled],
    ]);
    expect((await world.api.get(`${path}/5/chats`)).status).toBe(404);
  });
});

describe('labels by the API', () => {
  it('are made, changed and deleted on the phone, and told of once', async () => {
    const from = await world.mark();
    const made = await world.api.post(path, { name: 'VIP', colorHex: 'FF9485' });
    const vip = { id: '2', name: 'VIP', color: 0, colorHex: '#ff9485' };
    expect([made.status, made.body]).toEqual([201, vip]);
    expect((await onPhone('label_edit', '2'))?.labelEditAction).toMatchObject({ name: 'VIP', color: 0 });
    const kept = await world.api.put(`${path}/2`, { name: 'VIP', color: 7 });
    expect([kept.status, kept.body]).toEqual([200, { ...vip, color: 7, colorHex: '#d3a91d' }]);
    const gone = await world.api.delete(`${path}/2`);
    expect([gone.status, gone.body]).toEqual([200, { result: true }]);
    expect((await onPhone('label_edit', '2'))?.labelEditAction?.deleted).toBe(true);
    await world.hooks.next('label.deleted', () => true, from);
    expect(events(from)).toEqual([
      ['label.upsert', vip],
      ['label.upsert', kept.body],
      ['label.deleted', kept.body],
    ]);
    expect(await list()).toHaveLength(1);
  });

  it('are set on chats as a whole, under the name that the chat has', async () => {
    const second = (await world.api.post(path, { name: 'Second', color: 1 })).body.id as string;
    await world.hooks.next('label.upsert', ({ payload }) => (payload as { name: string }).name === 'Second');
    const from = await world.mark();
    const set = (chat: string, ...ids: string[]) =>
      world.api.put(`${path}/chats/${chat}`, { labels: ids.map((id) => ({ id })) });
    expect((await set(chatId, second)).status).toBe(200);
    expect(await ofChat()).toEqual([second]);
    expect((await onPhone('label_jid', '1', jid))?.labelAssociationAction?.labeled).toBe(false);
    expect((await onPhone('label_jid', second, jid))?.labelAssociationAction?.labeled).toBe(true);
    await world.hooks.next('label.chat.added', () => true, from);
    expect(events(from).map(([name]) => name)).toEqual(['label.chat.deleted', 'label.chat.added']);
    expect((await set(chatId, second)).status).toBe(200);
    // Ben writes under his hidden id, and so his chat goes by it.
    world.sandbox.contact(ben).change({ addressing: 'lid' });
    await world.sandbox.contact(ben).send(phone, 'hello');
    await world.hooks.next('message', ({ payload }) => (payload as { body: unknown }).body === 'hello');
    expect((await set(`${ben}@c.us`, second)).status).toBe(200);
    expect((await onPhone('label_jid', second, lidJid(ben)))?.labelAssociationAction?.labeled).toBe(true);
    expect([await ofChat(`${ben}@c.us`), await ofChat(lidJid(ben))]).toEqual([[second], [second]]);
    const { body } = await world.api.get(`${path}/${second}/chats`);
    expect(body.map(({ id }: { id: string }) => id).sort()).toEqual([lidJid(ben), chatId].sort());
    expect(body[0]).not.toHaveProperty('unreadCount');
    expect((await set(`${ben}@c.us`)).status).toBe(200);
    expect([await ofChat(lidJid(ben)), await ofChat(`${cleo}@c.us`)]).toEqual([[], []]);
    await world.hooks.next(
      'label.chat.deleted',
      ({ payload }) => (payload as { chatId: string }).chatId === lidJid(ben),
      from,
    );
    expect(events(from)).toHaveLength(4);
  });

  it('are checked', async () => {
    const cases: [Promise<{ status: number; body: { message: unknown } }>, number, RegExp][] = [
      [world.api.post(path, { name: 'x' }), 422, /color or colorHex/],
      [world.api.post(path, { name: 'x', color: 1, colorHex: '#ff9485' }), 422, /not both/],
      [world.api.post(path, { name: 'x', color: 20 }), 422, /^color must be 0 to 19/],
      [world.api.post(path, { name: 'x', color: 1.5 }), 422, /^color/],
      [world.api.post(path, { name: 'x', colorHex: '#123456' }), 422, /^colorHex must be one of/],
      [world.api.post(path, { color: 1 }), 400, /name/],
      [world.api.post(path, { name: 'New', color: 1 }), 422, /^name: label '1' has this name/],
      [world.api.put(`${path}/77`, { name: 'x', color: 1 }), 404, /^label '77' is not known/],
      [world.api.delete(`${path}/77`), 404, /^label '77'/],
      [world.api.get(`${path}/77/chats`), 404, /^label '77'/],
      [world.api.put(`${path}/chats/${chatId}`, { labels: [{ id: '1' }, { id: '77' }] }), 404, /^label '77'/],
      [world.api.put(`${path}/chats/1@newsletter`, { labels: [] }), 400, /^chatId/],
      [world.api.get(`${path}/chats/x@y`), 400, /^chatId/],
      [world.api.get('/api/nope/labels'), 404, /nope/],
    ];
    for (const [call, status, sentence] of cases) {
      const answer = await call;
      expect([[answer.body.message].flat()[0], answer.status]).toEqual([expect.stringMatching(sentence), status]);
    }
    expect(await ofChat()).not.toContain('1');
  });

  it('are twenty at most, and two that are made at once get ids of their own', async () => {
    const left = 20 - (await list()).length;
    const names = Array.from({ length: left }, (_, at) => `label ${at}`);
    const made = await Promise.all(names.map((name) => world.api.post(path, { name, color: 3 })));
    expect(new Set(made.map(({ body }) => body.id)).size).toBe(left);
    const more = await world.api.post(path, { name: 'one more', color: 3 });
    expect([more.status, more.body.message]).toEqual([422, expect.stringMatching(/20 labels/)]);
  });
});

it('a session without a store has nothing to read labels from', async () => {
  await world.link('bare', '4915200011009');
  const answer = await world.api.get('/api/bare/labels');
  expect([answer.status, [answer.body.message].flat()[0]]).toEqual([
    400,
    expect.stringMatching(/noweb\.store\.enabled/),
  ]);
  const from = await world.mark();
  await world.sandbox.phone('4915200011009').account.change({ addLabel: { id: '1', name: 'Told', color: 0 } });
  const event = await world.hooks.next('label.upsert', ({ session: name }) => name === 'bare', from);
  expect(event.payload).toEqual({ id: '1', name: 'Told', color: 0, colorHex: '#ff9485' });
});
