import { afterEach, describe, expect, it } from 'vitest';
import { appType, definePlugin, Points, secret, Type } from '../../../core/index.ts';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import { serveKeys } from '../keys/serve-keys.ts';

const calls = (more: object = {}) => ({ session: 'ana', app: 'calls', config: { dm: { reject: true } }, ...more });
const serve = async (options: Parameters<typeof serveKeys>[0] = {}) =>
  serveKeys({ ...options, plugins: [{ use: 'apps' }, { use: 'mcp' }, ...(options.plugins ?? [])] });

describe('an app', () => {
  it('is made, listed, changed and deleted with the shapes of WAHA', async () => {
    const { admin } = await serve();
    const made = await admin.post('/api/apps', calls({ id: 'app_own' }));
    expect(made).toMatchObject({
      status: 201,
      body: { id: 'app_own', session: 'ana', app: 'calls', enabled: true, config: { group: { reject: true } } },
    });
    expect((await admin.get('/api/apps?session=ana')).body).toEqual([made.body]);
    expect((await admin.get('/api/apps?session=bob')).body).toEqual([]);
    expect((await admin.get('/api/apps/app_own')).body).toEqual(made.body);
    const changed = await admin.put('/api/apps/app_own', { ...made.body, enabled: false });
    expect(changed).toMatchObject({ status: 200, body: { ...made.body, enabled: false } });
    expect((await admin.post('/api/apps/app_own/purge')).status).toBe(201);
    expect((await admin.remove('/api/apps/app_own')).status).toBe(200);
    for (const answer of [
      await admin.get('/api/apps/app_own'),
      await admin.remove('/api/apps/app_own'),
      await admin.post('/api/apps/app_own/purge'),
      await admin.get('/api/apps?session=nobody'),
      await admin.post('/api/apps', calls({ session: 'nobody' })),
      await admin.put('/api/apps/app_own', calls({ id: 'another' })),
    ]) {
      expect(answer.status).toBe(404);
    }
    expect((await admin.put('/api/apps/app_own', calls())).status).toBe(200);
  });

  it('gets an id that nobody guesses when the client names none', async () => {
    const { admin } = await serve();
    expect((await admin.post('/api/apps', calls())).body.id).toMatch(/^app_[0-9a-z]{26}$/);
  });

  it.each([
    [calls({ config: { dm: { reject: 'yes' } } }), 400, 'config.dm.reject'],
    [calls({ config: { dm: { reject: true, waitBeforeDecline: -1 } } }), 400, 'config.dm.waitBeforeDecline'],
    [calls({ id: 'no id' }), 400, 'id'],
    [calls({ app: 'cals' }), 422, "did you mean 'calls'?"],
    [calls({ session: undefined }), 400, 'session'],
    [{ session: 'ana', app: 'mcp', config: {} }, 400, 'config.actions'],
  ])('is refused with the field that is wrong: %j', async (body, status, why) => {
    const { admin } = await serve();
    const refused = await admin.post('/api/apps', body);
    expect(refused.status).toBe(status);
    expect(String(refused.body.message)).toContain(why);
    expect((await admin.get('/api/apps?session=ana')).body).toEqual([]);
  });

  it('keeps its type and session, and a session has one of a type that is for one', async () => {
    const { admin } = await serve();
    await admin.post('/api/apps', calls({ id: 'one' }));
    for (const body of [calls(), calls({ id: 'one' })]) expect((await admin.post('/api/apps', body)).status).toBe(422);
    const mcp = { app: 'mcp', config: { actions: {} } };
    expect((await admin.put('/api/apps/one', { ...mcp, session: 'ana' })).status).toBe(422);
    expect((await admin.put('/api/apps/one', calls({ session: 'bob' }))).status).toBe(422);
    for (let count = 0; count < 2; count++) {
      expect((await admin.post('/api/apps', { ...mcp, session: 'ana' })).status).toBe(201);
    }
  });

  it('is there after a restart', async () => {
    const database = memoryDatabase();
    const first = await serve({ database });
    const { body } = await first.admin.post('/api/apps', calls());
    await first.close();
    const second = await serve({ database, folder: first.folder });
    expect((await second.admin.get('/api/apps?session=ana')).body).toEqual([body]);
  });

  it('is switched off as a whole or by type', async () => {
    const off = await serveKeys({ plugins: [{ use: 'apps', config: { enabled: false } }] });
    expect((await off.admin.post('/api/apps', calls())).status).toBe(422);
    const some = await serveKeys({ plugins: [{ use: 'apps', config: { off: ['calls'] } }] });
    expect((await some.admin.post('/api/apps', calls())).body.message).toContain('switched off');
  });
});

