import { deflateSync } from 'node:zlib';
import { proto } from '@whiskeysockets/baileys';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { WAMessage } from '../../core/index.ts';
import { lidJid } from '../../plugins/sandbox/wire/jids.ts';
import { png } from '../support/conversation.ts';
import { World } from '../support/world.ts';

const session = 'inbox';
const phone = '4915300003001';
const ana = '4915300003002';
const chatId = `${ana}@c.us`;
const lid = lidJid(ana);
const store = { noweb: { store: { enabled: true } } };
/** Chats 0 and 1 are groups, 2 and 3 go by hidden ids. */
const past = { chats: 20, messages: 200, groups: 2, lids: 2, media: 20, older: 40, perPart: 60 };
const member = (index: number): string => String(4_917_000_000_000 + index);

let world: World;
beforeAll(async () => {
  world = await World.start({ files: {} });
  world.sandbox.phone(phone, { name: 'Shop' }).history = past;
  world.sandbox.contact(ana, { name: 'Ana' });
  await world.link(session, phone, store);
  await historyIsThere(session);
});
afterAll(() => world?.close());

/** Waits for the last part by asking for it: a history is no event. */
const historyIsThere = async (name: string): Promise<void> => {
  const oldest = `/api/${name}/chats/${member(19)}/messages?limit=100&sortOrder=asc&downloadMedia=false`;
  await until(async () => expect((await world.api.get(oldest)).body).toHaveLength(10));
};
const until = (check: () => Promise<unknown>): Promise<unknown> => vi.waitFor(check, { timeout: 50_000, interval: 50 });

const get = async (path: string, name = session) => {
  const { status, body } = await world.api.get(`/api/${name}${path}`);
  expect([path, status, status === 200 ? '' : body]).toEqual([path, 200, '']);
  return body;
};
const messages = (query = 'limit=100', chat = chatId): Promise<WAMessage[]> => get(`/chats/${chat}/messages?${query}`);
const contact = () => world.sandbox.contact(ana);
/** Ana's chat as events name it. */
const heardId = () => world.namesOf(ana).from;
const heard = (text: string) =>
  world.hooks.next('message', ({ payload }) => (payload as { body?: string }).body === text);
/** Says something and waits until the session has told of it. */
const says = async (text: string): Promise<string> => {
  const { id } = await contact().send(phone, text);
  await heard(text);
  return id;
};
const send = async (text: string, to = chatId): Promise<WAMessage> => {
  const { status, body } = await world.api.post('/api/sendText', { session, chatId: to, text });
  expect(status).toBe(201);
  return body;
};

const acked = (id: string, step: number) =>
  world.hooks.next('message.ack', ({ payload }) => {
    const { id: about, ack } = payload as { id: string; ack: number };
    return about === id && ack === step;
  });

