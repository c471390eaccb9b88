import { afterEach, describe, expect, it } from 'vitest';
import { route } from '../../../core/index.ts';
import { recordingLog } from '../../support/log.ts';
import { apiKey, call, serve } from './serve.ts';

const routes = [
  route({ method: 'GET', path: '/api/x', summary: 'x', handle: () => ({}) }),
  route({
    method: 'GET',
    path: '/api/fail',
    summary: 'fail',
    handle() {
      throw new Error('x');
    },
  }),
];

let server: Awaited<ReturnType<typeof serve>>;
afterEach(() => server?.close());

/** The lines about requests, once the server has closed and all of them are written. */
const linesOf = async (requestLog: string, level: string) => {
  const log = { ...recordingLog(), level, child: () => log };
  server = await serve({ routes, log, config: { requestLog } });
  for (const path of ['/api/x?x-api-key=a-key-for-tests&secret=1', '/api/none', '/ping'])
    await (await call(`${server.url}${path}`)).text();
  await server.close();
  return log.lines
    .filter(({ fields }) => 'ms' in fields)
    .map(({ level, fields }) => [level, (fields as { path: string }).path, (fields as { status: number }).status]);
};

describe('the request log', () => {
  it('tells of failed requests', async () => {
    expect(await linesOf('failed', 'info')).toEqual([['info', '/api/none', 404]]);
  });

  it('tells of all requests but probes', async () => {
    expect(await linesOf('all', 'info')).toEqual([
      ['info', '/api/x', 200],
      ['info', '/api/none', 404],
    ]);
  });

  it('tells of everything at level debug', async () => {
    expect(await linesOf('failed', 'debug')).toEqual([
      ['debug', '/api/x', 200],
      ['info', '/api/none', 404],
      ['debug', '/ping', 200],
    ]);
  });

  it('tells of nothing when it is off', async () => {
    expect(await linesOf('none', 'debug')).toEqual([]);
  });

  it('says of a failed request who sent it', async () => {
    const log = recordingLog();
    server = await serve({ routes, log });
    await fetch(`${server.url}/api/x`, { headers: { 'user-agent': 'ensure-connected/1.0' } });
    await server.close();
    const line = log.lines.find(({ fields }) => 'ms' in fields);
    expect(line?.fields).toMatchObject({ status: 401, from: '127.0.0.1', agent: 'ensure-connected/1.0' });
  });

  it('has method, path, status and milliseconds, and never a key', async () => {
    const log = recordingLog();
    server = await serve({ routes, log, config: { requestLog: 'all' } });
    await fetch(`${server.url}/api/x?x-api-key=${apiKey}`);
    await call(`${server.url}/api/fail?x-api-key=${apiKey}`);
    await server.close();
    const line = log.lines.find(({ fields }) => 'ms' in fields);
    expect(line?.fields).toEqual({
      method: 'GET',
      path: '/api/x',
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
      status: 200,
      ms: expect.any(Number),
    });
    expect(line?.message).toMatch(/^GET \/api\/x 200 [\d.]+ ms$/);
    expect(JSON.stringify(log.lines)).not.toContain(apiKey);
  });
});

describe('/health', () => {
  it('answers 200 when all is well and 503 when something is down', async () => {
    const up = { plugins: { status: 'up' as const } };
    const down = { sqlite: { status: 'down' as const, message: 'the disk is full' } };
    server = await serve({ health: () => ({ status: 'ok', info: up, error: {}, details: up }) });
    const well = await call(`${server.url}/health`);
    expect(well.status).toBe(200);
    expect(await well.json()).toEqual({ status: 'ok', info: up, error: {}, details: up });
    await server.close();
    server = await serve({ health: () => ({ status: 'error', info: up, error: down, details: { ...up, ...down } }) });
    const ill = await call(`${server.url}/health`);
    expect(ill.status).toBe(503);
    expect(await ill.json()).toMatchObject({ status: 'error', error: down });
  });
});