describe('the apps of a session in its requests', () => {
  it('are made with it, and all of those that it has', async () => {
    const { admin } = await serve();
    const app = calls({ id: 'a1', session: 'new' });
    expect((await admin.post('/api/sessions', { name: 'new', start: false, apps: [app] })).status).toBe(201);
    const shown = async () => (await admin.get('/api/sessions/new?expand=apps')).body.apps;
    expect(await shown()).toMatchObject([{ id: 'a1', session: 'new', app: 'calls' }]);
    expect((await admin.get('/api/sessions?all=true&expand=apps')).body).toHaveLength(3);
    const byType = { app: 'calls', config: { dm: { reject: false } } };
    await admin.put('/api/sessions/new', { config: {}, apps: [byType, { app: 'mcp', config: { actions: {} } }] });
    expect(await shown()).toMatchObject([{ id: 'a1', config: { dm: { reject: false } } }, { app: 'mcp' }]);
    await admin.put('/api/sessions/new', { config: {} });
    await admin.put('/api/sessions/new', { config: {}, apps: null });
    expect(await shown()).toHaveLength(2);
    await admin.put('/api/sessions/new', { config: {}, apps: [] });
    expect(await shown()).toEqual([]);
  });

  it('change nothing where a type refuses what its schema cannot say', async () => {
    const { admin } = await serve({ plugins: [{ use: 'chatwoot' }] });
    const chatwoot = { url: 'http://10.0.0.1', accountId: 1, accountToken: 't', inboxId: 1, inboxIdentifier: 'i' };
    const apps = [{ app: 'chatwoot', config: chatwoot }];
    const refused = await admin.put('/api/sessions/ana', { config: { debug: true }, apps });
    expect(refused).toMatchObject({ status: 422, body: { message: expect.stringContaining('config.url') } });
    expect((await admin.get('/api/sessions/ana')).body.config.debug).toBeUndefined();
    const odd = { ...chatwoot, accountToken: 'two\nlines', accountId: 1.5 };
    expect((await admin.post('/api/apps', { session: 'ana', app: 'chatwoot', config: odd })).body.message).toHaveLength(
      2,
    );
  });

  it('leave no session and no change behind where they are wrong', async () => {
    const { admin } = await serve();
    const wrong = [calls({ session: undefined, config: { dm: { reject: 1 } } })];
    const refused = await admin.post('/api/sessions', { name: 'new', apps: wrong });
    expect(refused).toMatchObject({ status: 400 });
    expect(String(refused.body.message)).toContain('apps.0.config.dm.reject');
    expect((await admin.get('/api/sessions/new')).status).toBe(404);
    expect((await admin.put('/api/sessions/ana', { config: { debug: true }, apps: wrong })).status).toBe(400);
    expect((await admin.get('/api/sessions/ana')).body.config.debug).toBeUndefined();
  });
});

describe('an app of type mcp', () => {
  it('has a key that follows its actions, its switch and its end', async () => {
    const { admin, as } = await serve();
    const app = { id: 'agents', session: 'ana', app: 'mcp', config: { actions: { read: true } } };
    const { key, key_id } = (await admin.post('/api/apps', app)).body.config;
    expect([key, key_id]).toEqual([expect.stringMatching(/^key_/), expect.stringMatching(/^key_id_/)]);
    const statuses = async () => [
      (await as(key).get('/api/sessions/ana')).status,
      (await as(key).post('/api/sessions/ana/stop')).status,
      (await as(key).get('/api/sessions/bob')).status,
    ];
    expect(await statuses()).toEqual([200, 403, 403]);
    const given = { ...app, config: { actions: { control: true }, key: 'mine', key_id: 'key_id_x' } };
    expect((await admin.put('/api/apps/agents', given)).body.config).toEqual({
      actions: { control: true },
      key_id,
      key,
    });
    expect(await statuses()).toEqual([200, 201, 403]);
    expect((await admin.remove(`/api/keys/${key_id}`)).status).toBe(422);
    await admin.put('/api/apps/agents', { ...app, enabled: false });
    expect(await statuses()).toEqual([401, 401, 401]);
    await admin.remove('/api/apps/agents');
    expect((await admin.get('/api/keys')).body).toEqual([]);
  });
});

describe('an app of type mcp where only hashes of keys are kept', () => {
  it('shows its key once, when it is made', async () => {
    const { admin, as } = await serve({ keys: { secrets: 'hashed' } });
    const app = { id: 'agents', session: 'ana', app: 'mcp', config: { actions: { read: true } } };
    const { key } = (await admin.post('/api/apps', app)).body.config;
    expect((await as(key).get('/api/sessions/ana')).status).toBe(200);
    expect((await admin.get('/api/apps/agents')).body.config).toMatchObject({ key: null });
    expect((await admin.put('/api/apps/agents', app)).body.config).toMatchObject({ key: null });
    expect((await as(key).get('/api/sessions/ana')).status).toBe(200);
  });
});