describe('the history', () => {
  it('fills chats, messages and contacts, and publishes nothing', async () => {
    const chats = await get('/chats?limit=1000');
    expect(chats).toHaveLength(20);
    expect(chats[0]).toMatchObject({ id: `${member(19)}@c.us`, name: 'User 0019', archived: true, unreadCount: 0 });
    const group = chats.find(({ id }: { id: string }) => id === '120363000000000000@g.us');
    expect(group).toMatchObject({ name: 'Group 0', unreadCount: 1, archived: false });
    const inGroup = await messages('limit=100', group.id);
    expect(inGroup).toHaveLength(10);
    expect(inGroup.find(({ fromMe }) => !fromMe)).toMatchObject({ participant: expect.stringMatching(/@c\.us$/) });
    expect((await world.api.get(`/api/contacts/all?session=${session}&limit=1000`)).body).toHaveLength(18);
    expect(world.hooks.all.filter(({ event }) => event.event.startsWith('message'))).toEqual([]);
  });

  it('is paged, sorted and filtered', async () => {
    const chat = member(7);
    const page = (query: string) => get(`/chats/${chat}/messages?downloadMedia=false&${query}`);
    const numbers = (found: WAMessage[]) => found.map(({ body }) => Number(/\d+/.exec(body ?? '')?.[0]));
    expect(numbers(await page('limit=2'))).toEqual([187, 167]);
    expect(numbers(await page('limit=2&offset=2'))).toEqual([147, 127]);
    expect(numbers(await page('limit=2&sortOrder=asc&offset=1'))).toEqual([27, 47]);
    expect(numbers(await page('limit=10&filter.fromMe=true'))).toEqual([147, 87, 27]);
    expect(numbers(await page('limit=10&filter.ack=READ'))).toEqual([147, 87, 27]);
    const [{ timestamp }] = await page('limit=1&offset=3');
    expect(numbers(await page(`limit=10&filter.timestamp.gte=${timestamp}`))).toEqual([187, 167, 147, 127]);
    expect(numbers(await page(`limit=1&filter.timestamp.lte=${timestamp}`))).toEqual([127]);
    const old = await world.api.get(`/api/messages?session=${session}&chatId=${chat}&limit=3&downloadMedia=false`);
    expect(numbers(old.body)).toEqual([187, 167, 147]);
    const byName = await get('/chats?sortBy=name&sortOrder=asc&limit=3');
    expect(byName.map(({ name }: { name: string }) => name)).toEqual(['Group 0', 'Group 1', 'User 0002']);
  });

  it('knows the two names of people, and answers to both', async () => {
    const hidden = lidJid(member(2));
    expect(await get('/lids/count')).toEqual({ count: 18 });
    expect(await get('/lids?limit=2&offset=1')).toHaveLength(2);
    for (const path of [
      `/lids/${hidden}`,
      `/lids/${hidden.split('@')[0]}`,
      `/lids/pn/${member(2)}`,
      `/lids/pn/${member(2)}@c.us`,
    ])
      expect(await get(path)).toEqual({ lid: hidden, pn: `${member(2)}@c.us` });
    expect(await messages('limit=100', member(2))).toEqual(await messages('limit=100', hidden));
    expect(await get(`/contacts/${hidden}`)).toMatchObject({ id: `${member(2)}@c.us`, pushname: 'User 0002' });
    const [chat] = await get(`/chats/overview?ids=${member(2)}`);
    expect(chat).toMatchObject({ id: `${member(2)}@c.us`, name: 'User 0002', lastMessage: { from: hidden } });
    expect(await get(`/chats/overview?merge=false&ids=${hidden}`)).toMatchObject([{ id: hidden }]);
  });

  it('has the files of its messages', async () => {
    const chat = `/chats/${member(7)}/messages`;
    const [plain] = await get(`${chat}?sortOrder=asc&limit=1&downloadMedia=false`);
    expect(plain).toMatchObject({ hasMedia: true, media: { url: null, mimetype: 'image/png' } });
    const [message] = await get(`${chat}?sortOrder=asc&limit=1`);
    expect(message.id).toBe(plain.id);
    const { body } = await world.api.get(new URL(message.media.url).pathname);
    expect((body as Buffer).toString('base64')).toBe(png);
  });

  it('is none that somebody else tells of', async () => {
    const conversations = [{ id: '4915399999999@s.whatsapp.net', conversationTimestamp: 1_700_000_000 }];
    const syncType = proto.HistorySync.HistorySyncType.RECENT;
    const payload = deflateSync(proto.HistorySync.encode({ syncType, conversations }).finish());
    const historySyncNotification = { syncType: 3, initialHistBootstrapInlinePayload: payload };
    const eve = world.sandbox.contact('4915300003003');
    await eve.send(phone, { protocolMessage: { type: 5, historySyncNotification } });
    await eve.send(phone, 'me, not your phone');
    await heard('me, not your phone');
    expect(await get('/chats/overview?ids=4915399999999')).toEqual([]);
  });

  it('goes on after a restart where its download did not succeed', async () => {
    const late = '4915300003013';
    world.sandbox.phone(late, { name: 'Late' }).history = past;
    const fault = world.sandbox.faults.set({ kind: 'media', how: 'status', status: 503, phone: late });
    await world.link('late', late, store);
    await until(async () => expect(await get('/chats?limit=1000', 'late')).toHaveLength(20));
    await world.api.post('/api/sessions/late/stop');
    fault.clear();
    await world.api.post('/api/sessions/late/start');
    await historyIsThere('late');
    await world.api.delete('/api/sessions/late');
  });

  it('leaves out what is older than three months, unless all of it is wanted', async () => {
    world.sandbox.phone('4915300003009', { name: 'Year' }).history = past;
    await world.link('year', '4915300003009', { noweb: { store: { enabled: true, fullSync: true } } });
    const chat = `/api/year/chats/${member(7)}/messages?limit=100&downloadMedia=false`;
    await until(async () => expect((await world.api.get(chat)).body).toHaveLength(12));
    expect(await messages('limit=100&downloadMedia=false', member(7))).toHaveLength(10);
    await world.api.delete('/api/sessions/year');
  });
});

