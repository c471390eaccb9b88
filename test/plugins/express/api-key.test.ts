import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { route } from '../../../core/index.ts';
import { authorizer } from '../../../plugins/express/api-key.ts';
import { apiKey, mapStorage, type ServeOptions, serve } from './serve.ts';

const unauthorized = { message: 'Unauthorized', statusCode: 401 };
const who = route({
  method: 'GET',
  path: '/api/who',
  summary: 'Who calls',
  handle: ({ principal }) => principal,
});

const access = { openPaths: [], allowedHosts: [], origins: [], host: '127.0.0.1', baseUrl: undefined };
let server: Awaited<ReturnType<typeof serve>>;
const open = async (options: ServeOptions = {}) => {
  server = await serve({ routes: [who], ...options });
  return server;
};
afterEach(() => server?.close());

const ask = (path: string, headers: Record<string, string> = {}) => fetch(`${server.url}${path}`, { headers });

describe('a configured key', () => {
  it('opens the API from the header', async () => {
    await open();
    expect((await ask('/api/who', { 'X-Api-Key': '', authorization: `Bearer ${apiKey}` })).status).toBe(200);
    const answer = await ask('/api/who', { 'X-Api-Key': apiKey });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ name: 'api-key', sessions: '*', rights: '*', admin: true });
  });

  it('opens the API from the query', async () => {
    await open();
    expect((await ask(`/api/who?x-api-key=${apiKey}`)).status).toBe(200);
    expect((await ask('/api/who?x-api-key=wrong')).status).toBe(401);
  });

  it('may be configured as its hash', async () => {
    const hex = createHash('sha512').update(apiKey).digest('hex');
    await open({ config: { apiKey: `sha512:${hex.toUpperCase()}` } });
    expect((await ask('/api/who', { 'X-Api-Key': apiKey })).status).toBe(200);
    expect((await ask('/api/who', { 'X-Api-Key': `sha512:${hex}` })).status).toBe(401);
    expect((await ask('/api/who', { 'X-Api-Key': hex })).status).toBe(401);
  });

  it('is refused when its hash is cut off', async () => {
    await expect(open({ config: { apiKey: 'sha512:abc' } })).rejects.toThrow('apiKey must match pattern');
  });

  it.each(['', 'wrong', apiKey.slice(0, -1), `${apiKey}x`, apiKey.toUpperCase()])('refuses the key %j', async (key) => {
    await open();
    const answer = await ask('/api/who', { 'X-Api-Key': key });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toEqual(unauthorized);
  });

  it('refuses a request without one, on unknown routes, too', async () => {
    await open();
    for (const path of ['/api/who', '/api/unknown', '/health']) {
      const answer = await ask(path);
      expect(answer.status).toBe(401);
      expect(await answer.json()).toEqual(unauthorized);
    }
  });

  it('does not have to be sent to a public route', async () => {
    await open();
    expect(await (await ask('/ping')).json()).toEqual({ message: 'pong' });
  });

  it('wins over noApiKey, with a warning', async () => {
    await open({ config: { noApiKey: true } });
    expect((await ask('/api/who')).status).toBe(401);
    expect(server.log.lines.some(({ level, message }) => level === 'warn' && message.includes('noApiKey'))).toBe(true);
  });
});

describe('excluded paths', () => {
  it('need no key, with a star for the rest of a path', async () => {
    await open({ config: { apiKeyExcludePaths: ['health', '/api/w*', 'api/files/(.*)', ''] } });
    expect((await ask('/health')).status).toBe(200);
    expect(await (await ask('/api/who')).json()).toMatchObject({ name: 'anyone', sessions: '*' });
    expect((await ask('/api/files/default/a.jpg')).status).toBe(404);
    expect((await ask('/api/other')).status).toBe(401);
    expect((await ask('/other/health')).status).toBe(401);
  });

  it('are compared literally, whatever a pattern would make of them', () => {
    const authorize = authorizer(Buffer.alloc(64), { ...access, openPaths: ['a.b+c'] });
    const request = (url: string) => ({ url, headers: {} }) as never;
    expect(authorize(request('/a.b+c')).name).toBe('anyone');
    expect(() => authorize(request('/axbbc'))).toThrow('Unauthorized');
  });
});

describe('a key that has come before', () => {
  const asked = (key: string) => ({ url: '/', headers: { 'x-api-key': key } }) as never;
  const digestOf = (key: string) => createHash('sha512').update(key).digest();

  it.each(['secret', 'ключ', 'k'.repeat(254), 'k'.repeat(255), 'k'.repeat(5000)])(
    'opens again, and nothing that is nearly the same does (%#)',
    (key) => {
      const authorize = authorizer(digestOf(key), access);
      const refused = [`${key}\0`, `${key} `, key.slice(0, -1), key.slice(1), '', `${key}${key}`, key.toUpperCase()];
      for (let round = 0; round < 3; round++) {
        for (const other of refused.filter((text) => text !== key)) {
          expect(() => authorize(asked(other))).toThrow('Unauthorized');
        }
        expect(authorize(asked(key)).name).toBe('api-key');
      }
    },
  );
});

describe('without a configured key', () => {
  const generated = () => {
    const line = server.log.lines.find(({ message }) => message.includes('shown only now'));
    return line ? /: (\S+)$/.exec(line.message)?.[1] : undefined;
  };

  it.each(['', '  '])('(%j) one is generated, shown once, and only its hash is kept', async (configured) => {
    const kept = new Map<string, unknown>();
    const options = { config: { apiKey: configured }, storage: mapStorage(kept) };
    await open(options);
    const key = generated() ?? '';
    expect(key).toMatch(/^[\w-]{32}$/);
    expect(JSON.stringify([...kept])).not.toContain(key);
    expect((await ask('/api/who', { 'X-Api-Key': key })).status).toBe(200);
    expect((await ask('/api/who')).status).toBe(401);
    await server.close();

    await open(options);
    expect(generated()).toBeUndefined();
    expect(server.log.lines.map(({ message }) => message).join('\n')).not.toContain(key);
    expect((await ask('/api/who', { 'X-Api-Key': key })).status).toBe(200);
  });

  it('two servers generate two keys', async () => {
    await open({ config: { apiKey: '' } });
    const first = generated();
    await server.close();
    await open({ config: { apiKey: '' } });
    expect(generated()).not.toBe(first);
  });

  it('and with noApiKey everyone gets in, and the log says so', async () => {
    await open({ config: { apiKey: '', noApiKey: true } });
    expect((await ask('/api/who')).status).toBe(200);
    expect(server.log.lines.some(({ level, message }) => level === 'warn' && message.includes('no API key'))).toBe(
      true,
    );
  });
});
