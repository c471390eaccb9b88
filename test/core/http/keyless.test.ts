import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { route, Type } from '../../../core/index.ts';
import { serve } from '../../plugins/express/serve.ts';

const acting = route({
  method: 'POST',
  path: '/api/act',
  summary: 'x',
  body: Type.Object({}),
  handle: () => 'done',
});
const looking = route({ method: 'GET', path: '/api/look', summary: 'x', handle: () => 'seen' });

let server: Awaited<ReturnType<typeof serve>>;
afterEach(() => server.close());
const open = async (config: Record<string, unknown> = {}) => {
  server = await serve({ routes: [acting, looking], config: { apiKey: '', noApiKey: true, ...config } });
};

/** By node:http: `fetch` does not let one choose these headers. */
const ask = (method: string, path: string, headers: IncomingHttpHeaders, body = '') =>
  new Promise<number | undefined>((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    const length = body === '' ? {} : { 'content-length': Buffer.byteLength(body) };
    request(
      { hostname, port, method, path, headers: { host: `${hostname}:${port}`, ...length, ...headers } },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      },
    )
      .on('error', reject)
      .end(body);
  });
const json = { 'content-type': 'application/json' };

describe('a server without a key', () => {
  it.each<[string, string, string, IncomingHttpHeaders, number]>([
    ['a program on this machine', 'POST', '/api/act', json, 201],
    ['its own page', 'POST', '/api/act', { ...json, origin: 'http://OWN' }, 201],
    ['its own page', 'GET', '/api/look', { 'sec-fetch-site': 'same-origin' }, 200],
    ['the name localhost', 'GET', '/api/look', { host: 'localhost:3000' }, 200],
    ['another address', 'GET', '/api/look', { host: '[::1]:3000' }, 200],
    ['a page of another site', 'POST', '/api/act', { ...json, origin: 'https://evil.example' }, 403],
    ['a page without an origin', 'POST', '/api/act', { ...json, origin: 'null' }, 403],
    ['a page of another port', 'POST', '/api/act', { ...json, origin: 'http://127.0.0.1:1' }, 403],
    ['an image of another site', 'GET', '/api/look', { 'sec-fetch-site': 'cross-site' }, 403],
    [
      'a link of another site',
      'GET',
      '/api/look',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
      403,
    ],
    ['a name that points here', 'GET', '/api/look', { host: 'evil.example' }, 403],
    ['a form', 'POST', '/api/act', { 'content-type': 'text/plain' }, 415],
    ['a form of the usual kind', 'POST', '/api/act', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['no content type', 'POST', '/api/act', {}, 415],
  ])('answers %s as it deserves: %s %s %j', async (_, method, path, headers, status) => {
    await open();
    const { host } = new URL(server.url);
    const own = headers.origin === 'http://OWN' ? { origin: `http://${host}` } : {};
    expect(await ask(method, path, { ...headers, ...own }, method === 'POST' ? '{}' : '')).toBe(status);
  });

  it('believes the names and the sites that are configured', async () => {
    await open({ allowedHosts: ['waha'], corsOrigins: ['https://crm.example'] });
    expect(await ask('GET', '/api/look', { host: 'waha:3000' })).toBe(200);
    expect(await ask('POST', '/api/act', { ...json, origin: 'https://crm.example' }, '{}')).toBe(201);
  });

  it('listens on this machine only unless the YAML says otherwise', async () => {
    await open({ host: undefined });
    const { hostname, port } = new URL(server.url);
    expect(hostname).toBe('127.0.0.1');
    // All addresses would be taken if it listened on all of them.
    const other = createServer().listen(Number(port), '127.0.0.2');
    await new Promise((resolve, reject) => other.once('listening', resolve).once('error', reject));
    expect((other.address() as AddressInfo).port).toBe(Number(port));
    await new Promise((resolve) => other.close(resolve));
  });

  it('lets no page of another site open a websocket', async () => {
    await open();
    const upgrade = { connection: 'upgrade', upgrade: 'websocket', origin: 'https://evil.example' };
    expect(await ask('GET', '/ws', upgrade)).toBe(403);
  });
});