describe('live messages', () => {
  it('are read back, newest first, and change the overview', async () => {
    await says('one');
    const sent = await send('two');
    const [newest, oldest] = await messages();
    expect(newest).toMatchObject({ id: sent.id, body: 'two', fromMe: true, source: 'api' });
    expect(oldest).toMatchObject({ body: 'one', fromMe: false, ...world.namesOf(ana), source: 'app' });
    // Another chat may have had its message in the same second.
    const [overview] = await get(`/chats/overview?ids=${ana}`);
    expect(overview).toMatchObject({ id: chatId, name: 'Ana', picture: null, lastMessage: { body: 'two' } });
    expect(overview._chat).toMatchObject({ id: chatId, unreadCount: 1, lid, pn: chatId });
    const body = { pagination: { limit: 1 }, filter: { ids: [ana, member(5)] } };
    expect((await world.api.post(`/api/${session}/chats/overview`, body)).body).toMatchObject([{ id: chatId }]);
  });

  it('say by which names their people and groups go', async () => {
    const [heardMessage] = await messages('filter.fromMe=false');
    expect(heardMessage?._data).toMatchObject({
      key: { remoteJid: contact().address, remoteJidAlt: `${ana}@s.whatsapp.net` },
    });
    const bob = '4915300003020';
    await send('hello Bob', `${bob}@c.us`);
    await until(async () =>
      expect((await get(`/chats/overview?ids=${bob}`))[0]._chat).toMatchObject({ lid: lidJid(bob) }),
    );
    const friends = world.sandbox.group({ subject: 'Friends', owner: ana, participants: [phone] });
    await contact().send(friends.jid, 'to all');
    await heard('to all');
    await until(async () =>
      expect(await get(`/chats/overview?ids=${friends.jid}`)).toMatchObject([{ name: 'Friends' }]),
    );
  });

  it('are shown with their newest ack', async () => {
    const { id } = await send('seen?');
    const arrived = await contact().waitForMessage(({ text }) => text === 'seen?');
    await acked(id, 2);
    contact().read(arrived.id);
    await acked(id, 3);
    expect(await get(`/chats/${chatId}/messages/${id}`)).toMatchObject({ id, ack: 3, ackName: 'READ' });
    expect(await messages('filter.ack=READ')).toMatchObject([{ id }]);
  });

  it('are shown as they are after an edit, with reactions, and no more after a revocation', async () => {
    const id = await says('teh');
    const edit = { key: { id, fromMe: true }, type: 14, editedMessage: { conversation: 'the' } };
    await contact().send(phone, { protocolMessage: edit });
    await world.hooks.next('message.edited', ({ payload }) => (payload as { body?: string }).body === 'the');
    const full = `false_${heardId()}_${id}`;
    const reaction = await world.api.put('/api/reaction', { session, messageId: full, reaction: '👍' });
    expect(reaction.status).toBe(200);
    const path = `/chats/${ana}/messages/${id}`;
    await until(async () => expect((await get(path))._data.reactions).toMatchObject([{ text: '👍' }]));
    expect(await get(path)).toMatchObject({ id: full, body: 'the' });
    await contact().send(phone, { protocolMessage: { key: { id, fromMe: true }, type: 0 } });
    await world.hooks.next('message.revoked', ({ payload }) => {
      return (payload as { revokedMessageId?: string }).revokedMessageId === id;
    });
    expect((await world.api.get(`/api/${session}${path}`)).status).toBe(404);
    expect((await messages()).map(({ body }) => body)).not.toContain('the');
  });

  it('of others are not changed by who did not write them', async () => {
    const id = await says('mine alone');
    const eve = world.sandbox.contact('4915300003003');
    await eve.send(phone, {
      protocolMessage: { key: { id, fromMe: true }, type: 14, editedMessage: { conversation: 'x' } },
    });
    await eve.send(phone, { protocolMessage: { key: { id, fromMe: true }, type: 0 } });
    await eve.send(phone, 'done');
    await heard('done');
    expect(await get(`/chats/${chatId}/messages/${id}`)).toMatchObject({ body: 'mine alone' });
  });

  it('make one chat, under whichever name they come', async () => {
    contact().addressing = 'pn';
    await says('by number');
    contact().addressing = 'lid';
    await says('hidden');
    const chats = await get('/chats/overview');
    expect(chats.filter(({ name }: { name: string }) => name === 'Ana')).toMatchObject([
      { id: chatId, lastMessage: { body: 'hidden', from: lid } },
    ]);
    for (const chat of [chatId, lid]) {
      const bodies = (await messages('limit=2', chat)).map(({ body }) => body);
      expect(bodies.sort()).toEqual(['by number', 'hidden']);
    }
    const apartBodies = async (id: string) => (await messages('limit=100&merge=false', id)).map(({ body }) => body);
    expect([await apartBodies(lid), await apartBodies(chatId)]).toEqual([
      expect.not.arrayContaining(['by number']),
      expect.not.arrayContaining(['hidden']),
    ]);
    const apart = await get('/chats?merge=false');
    expect(apart.filter(({ name }: { name: string }) => name === 'Ana')).toHaveLength(2);
  });

  it('are archived and marked as one chat, by either name', async () => {
    const chat = async () => (await get(`/chats/overview?ids=${ana}`))[0]._chat;
    const post = (id: string, what: string) => world.api.post(`/api/${session}/chats/${id}/${what}`);
    for (const [one, other] of [
      [chatId, lid],
      [lid, chatId],
    ] as const) {
      expect((await post(one, 'archive')).status).toBe(201);
      expect(await chat()).toMatchObject({ archived: true });
      expect((await post(other, 'unarchive')).status).toBe(201);
      expect(await chat()).toMatchObject({ archived: false });
      expect((await post(one, 'unread')).status).toBe(201);
      expect(await chat()).toMatchObject({ unreadCount: -1 });
      const seen = await world.api.post('/api/sendSeen', { session, chatId: other });
      expect(seen.status).toBe(201);
    }
    for (const address of [lid, `${ana}@s.whatsapp.net`]) {
      for (const archive of [true, false]) {
        await world.sandbox.phone(phone).account.change({ archive, lastMessages: [] }, address);
        await until(async () => expect(await chat()).toMatchObject({ archived: archive }));
      }
    }
  });

  it('are marked as read, and then the chat has nothing unread', async () => {
    const id = await says('read me');
    const receipt = world.sandbox.next('receipt', ({ ids, type }) => ids.includes(id) && type.startsWith('read'));
    const { status, body } = await world.api.post(`/api/${session}/chats/${chatId}/messages/read?messages=100&days=1`);
    expect([status, body.ids]).toEqual([201, expect.arrayContaining([`false_${heardId()}_${id}`])]);
    await receipt;
    const [chat] = await get(`/chats/overview?ids=${chatId}`);
    expect(chat._chat.unreadCount).toBe(0);
  });

  it('are all there after a restart', async () => {
    const before = await get('/chats/overview?limit=100');
    await world.reboot();
    await until(async () => expect((await world.api.get(`/api/sessions/${session}`)).body.status).toBe('WORKING'));
    expect(await get('/chats/overview?limit=100')).toEqual(before);
  });
});

