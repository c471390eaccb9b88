import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../../../support/clock.ts';
import { apiOnFakes, readerKey } from '../api.ts';

let api: Awaited<ReturnType<typeof apiOnFakes>>;
beforeEach(async () => {
  api = await apiOnFakes();
});
afterEach(() => api.close());

const create = (name = 'default', rest: object = {}) => api.post('/api/sessions', { name, ...rest });
const work = async (name = 'default') => {
  await create(name);
  await settle();
  api.engine.last.open();
  await settle();
};
/** As a key without `setting` sees it. */
const read = async (path: string) => ({
  body: await (await api.call(path, { headers: { 'x-api-key': readerKey } })).json(),
});
const namesOf = ({ body }: { body: unknown }) => (body as { name: string }[]).map(({ name }) => name);

describe('POST /api/sessions', () => {
  it('creates a session and starts it', async () => {
    const config = {
      metadata: { team: 'a' },
      webhooks: [{ url: 'https://x.example/', events: ['*'], hmac: { key: 'k' } }],
    };
    expect(await create('default', { config })).toEqual({
      status: 201,
      body: { name: 'default', status: 'STARTING', config },
    });
  });

  it('shows secrets of a config to whoever may change it, and to nobody else', async () => {
    const config = {
      proxy: { server: 'http://u:secret1@proxy:3128', password: 'secret2' },
      webhooks: [
        {
          ...{ url: 'https://x.example/', events: ['*'], hmac: { key: 'secret3' } },
          customHeaders: [{ name: 'Authorization', value: 'secret4' }],
        },
      ],
    };
    const answers = [
      await create('default', { config }),
      await api.get('/api/sessions?all=true'),
      await api.get('/api/sessions?all=true&expand=apps'),
      await api.get('/api/sessions/default'),
      await api.put('/api/sessions/default', { config }),
      await api.post('/api/sessions/default/restart'),
      await api.post('/api/sessions/default/stop'),
      await api.post('/api/sessions/default/start'),
      await api.post('/api/sessions/default/logout'),
    ];
    expect(answers.filter(({ status }) => status >= 300)).toEqual([]);
    for (const { body } of answers) expect(JSON.stringify(body)).toContain('secret4');
    const reader = { 'x-api-key': readerKey };
    const read = ['/api/sessions?all=true', '/api/sessions?all=true&expand=apps', '/api/sessions/default'];
    for (const path of read) {
      const text = await (await api.call(path, { headers: reader })).text();
      expect(text).toContain('"default"');
      expect(text).not.toContain('secret');
    }
    for (const command of ['restart', 'stop', 'start', 'logout']) {
      const init = { method: 'POST', headers: reader };
      expect(await (await api.call(`/api/sessions/default/${command}`, init)).text()).not.toContain('secret');
    }
  });

  it('refuses a mask that stands for nothing', async () => {
    const config = { proxy: { server: 'proxy:3128', password: '********' } };
    expect(await create('default', { config })).toMatchObject({
      status: 400,
      body: { message: [expect.stringContaining('config.proxy.password')] },
    });
  });

  it('leaves it stopped when told so', async () => {
    expect(await create('default', { start: false })).toMatchObject({ status: 201, body: { status: 'STOPPED' } });
  });

  it.each([{}, { name: null }, undefined])('makes up a name when there is none: %j', async (body) => {
    const { status, body: session } = await api.post('/api/sessions', body);
    expect(status).toBe(201);
    expect((session as { name: string }).name).toMatch(/^session_/);
  });

  it('refuses a taken name and says what to do', async () => {
    await create();
    const { status, body } = await create();
    expect(status).toBe(422);
    expect(body).toMatchObject({
      statusCode: 422,
      error: 'Unprocessable Entity',
      message: expect.stringContaining('PUT'),
    });
  });

  it('lets one of two creates win', async () => {
    const answers = await Promise.all([create('twice'), create('twice')]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 422]);
  });

  it.each(['a b', 'sessions', 'apps', '..', 'a/b', 'x'.repeat(55), 'é'])('refuses the name %j', async (name) => {
    const { status, body } = await create(name);
    expect(status).toBe(400);
    expect((body as { message: string[] }).message[0]).toMatch(/^name /);
  });

  it('names the field of a config that does not fit', async () => {
    const config = { webhooks: [{ url: 'ftp://x', events: ['nothing'] }], proxy: { username: 'a' } };
    const { status, body } = await create('default', { config });
    const text = (body as { message: string[] }).message.join('\n');
    expect(status).toBe(400);
    expect(text).toContain('config.webhooks.0.url');
    expect(text).toContain('config.webhooks.0.events.0');
    expect(text).toContain('config.proxy.server is required');
  });

  it('takes null where clients send it, and what only other engines know', async () => {
    const config = {
      proxy: null,
      webhooks: null,
      ignore: null,
      gows: { storage: { messages: true } },
      webjs: { tagsEventsOn: true },
    };
    expect(await create('default', { config, apps: null })).toMatchObject({ status: 201, body: { config } });
    expect(await create('other', { apps: [] })).toMatchObject({ status: 201 });
  });

  it('says that nothing provides apps, rather than take them and do nothing', async () => {
    const apps = [{ id: '1', session: 'default', app: 'chatwoot', config: {} }];
    expect(await create('default', { apps })).toMatchObject({ status: 422 });
    expect((await api.get('/api/sessions/default')).status).toBe(404);
  });
});

