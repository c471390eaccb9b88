import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import { storedKeyOf } from '../../../plugins/keys/stored-key.ts';
import { folderOfTest, serveKeys } from './serve-keys.ts';

const unauthorized = { message: 'Unauthorized', statusCode: 401 };

describe('a key', () => {
  it('is made, listed, changed and deleted with the shapes of WAHA', async () => {
    const { admin, as } = await serveKeys();
    const made = await admin.post('/api/keys', { isAdmin: false, session: 'ana', isActive: true });
    expect(made).toMatchObject({
      status: 201,
      body: { isActive: true, isAdmin: false, session: 'ana', actions: null },
    });
    const { id, key } = made.body;
    expect(id).toMatch(/^key_id_[0-9a-z]{26}$/);
    expect(key).toMatch(/^key_[a-zA-Z0-9]{32}$/);
    expect((await admin.get('/api/keys')).body).toMatchObject([{ id, key, session: 'ana' }]);
    expect((await as(key).get('/api/sessions/ana')).status).toBe(200);

    const off = await admin.put(`/api/keys/${id}`, { isAdmin: false, session: 'bob', isActive: false });
    expect(off).toMatchObject({ status: 200, body: { id, key, session: 'bob', isActive: false } });
    expect(await as(key).get('/api/sessions/bob')).toMatchObject({ status: 401, body: unauthorized });

    expect(await admin.remove(`/api/keys/${id}`)).toMatchObject({ status: 200, body: { result: true } });
    expect((await admin.remove(`/api/keys/${id}`)).status).toBe(404);
    expect((await admin.put(`/api/keys/${id}`, { isAdmin: true })).status).toBe(404);
    expect((await admin.get('/api/keys')).body).toEqual([]);
  });

  it.each([
    [{ isAdmin: true, session: 'ana' }, 'an admin key has no session'],
    [{ isAdmin: true, actions: { read: true } }, 'an admin key has no actions'],
    [{ isAdmin: false, session: null }, 'needs a session'],
    [{ isAdmin: false, session: null, actions: { read: true } }, 'needs a session'],
    [{ isAdmin: false, session: 'carl' }, "session 'carl' does not exist"],
    [{ isAdmin: false, sessions: ['ana', 'no name'] }, "'no name' is no name of a session"],
  ])('is refused with 422 when it contradicts itself: %j', async (wish, why) => {
    const { admin, make } = await serveKeys();
    const refused = await admin.post('/api/keys', { isActive: true, ...wish });
    expect(refused.status).toBe(422);
    expect(refused.body.message).toContain(why);
    const { id } = await make({ session: 'ana' });
    expect((await admin.put(`/api/keys/${id}`, { isActive: true, ...wish })).status).toBe(422);
  });

  it('of an admin may do everything, of a session what its actions say', async () => {
    const { as, make } = await serveKeys();
    const admin = as((await make({ isAdmin: true })).key);
    expect((await admin.get('/api/keys')).status).toBe(200);
    const usual = as((await make({ session: 'ana' })).key);
    const statuses = async ({ get, post, put, remove }: typeof usual, session: string) => [
      (await get(`/api/sessions/${session}`)).status,
      (await get(`/api/${session}/chats`)).status,
      (await post(`/api/sessions/${session}/stop`)).status,
      (await put(`/api/sessions/${session}`)).status,
      (await get('/api/keys')).status,
      (await remove(`/api/sessions/${session}`)).status,
    ];
    expect(await statuses(usual, 'bob')).toEqual([403, 403, 403, 403, 403, 403]);
    expect(await statuses(usual, 'ana')).toEqual([200, 422, 201, 200, 403, 403]);
    const reader = as((await make({ session: 'ana', actions: { read: true } })).key);
    expect(await statuses(reader, 'ana')).toEqual([200, 422, 403, 403, 403, 403]);
    const nothing = as((await make({ session: 'ana', actions: {} })).key);
    expect(await statuses(nothing, 'ana')).toEqual([200, 403, 403, 403, 403, 403]);
    const remover = as((await make({ session: 'ana', actions: { delete: true } })).key);
    expect(await statuses(remover, 'ana')).toEqual([200, 403, 403, 403, 403, 200]);
  });

  it('may be sent as a Bearer token or in the query, and a header wins', async () => {
    const { runtime, make } = await serveKeys();
    const { key } = await make({ session: 'ana' });
    const status = async (query: string, headers: Record<string, string> = {}) =>
      (await fetch(`${runtime.url}/api/sessions/ana${query}`, { headers })).status;
    expect(await status('', { authorization: `Bearer ${key}` })).toBe(200);
    expect(await status(`?x-api-key=${key}`)).toBe(200);
    expect(await status(`?X-Api-Key=${key}`)).toBe(200);
    expect(await status(`?x-api-key=${key}`, { 'x-api-key': 'wrong' })).toBe(401);
    expect(await status('?x-api-key=wrong', { 'x-api-key': key })).toBe(200);
  });

  it('lists its own sessions only, without their secrets unless it may change them', async () => {
    const { admin, as, make } = await serveKeys();
    const config = { proxy: { server: 'proxy:3128', password: 'hidden' } };
    await admin.put('/api/sessions/ana', { config });
    await admin.put('/api/sessions/bob', { config });
    const seen = async (actions: object | null) => {
      const { key } = await make({ session: 'ana', actions });
      return (await as(key).get('/api/sessions?all=true')).body;
    };
    expect(await seen(null)).toMatchObject([{ name: 'ana', config }]);
    const [only, ...others] = await seen({ read: true });
    expect(others).toEqual([]);
    expect(JSON.stringify(only)).not.toContain('hidden');
    expect(JSON.stringify((await admin.get('/api/sessions?all=true')).body)).toContain('hidden');
  });

  it('opens several sessions, and those that begin as it says', async () => {
    const { as, admin, make } = await serveKeys({ sessions: ['ana', 'bob', 'support-1', 'supporter'] });
    const wide = await make({ sessions: ['ana', 'support-*'] });
    expect(wide).toMatchObject({ session: null, sessions: ['ana', 'support-*'] });
    const names = async () =>
      (await as(wide.key).get('/api/sessions?all=true')).body.map(({ name }: { name: string }) => name);
    expect(await names()).toEqual(['ana', 'support-1']);
    expect((await as(wide.key).get('/api/sessions/supporter')).status).toBe(403);
    expect((await as(wide.key).post('/api/sessions', { name: 'support-2', start: false })).status).toBe(201);
    expect(await names()).toEqual(['ana', 'support-1', 'support-2']);
    for (const name of ['other', undefined, '', null]) {
      expect((await as(wide.key).post('/api/sessions', { name, start: false })).status).toBe(403);
    }
    const off = await admin.put(`/api/keys/${wide.id}`, { isAdmin: false, session: null, isActive: false });
    expect(off.body).toMatchObject({ isActive: false, sessions: ['ana', 'support-*'] });
  });

  it('expires, says when it was used, and keeps a note', async () => {
    const { admin, as, clock, make } = await serveKeys();
    const expiresAt = clock.now() + 60_000;
    const { id, key } = await make({ session: 'ana', note: 'the shop', expiresAt });
    expect((await as(key).get('/api/sessions/ana')).status).toBe(200);
    const used = clock.now();
    await clock.pass(60_000);
    expect((await as(key).get('/api/sessions/ana')).status).toBe(401);
    expect((await admin.get('/api/keys')).body).toMatchObject([{ id, note: 'the shop', expiresAt, lastUsedAt: used }]);
  });

  it('may make so many requests, and is told when to come again', async () => {
    const { as, clock, make } = await serveKeys();
    const { key } = await make({ session: 'ana', rateLimit: { requests: 2, seconds: 10 } });
    const status = async () => (await as(key).get('/api/sessions/ana')).status;
    expect([await status(), await status()]).toEqual([200, 200]);
    const refused = await as(key).get('/api/sessions/ana');
    expect(refused).toMatchObject({ status: 429 });
    expect(refused.headers.get('retry-after')).toBe('5');
    await clock.pass(5_000);
    expect([await status(), await status()]).toEqual([200, 429]);
  });

  it('gets a new value, while the old one still opens for a while', async () => {
    const { admin, as, clock, make } = await serveKeys();
    const { id, key } = await make({ session: 'ana' });
    const rotated = await admin.post(`/api/keys/${id}/rotate`, { overlapSeconds: 60 });
    expect(rotated).toMatchObject({ status: 201, body: { id, previousKeyUntil: clock.now() + 60_000 } });
    const status = async (value: string) => (await as(value).get('/api/sessions/ana')).status;
    expect([await status(key), await status(rotated.body.key)]).toEqual([200, 200]);
    await clock.pass(60_000);
    expect([await status(key), await status(rotated.body.key)]).toEqual([401, 200]);
    const again = await admin.post(`/api/keys/${id}/rotate`, { overlapSeconds: 0 });
    expect([await status(rotated.body.key), await status(again.body.key)]).toEqual([401, 200]);
  });

  it('opens with each of its values to the end of their time, over a restart, and with twenty at most', async () => {
    const [database, folder] = [memoryDatabase(), folderOfTest()];
    const first = await serveKeys({ database, folder });
    const { id, key } = await first.make({ session: 'ana' });
    const rotate = async (overlapSeconds: number) =>
      (await first.admin.post(`/api/keys/${id}/rotate`, { overlapSeconds })).body;
    const second = await rotate(60);
    const third = await rotate(10);
    expect(third.previousKeyUntil).toBe(first.clock.now() + 60_000);
    const statuses = async ({ as }: typeof first, ...values: string[]) =>
      Promise.all(values.map(async (value) => (await as(value).get('/api/sessions/ana')).status));
    expect(await statuses(first, key, second.key, third.key)).toEqual([200, 200, 200]);
    await first.close();
    const later = await serveKeys({ database, folder });
    await later.clock.pass(10_000);
    expect(await statuses(later, key, second.key, third.key)).toEqual([200, 401, 200]);
    for (let times = 0; times < 20; times++) await later.admin.post(`/api/keys/${id}/rotate`, { overlapSeconds: 60 });
    expect(await statuses(later, key, third.key)).toEqual([401, 200]);
    const last = (await later.admin.post(`/api/keys/${id}/rotate`, { overlapSeconds: 0 })).body;
    expect(last.previousKeyUntil).toBeNull();
    expect(await statuses(later, third.key, last.key)).toEqual([401, 200]);
  });

  it('that an earlier version kept is read', () => {
    const previous = { hash: 'a', until: 1 };
    const kept = { id: 'key_id_a', previous } as unknown as Parameters<typeof storedKeyOf>[0];
    expect([storedKeyOf(kept).previous, storedKeyOf({ ...kept, previous: null }).previous]).toEqual([[previous], []]);
  });

  it('has a minute for its requests unless it says otherwise, and rights that exist', async () => {
    const { admin } = await serveKeys();
    const wish = { isAdmin: false, isActive: true, session: 'ana' };
    const made = await admin.post('/api/keys', { ...wish, rateLimit: { requests: 5 } });
    expect(made).toMatchObject({ status: 201, body: { rateLimit: { requests: 5, seconds: 60 } } });
    for (const ask of [admin.post, (path: string, body: object) => admin.put(`${path}/${made.body.id}`, body)]) {
      const refused = await ask('/api/keys', { ...wish, actions: { read: true, sent: true } });
      expect([refused.status, refused.body.message]).toEqual([400, ["actions.sent is unknown; did you mean 'send'?"]]);
    }
  });

  it('goes with its session, and no later session of that name is opened by it', async () => {
    const { admin, as, make } = await serveKeys();
    const one = await make({ session: 'ana' });
    const two = await make({ sessions: ['ana', 'bob'] });
    await admin.remove('/api/sessions/ana');
    expect((await admin.get('/api/keys')).body).toMatchObject([{ id: two.id, session: 'bob' }]);
    await admin.post('/api/sessions', { name: 'ana', start: false });
    expect((await as(one.key).get('/api/sessions/ana')).status).toBe(401);
    expect((await as(two.key).get('/api/sessions/ana')).status).toBe(403);
  });

  it.each(['deleted', 'switched off', 'changed'])('that is %s ends the websockets that it opened', async (what) => {
    const { admin, make, runtime } = await serveKeys({ plugins: [{ use: 'websocket' }] });
    const { id, key } = await make({ session: 'ana' });
    const socket = new WebSocket(`${runtime.url?.replace('http', 'ws')}/ws?x-api-key=${key}`);
    await new Promise((resolve) => socket.once('open', resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const isActive = what !== 'switched off';
    if (what === 'deleted') await admin.remove(`/api/keys/${id}`);
    else await admin.put(`/api/keys/${id}`, { isAdmin: false, session: 'ana', isActive, actions: { send: true } });
    expect(await closed).toBe(1008);
  });
});

describe('keys for media and control', () => {
  it('are made once, and open what they are for', async () => {
    const { as, make } = await serveKeys({ plugins: [{ use: 'files', config: { folder: folderOfTest() } }] });
    const usual = as((await make({ session: 'ana' })).key);
    for (const what of ['media', 'control']) {
      const first = await usual.post(`/api/keys/${what}`, { session: 'ana' });
      expect(first).toMatchObject({ status: 201, body: { id: `key_id_${what}_ana`, session: 'ana', isAdmin: false } });
      expect((await usual.post(`/api/keys/${what}`, { session: 'ana' })).body).toEqual(first.body);
      const one = as(first.body.key);
      expect((await one.get('/api/files/ana/none.jpg')).status).toBe(404);
      expect((await one.get('/api/files/bob/none.jpg')).status).toBe(403);
      expect((await one.get('/api/ana/chats')).status).toBe(403);
      expect((await one.post('/api/sessions/ana/stop')).status).toBe(what === 'control' ? 201 : 403);
      expect((await one.post('/api/keys/control', { session: 'ana' })).status).toBe(what === 'control' ? 201 : 403);
    }
    expect((await usual.post('/api/keys/media', { session: 'bob' })).status).toBe(403);
  });

  it('need a session that exists', async () => {
    const { admin } = await serveKeys();
    expect((await admin.post('/api/keys/media', { session: 'none' })).status).toBe(422);
    expect((await admin.post('/api/keys/media', {})).status).toBe(400);
  });
});

describe('secrets at rest', () => {
  const stored = async (database: ReturnType<typeof memoryDatabase>) => {
    const rows = await database.open({
      name: 'plugin_storage',
      columns: { plugin: { type: 'text' }, key: { type: 'text' }, value: { type: 'json' } },
      key: ['plugin', 'key'],
    } as const);
    return JSON.stringify(await rows.find());
  };

  it('are encrypted with a generated key that is for the owner alone, and survive a restart', async () => {
    const [database, folder] = [memoryDatabase(), folderOfTest()];
    const first = await serveKeys({ database, folder });
    const { key } = await first.make({ session: 'ana' });
    expect(await stored(database)).not.toContain(key.slice(4));
    expect(statSync(`${folder}/keys.secret`).mode & 0o777).toBe(0o600);
    await first.close();
    const second = await serveKeys({ database, folder });
    expect((await second.as(key).get('/api/sessions/ana')).status).toBe(200);
    expect((await second.admin.get('/api/keys')).body).toMatchObject([{ key }]);
  });

  it.each(['another', 'none'])('end the start with a sentence when the key is %s', async (what) => {
    const [database, folder] = [memoryDatabase(), folderOfTest()];
    const first = await serveKeys({ database, folder });
    await first.make({ session: 'ana' });
    await first.close();
    const file = what === 'none' ? `${folder}/gone` : `${folder}/keys.secret`;
    if (what === 'another') writeFileSync(file, Buffer.alloc(32, 1).toString('base64'));
    await expect(serveKeys({ database, folder, keys: { file } })).rejects.toThrow(/keys.*encrypted with/s);
  });

  it('are hashes alone when the YAML says so, and are shown once', async () => {
    const [database, folder] = [memoryDatabase(), folderOfTest()];
    const first = await serveKeys({ database, folder });
    const old = await first.make({ session: 'ana' });
    await first.close();
    const second = await serveKeys({ database, folder, keys: { secrets: 'hashed' } });
    const { key } = await second.make({ session: 'ana' });
    expect((await second.admin.get('/api/keys')).body).toMatchObject([{ key: '********' }, { key: '********' }]);
    for (const value of [old.key, key]) expect((await second.as(value).get('/api/sessions/ana')).status).toBe(200);
    expect(await stored(database)).not.toContain('"sealed":"');
    const media = await second.admin.post('/api/keys/media', { session: 'ana' });
    const again = await second.admin.post('/api/keys/media', { session: 'ana' });
    for (const { body } of [media, again])
      expect((await second.as(body.key).get('/api/sessions/ana')).status).toBe(200);
  });

  it('never reach the log', async () => {
    const { admin, as, make, log } = await serveKeys();
    const { id, key } = await make({ session: 'ana' });
    await as(key).get('/api/sessions/bob');
    await admin.remove(`/api/keys/${id}`);
    await as(key).get(`/api/sessions/bob?x-api-key=${key}`);
    expect(JSON.stringify(log.lines)).not.toContain(key);
  });
});

describe('keys of the YAML', () => {
  const digest = createHash('sha512').update('hash-of-the-yaml').digest('hex');
  const keys = [
    { name: 'shop', key: 'key-of-the-yaml', sessions: ['ana'], actions: { read: true } },
    { name: 'boss', key: `sha512:${digest}`, admin: true },
  ];

  it('open what they say, are shown without their value, and cannot be changed', async () => {
    const { admin, as } = await serveKeys({ keys: { keys } });
    expect((await as('key-of-the-yaml').get('/api/sessions/ana')).status).toBe(200);
    expect((await as('key-of-the-yaml').post('/api/sessions/ana/stop')).status).toBe(403);
    expect((await as('hash-of-the-yaml').get('/api/keys')).body).toMatchObject([
      { id: 'key_id_shop', key: '********', session: 'ana', createdAt: null },
      { id: 'key_id_boss', key: '********', isAdmin: true },
    ]);
    expect((await admin.remove('/api/keys/key_id_shop')).status).toBe(422);
    expect((await admin.put('/api/keys/key_id_shop', { isAdmin: true })).status).toBe(422);
    await admin.remove('/api/sessions/ana');
    expect((await admin.get('/api/keys')).body).toHaveLength(2);
  });

  it.each([
    [{ name: 'a', key: 'long-enough' }, 'needs sessions'],
    [{ name: 'a', key: 'long-enough', admin: true, sessions: ['x'] }, 'neither sessions nor actions'],
    [{ name: 'shop', key: 'long-enough', sessions: ['x'] }, "there is another key 'shop'"],
  ])('that contradict themselves end the start: %j', async (key, why) => {
    await expect(serveKeys({ keys: { keys: [...keys, key] } })).rejects.toThrow(why);
  });
});

describe('the default deployment', () => {
  it('has the plugin', () => {
    expect(readFileSync('waha.config.yaml', 'utf8')).toContain('use: keys');
  });
});