describe('what is not there', () => {
  it('is a 4xx that says so', async () => {
    const status = async (path: string) => (await world.api.get(path)).status;
    const base = `/api/${session}`;
    expect(await status(`${base}/chats/nobody/messages`)).toBe(422);
    expect(await status(`${base}/chats/no%20body/messages`)).toBe(400);
    expect(await status(`${base}/chats/${chatId}/messages?limit=-1`)).toBe(400);
    expect(await status(`${base}/chats/${chatId}/messages?filter.ack=NO`)).toBe(400);
    expect(await status(`${base}/chats?sortBy=colour`)).toBe(400);
    expect(await status(`${base}/chats/overview?ids=${chatId}&ids=wh%20at`)).toBe(400);
    expect(await status(`${base}/chats/${chatId}/messages/UNKNOWN`)).toBe(404);
    expect(await status(`${base}/chats/${chatId}/messages/what_ever`)).toBe(400);
    expect(await status(`${base}/lids/what`)).toBe(400);
    expect(await status(`${base}/lids/pn/wh%20at`)).toBe(400);
    expect(await status('/api/nobody/chats')).toBe(404);
    expect(await get('/chats/4915399999999/messages')).toEqual([]);
    expect(await get('/contacts/4915399999999')).toBeNull();
  });
});