describe('GET /api/sessions', () => {
  it('lists what runs, and what is stopped with all=true', async () => {
    await create('running');
    await create('stopped', { start: false });
    expect(namesOf(await api.get('/api/sessions'))).toEqual(['running']);
    expect(namesOf(await api.get('/api/sessions?all=true')).sort()).toEqual(['running', 'stopped']);
    expect(namesOf(await api.get('/api/sessions?all=false'))).toEqual(['running']);
    expect((await api.get('/api/sessions?all=perhaps')).status).toBe(400);
  });

  it('shows apps when asked to expand them', async () => {
    await create();
    expect((await api.get('/api/sessions?expand=apps')).body).toMatchObject([{ apps: [] }]);
    expect((await api.get('/api/sessions/default?expand=apps')).body).toMatchObject({ apps: [] });
    expect((await api.get('/api/sessions/default')).body).not.toHaveProperty('apps');
  });
});

describe('GET /api/sessions/{session}', () => {
  it('shows a session that works', async () => {
    await work();
    const { status, body } = await api.get('/api/sessions/default');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      name: 'default',
      status: 'WORKING',
      config: {},
      me: { id: '5511999990001@c.us', pushName: 'Ana' },
      engine: { engine: 'NOWEB' },
      assignedWorker: 'test',
    });
    expect(body).toHaveProperty('presence');
    expect(body).toHaveProperty('timestamps.activity');
    expect(body).not.toHaveProperty('reason');
  });

  it('says why a session failed', async () => {
    await work();
    api.engine.last.drop('logged_out');
    await settle();
    const { body } = await api.get('/api/sessions/default');
    expect(body).toMatchObject({ status: 'FAILED', me: null, reason: 'logged_out', recoverable: false });
  });

  it('answers 404 when there is none', async () => {
    expect(await api.get('/api/sessions/none')).toMatchObject({
      status: 404,
      body: { error: 'Not Found', statusCode: 404 },
    });
  });

  it.each(['a%20b', '%2e%2e%2fx', 'x'.repeat(55)])('answers 400 for %s, which is no name', async (name) => {
    const { status, body } = await api.get(`/api/sessions/${name}`);
    expect(status).toBe(400);
    expect((body as { message: string[] }).message[0]).toMatch(/^session /);
  });
});