describe('a key', () => {
  it("with the right 'app' manages the apps of its session, and learns nothing of others", async () => {
    const { admin, as, make } = await serve();
    const [mine, theirs] = [calls({ id: 'mine' }), calls({ id: 'theirs', session: 'bob' })];
    await admin.post('/api/apps', theirs);
    const apps = as((await make({ session: 'ana', actions: { app: true } })).key);
    expect((await apps.post('/api/apps', mine)).status).toBe(201);
    expect((await apps.put('/api/apps/mine', mine)).status).toBe(200);
    for (const answer of [
      await apps.post('/api/apps', theirs),
      await apps.get('/api/apps?session=bob'),
      await apps.get('/api/apps/theirs'),
      await apps.get('/api/apps/none'),
      await apps.put('/api/apps/theirs', theirs),
      await apps.put('/api/apps/theirs', mine),
      await apps.put('/api/apps/mine', theirs),
      await apps.remove('/api/apps/theirs'),
      await apps.post('/api/apps/theirs/purge'),
    ]) {
      expect(answer.status).toBe(403);
    }
    const other = as((await make({ session: 'ana', actions: { read: true, setting: true } })).key);
    expect((await other.get('/api/apps?session=ana')).status).toBe(403);
    expect((await other.put('/api/sessions/ana', { config: {}, apps: [] })).status).toBe(403);
    expect((await admin.get('/api/apps?session=ana')).body).toHaveLength(1);
  });
});

describe('a type of apps', () => {
  const heard: unknown[] = [];
  const removed: string[] = [];
  afterEach(() => {
    heard.splice(0);
    removed.splice(0);
  });
  const types = definePlugin({
    name: 'types',
    setup: ({ contribute }) =>
      contribute(
        Points.App,
        appType({
          type: 'spy',
          description: 'Hears everything',
          config: Type.Object({ token: secret(), fails: Type.Optional(Type.Boolean()) }),
          start({ config, on, session }) {
            if (config.fails) throw new Error('it does not want to');
            on('session.status', () => {
              throw new Error('a listener that throws');
            });
            on('session.status', ({ payload }) => void heard.push([session, config.token, payload.status]));
            return () => void heard.push('stopped');
          },
          async remove({ id }) {
            removed.push(id);
          },
        }),
      ),
  });
  const served = async () => serve({ plugins: [{ use: 'types' }], builtins: { types } });
  const spy = (config: object) => ({ id: 'spy', session: 'ana', app: 'spy', config });

  it('hears its session, changes without a reconnect, and ends with its session', async () => {
    const { admin } = await served();
    await admin.post('/api/apps', spy({ token: 'one' }));
    await admin.post('/api/sessions/bob/stop');
    await admin.post('/api/sessions', { name: 'carl', start: false });
    await admin.put('/api/apps/spy', spy({ token: 'two' }));
    expect(heard).toEqual(['stopped']);
    await admin.remove('/api/sessions/ana');
    expect(heard.at(-1)).toBe('stopped');
    expect(removed).toEqual(['spy']);
    await admin.post('/api/sessions', { name: 'ana', start: false });
    expect((await admin.get('/api/apps?session=ana')).body).toEqual([]);
  });

  it('says why an app of it does not run', async () => {
    const { admin } = await served();
    const { body } = await admin.post('/api/apps', spy({ token: 'x', fails: true }));
    expect(body.failure).toBe('it does not want to');
    expect((await admin.put('/api/apps/spy', spy({ token: 'x' }))).body.failure).toBeNull();
  });

  it('has secrets that only who manages apps sees, and that stay when a mask comes back', async () => {
    const { admin, as, make, log } = await served();
    await admin.post('/api/apps', spy({ token: 'the-token' }));
    const reader = as((await make({ session: 'ana', actions: { read: true } })).key);
    const seen = (await reader.get('/api/sessions/ana?expand=apps')).body.apps;
    expect(seen).toMatchObject([{ id: 'spy', config: { token: '********' } }]);
    expect((await admin.put('/api/sessions/ana', { config: {}, apps: seen })).status).toBe(200);
    expect((await admin.get('/api/apps/spy')).body.config).toEqual({ token: 'the-token' });
    expect((await admin.post('/api/apps', { ...spy({ token: '********' }), session: 'bob', id: 'x' })).status).toBe(
      400,
    );
    expect(JSON.stringify(log.lines)).not.toContain('the-token');
  });
});