describe('a session without a store', () => {
  it('says how to get one, and knows hidden ids all the same', async () => {
    world.sandbox.phone('4915300003010', { name: 'Plain' }).history = past;
    await world.link('plain', '4915300003010');
    const paths = ['/chats', '/chats/overview', `/chats/${ana}/messages`, `/contacts/${ana}`, '/lids', '/lids/count'];
    for (const path of paths) {
      const { status, body } = await world.api.get(`/api/plain${path}`);
      expect([path, status, body.message[0]]).toEqual([path, 400, expect.stringContaining('noweb.store.enabled')]);
      expect(body.message[0]).toContain('noweb.store.fullSync');
    }
    const hidden = { lid, pn: chatId };
    expect(await get(`/lids/pn/${ana}`, 'plain')).toEqual(hidden);
    expect(await get(`/lids/${lid}`, 'plain')).toEqual(hidden);
  });
});

describe('ignored chats', () => {
  it('are not stored, neither from the history nor live', async () => {
    world.sandbox.phone('4915300003011', { name: 'Quiet' }).history = past;
    await world.link('quiet', '4915300003011', { ...store, ignore: { groups: true } });
    await historyIsThere('quiet');
    const chats = await get('/chats?limit=1000', 'quiet');
    expect(chats).toHaveLength(18);
    expect(await get('/chats/120363000000000000@g.us/messages', 'quiet')).toEqual([]);
  });
});

describe('logging out', () => {
  it('forgets what was kept: the next account may be another one', async () => {
    const number = '4915300003014';
    world.sandbox.phone(number, { name: 'First' }).history = { chats: 2, messages: 4 };
    await world.link('out', number, store);
    await until(async () => expect(await get('/chats', 'out')).toHaveLength(2));
    const from = await world.mark();
    expect((await world.api.post('/api/sessions/out/logout')).status).toBe(201);
    world.sandbox.phone('4915300003015', { name: 'Second' });
    await world.scan('out', '4915300003015');
    await world.hooks.status('out', 'WORKING', from);
    expect(await get('/chats', 'out')).toEqual([]);
    expect(await get(`/chats/${member(0)}/messages`, 'out')).toEqual([]);
  });
});

describe('deleting a session', () => {
  it('removes all that it kept', async () => {
    await world.api.delete('/api/sessions/quiet');
    world.sandbox.phone('4915300003012', { name: 'New' });
    await world.link('quiet', '4915300003012', store);
    expect(await get('/chats', 'quiet')).toEqual([]);
    expect(await get('/lids/count', 'quiet')).toEqual({ count: 0 });
  });
});