describe('GET /api/sessions/{session}/me', () => {
  it('shows the account, or null', async () => {
    await create();
    expect(await api.get('/api/sessions/default/me')).toEqual({ status: 200, body: null });
    await settle();
    api.engine.last.open();
    await settle();
    expect(await api.get('/api/sessions/default/me')).toEqual({
      status: 200,
      body: { id: '5511999990001@c.us', lid: '1001@lid', jid: '5511999990001:1@s.whatsapp.net', pushName: 'Ana' },
    });
    expect((await api.get('/api/sessions/none/me')).status).toBe(404);
  });
});

describe('how the account stands', () => {
  it('shows in the session: a restriction, the last sign of the phone, its silence, a note about the end', async () => {
    await work();
    const linkedAt = api.clock.now();
    const ends = linkedAt + 20 * 86_400_000;
    api.engine.last.restrict(ends);
    await api.clock.run(10 * 86_400_000);
    const reachoutTimelock = {
      ...{ isActive: true, enforcementType: 'DEFAULT' },
      timeEnforcementEnds: Math.ceil(ends / 1000),
    };
    const phoneSilence = { lastSeenAt: linkedAt, unlinkExpectedAt: linkedAt + 14 * 86_400_000 };
    const standing = { me: { reachoutTimelock }, phoneLastSeenAt: linkedAt, phoneSilence };
    expect((await api.get('/api/sessions/default')).body).toMatchObject(standing);
    expect((await api.get('/api/sessions')).body).toMatchObject([standing]);
    api.engine.last.drop('logged_out');
    await settle();
    const { body } = await api.get('/api/sessions/default');
    expect(body).toMatchObject({ reason: 'logged_out', note: expect.stringContaining('reachout_timelock') });
    expect((body as { me: object | null }).me ?? {}).not.toHaveProperty('reachoutTimelock');
    expect((await api.get('/api/sessions/default/transitions')).body).toContainEqual(
      expect.objectContaining({ status: 'FAILED', note: expect.stringContaining('reachout_timelock') }),
    );
  });
});

describe('GET /api/sessions/{session}/transitions', () => {
  it('lists the changes of status, oldest first', async () => {
    await work();
    const { body } = await api.get('/api/sessions/default/transitions');
    expect((body as { status: string }[]).map(({ status }) => status)).toEqual(['STARTING', 'WORKING']);
    expect((await api.get('/api/sessions/none/transitions')).status).toBe(404);
  });
});

describe('PUT /api/sessions/{session}', () => {
  it('replaces the config whole', async () => {
    await create('default', { config: { metadata: { a: '1' }, debug: true } });
    const config = { metadata: { b: '2' } };
    expect(await api.put('/api/sessions/default', { config })).toMatchObject({
      status: 200,
      body: { name: 'default', config },
    });
    expect((await api.get('/api/sessions/default')).body).toMatchObject({ config });
    expect(await api.put('/api/sessions/default', {})).toMatchObject({ status: 200, body: { config: {} } });
  });

  it('takes back what GET showed: a mask means that the secret stays', async () => {
    const config = { proxy: { server: 'proxy:3128', username: 'u', password: 'p' } };
    await create('default', { config });
    const { body } = await read('/api/sessions/default?expand=apps');
    const shown = { config: { proxy: { ...config.proxy, password: '********' } } };
    expect(body).toMatchObject(shown);
    expect(await api.put('/api/sessions/default', body)).toMatchObject({ status: 200, body: { config } });
    await api.post('/api/sessions/default/restart');
    await settle();
    expect(api.engine.last.input.proxy?.url).toContain('u:p@proxy:3128');
  });

  it('answers 404 when there is none', async () => {
    expect((await api.put('/api/sessions/none', { config: {} })).status).toBe(404);
  });
});

describe('DELETE /api/sessions/{session}', () => {
  it('removes it, however often it is asked', async () => {
    await create();
    for (let times = 0; times < 2; times++) {
      expect(await api.remove('/api/sessions/default')).toEqual({ status: 200, body: undefined });
    }
    expect((await api.get('/api/sessions/default')).status).toBe(404);
  });
});

