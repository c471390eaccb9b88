import { PassThrough, type Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../../core/deadline.ts';
import type { Sessions } from '../../../../core/index.ts';
import { environment } from '../../../../plugins/waha-api/observability/routes.ts';
import { debugRoutes } from '../../../../plugins/waha-api/observability/server-debug.ts';
import { SimulatedClock } from '../../../support/clock.ts';
import { call, serve } from '../../express/serve.ts';
import { serveApi } from '../api.ts';

let api: Awaited<ReturnType<typeof serveApi>> | undefined;
let server: Awaited<ReturnType<typeof serve>> | undefined;
afterEach(async () => {
  await Promise.all([api?.close(), server?.close()]);
  api = undefined;
  server = undefined;
});

describe('the server', () => {
  it('tells its version, under the old path, too', async () => {
    api = await serveApi({} as Sessions);
    const version = {
      version: '1.2.3',
      engine: 'NOWEB',
      tier: 'CORE',
      browser: null,
      platform: `${process.platform}/${process.arch}`,
      worker: { id: 'worker-1' },
    };
    expect(await api.get('/api/server/version')).toEqual({ status: 200, body: version });
    expect(await api.get('/api/version')).toEqual({ status: 200, body: version });
  });

  it('tells since when it runs', async () => {
    api = await serveApi({} as Sessions);
    const { body } = await api.get('/api/server/status');
    expect(body).toEqual({ startTimestamp: 1_000, uptime: expect.any(Number), worker: { id: 'worker-1' } });
  });

  it('tells its environment', async () => {
    api = await serveApi({} as Sessions);
    expect((await api.get('/api/server/environment')).status).toBe(200);
    expect((await api.get('/api/server/environment?all=true')).body).toHaveProperty('PATH', '***');
  });
});

describe('the environment', () => {
  const variables = {
    WAHA_PRINT_QR: 'true',
    WAHA_API_KEY: 'secret',
    WAHA_BASE_URL: 'https://waha.example',
    WHATSAPP_SWAGGER_PASSWORD: '',
    WHATSAPP_SESSIONS_POSTGRESQL_URL: 'postgres://u:secret@db/waha',
    WHATSAPP_HOOK_CUSTOM_HEADERS: 'Authorization:secret',
    WHATSAPP_PROXY_SERVER_LIST: 'u:secret@a:1',
    DATABASE_URL: 'postgres://u:secret@db/x',
    HOME: '/root',
  };

  it('is that of WAHA, without secrets', () => {
    const shown = environment(variables, false);
    expect(shown).toMatchObject({ WAHA_PRINT_QR: 'true', WAHA_BASE_URL: 'https://waha.example', WAHA_API_KEY: '***' });
    expect(shown).not.toHaveProperty('HOME');
    expect(JSON.stringify(shown)).not.toContain('secret');
  });

  it('shows of all other variables the names alone', () => {
    const shown = environment(variables, true);
    expect(shown).toMatchObject({ HOME: '***', DATABASE_URL: '***' });
    expect(JSON.stringify(shown)).not.toContain('secret');
  });
});

describe('a stop of the server', () => {
  it('is asked for, at once or not, and answered', async () => {
    const asked: unknown[] = [];
    api = await serveApi({} as Sessions, { shutdown: { request: (options) => asked.push(options) } });
    const stopping = { status: 201, body: { stopping: true } };
    expect(await api.post('/api/server/stop', {})).toEqual(stopping);
    expect(await api.post('/api/server/stop', { force: false })).toEqual(stopping);
    expect(await api.post('/api/server/stop', { force: true })).toEqual(stopping);
    expect(asked).toEqual([{ force: false }, { force: false }, { force: true }]);
    expect(await api.post('/api/server/stop', { force: 'please' })).toMatchObject({
      status: 400,
      body: { message: [expect.stringMatching(/^force /)] },
    });
    expect((await fetch(`${api.url}/api/server/stop`, { method: 'POST' })).status).toBe(401);
    expect(asked).toHaveLength(3);
  });
});

describe('a CPU profile', () => {
  /** The debug routes on a clock of their own, and the wait until a profile is being recorded. */
  const onFakeClock = async () => {
    const clock = new SimulatedClock();
    server = await serve({ groups: [{ tag: 'Debug', routes: debugRoutes(clock) }] });
    const { url } = server;
    const ask = (signal?: AbortSignal) =>
      call(`${url}/api/server/debug/cpu?seconds=30`, signal === undefined ? {} : { signal });
    const recording = () => expect.poll(() => clock.pending.size).toBe(1);
    return { clock, ask, recording };
  };

  it('is a file with what was called, one at a time', async () => {
    const { clock, ask, recording } = await onFakeClock();
    const first = ask();
    await recording();
    await clock.pass(20_000);
    const second = await ask();
    expect([second.status, second.headers.get('retry-after')]).toEqual([429, '10']);
    await clock.pass(10_000);
    const answer = await first;
    expect([answer.status, answer.headers.get('content-disposition')]).toEqual([
      200,
      expect.stringMatching(/^attachment; filename="cpu-\d+\.cpuprofile"$/),
    ]);
    const profile = (await answer.json()) as { nodes: unknown[]; startTime: number; endTime: number };
    expect(profile.nodes.length).toBeGreaterThan(0);
    expect(profile.endTime).toBeGreaterThan(profile.startTime);
  });

  it('ends when the client leaves, and another one may begin', async () => {
    const { clock, ask, recording } = await onFakeClock();
    const leaving = new AbortController();
    const left = ask(leaving.signal);
    await recording();
    leaving.abort();
    await expect(left).rejects.toThrow();
    await expect.poll(() => clock.pending.size).toBe(0);
    const next = ask();
    await recording();
    await clock.pass(30_000);
    expect((await next).status).toBe(200);
    expect(server?.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it.each(['0', '301', 'long'])('of %s seconds is refused', async (seconds) => {
    api = await serveApi({} as Sessions);
    const { status, body } = await api.get(`/api/server/debug/cpu?seconds=${seconds}`);
    expect([status, (body as { message: string[] }).message[0]]).toEqual([400, expect.stringMatching(/^seconds /)]);
  });
});

describe('a heap snapshot', () => {
  it('is streamed, one at a time, and the next one waits for nobody who left', async () => {
    const taken: PassThrough[] = [];
    const take = (): Readable => {
      const stream = new PassThrough();
      taken.push(stream);
      stream.write('{"snapshot":{');
      return stream;
    };
    server = await serve({ groups: [{ tag: 'Debug', routes: debugRoutes(systemClock, take) }] });
    const { url } = server;
    const snapshot = () => call(`${url}/api/server/debug/heapsnapshot`);
    const answer = await snapshot();
    expect(answer.headers.get('content-disposition')).toMatch(/filename="heap-\d+\.heapsnapshot"/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const busy = await snapshot();
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([429, '10']);
    await answer.body?.cancel();
    await expect.poll(() => taken[0]?.destroyed).toBe(true);
    const next = snapshot();
    await expect.poll(() => taken.length).toBe(2);
    taken[1]?.end('}}');
    expect(await (await next).text()).toBe('{"snapshot":{}}');
  });

  it('needs a key', async () => {
    api = await serveApi({} as Sessions);
    expect((await fetch(`${api.url}/api/server/debug/heapsnapshot`)).status).toBe(401);
    expect((await fetch(`${api.url}/api/server/debug/cpu`)).status).toBe(401);
  });
});