describe('start, stop and restart', () => {
  it('converge', async () => {
    await create('default', { start: false });
    expect(await api.post('/api/sessions/default/start')).toMatchObject({ status: 201, body: { status: 'STARTING' } });
    expect(await api.post('/api/sessions/default/start', {})).toMatchObject({
      status: 201,
      body: { status: 'STARTING' },
    });
    expect(await api.post('/api/sessions/default/stop')).toMatchObject({ status: 201, body: { status: 'STOPPED' } });
    expect(await api.post('/api/sessions/default/stop')).toMatchObject({ status: 201, body: { status: 'STOPPED' } });
    expect(await api.post('/api/sessions/default/restart')).toMatchObject({ status: 201, body: { name: 'default' } });
    await settle();
    expect(api.engine.live('default')).toHaveLength(1);
  });

  it.each(['start', 'stop', 'restart', 'logout'])('%s answers 404 when there is no such session', async (command) => {
    expect((await api.post(`/api/sessions/none/${command}`)).status).toBe(404);
  });
});

describe('logout', () => {
  it('says that WhatsApp was told, and keeps the config', async () => {
    await create('default', { config: { metadata: { a: '1' } } });
    await settle();
    api.engine.last.open();
    await settle();
    const { status, body } = await api.post('/api/sessions/default/logout');
    expect(status).toBe(201);
    expect(body).toMatchObject({ name: 'default', remote: 'unlinked', config: { metadata: { a: '1' } } });
    expect((await api.get('/api/sessions/default/me')).body).toBeNull();
  });

  it('works for a session that never started', async () => {
    await create('default', { start: false });
    expect(await api.post('/api/sessions/default/logout')).toMatchObject({
      status: 201,
      body: { remote: 'not_linked' },
    });
  });
});

describe('the deprecated operations', () => {
  it('start creates what is not there and updates what is', async () => {
    expect(await api.post('/api/sessions/start', { name: 'old', config: { debug: true } })).toMatchObject({
      status: 201,
      body: { name: 'old', status: 'STARTING', config: { debug: true } },
    });
    expect(await api.post('/api/sessions/start', { name: 'old' })).toMatchObject({ body: { config: { debug: true } } });
    const changed = await api.post('/api/sessions/start', { name: 'old', config: { metadata: { a: '1' } } });
    expect(changed).toMatchObject({ status: 201, body: { config: { metadata: { a: '1' } } } });
  });

  it('two starts at once make one session', async () => {
    const answers = await Promise.all([1, 2].map(() => api.post('/api/sessions/start', { name: 'old' })));
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    await settle();
    expect(api.engine.live('old')).toHaveLength(1);
  });

  it('stop stops; with logout it deletes', async () => {
    await create('old');
    expect(await api.post('/api/sessions/stop', { name: 'old' })).toEqual({ status: 201, body: undefined });
    expect((await api.get('/api/sessions/old')).body).toMatchObject({ status: 'STOPPED' });
    expect((await api.post('/api/sessions/stop', { name: 'old', logout: true })).status).toBe(201);
    expect((await api.get('/api/sessions/old')).status).toBe(404);
  });

  it('logout deletes', async () => {
    await create('old');
    expect(await api.post('/api/sessions/logout', { name: 'old' })).toEqual({ status: 201, body: undefined });
    expect((await api.get('/api/sessions/old')).status).toBe(404);
  });

  it.each(['start', 'stop', 'logout'])('%s refuses an empty or odd name', async (command) => {
    for (const body of [{}, { name: '' }, { name: '../x' }]) {
      const answer = await api.post(`/api/sessions/${command}`, body);
      expect(answer.status).toBe(400);
      expect((answer.body as { message: string[] }).message[0]).toMatch(/^name /);
    }
  });
});
