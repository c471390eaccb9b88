import { type IncomingMessage, request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { route, Type } from '../../../core/index.ts';
import { apiKey, call, send, serve } from './serve.ts';

const body = Type.Object({
  chatId: Type.String({ minLength: 1 }),
  count: Type.Optional(Type.Integer()),
  session: Type.Optional(Type.String({ default: 'default' })),
  deep: Type.Optional(Type.Unknown()),
});
const routes = [
  route({ method: 'POST', path: '/api/text', summary: 'Has a body', body, handle: ({ body }) => ({ body }) }),
  route({ method: 'POST', path: '/api/free', summary: 'Has none', handle: ({ body }) => ({ body: body ?? null }) }),
  route({
    method: 'GET',
    path: '/api/list/{page}',
    summary: 'Has parameters',
    params: Type.Object({ page: Type.Integer({ minimum: 1 }) }),
    query: Type.Object({
      all: Type.Optional(Type.Boolean()),
      limit: Type.Optional(Type.Integer({ default: 10 })),
      expand: Type.Optional(Type.Array(Type.Enum(['apps'], { type: 'string' }))),
      'filter.ack': Type.Optional(Type.String()),
    }),
    handle: ({ params, query }) => ({ params, query }),
  }),
];

let server: Awaited<ReturnType<typeof serve>>;
beforeAll(async () => {
  server = await serve({ routes, config: { bodyLimit: '100kb' } });
});
afterAll(() => server.close());

const get = async (path: string) => {
  const answer = await call(`${server.url}${path}`);
  return { status: answer.status, body: await answer.json() };
};
const post = async (value: unknown, headers: Record<string, string> = {}, path = '/api/text') => {
  const isRaw = typeof value === 'string' || value instanceof Uint8Array;
  const answer = await fetch(`${server.url}${path}`, {
    method: 'POST',
    body: isRaw ? (value as string) : JSON.stringify(value),
    headers: { 'x-api-key': apiKey, 'content-type': 'application/json', ...headers },
  });
  return { status: answer.status, body: (await answer.json()) as { message: string[]; body: Record<string, unknown> } };
};
const refused = (...message: string[]) => ({ status: 400, body: { statusCode: 400, error: 'Bad Request', message } });

describe('parameters and the query', () => {
  it('are strings that become what the schema asks for', async () => {
    expect(await get('/api/list/3?all=true&limit=5&expand=apps&filter.ack=READ')).toEqual({
      status: 200,
      body: { params: { page: 3 }, query: { all: true, limit: 5, expand: ['apps'], 'filter.ack': 'READ' } },
    });
  });

  it('get their defaults, and more of them are ignored', async () => {
    expect((await get('/api/list/1?other=1')).body).toMatchObject({ query: { limit: 10 } });
  });

  it('that do not fit are named', async () => {
    expect(await get('/api/list/first')).toEqual(refused('page must be integer'));
    expect(await get('/api/list/1?all=maybe&limit=x')).toEqual(refused('all must be boolean', 'limit must be integer'));
  });
});

describe('a body', () => {
  it('gets its defaults; unknown fields do no harm', async () => {
    const { status, body } = await post({ chatId: '1@c.us', other: { x: 1 } });
    expect(status).toBe(201);
    expect(body).toEqual({ body: { chatId: '1@c.us', other: { x: 1 }, session: 'default' } });
  });

  it('is not coerced, and every fault is named', async () => {
    expect(await post({ chatId: 1, count: '2' })).toEqual(refused('chatId must be string', 'count must be integer'));
  });

  it('that is missing counts as an empty one', async () => {
    const answer = await send('POST', `${server.url}/api/text`);
    expect(await answer.json()).toEqual(refused('chatId is required').body);
  });

  it('that is a list is refused', async () => {
    expect(await post([])).toEqual(refused('body must be object'));
  });

  it.each(['{"chatId": "a"', 'null', '"text"', '{"a": }', 'chatId=1'])(
    'that is not a JSON object is refused: %s',
    async (text) => {
      expect(await post(text)).toEqual(refused(expect.stringMatching(/^the body is not (a )?valid JSON/)));
    },
  );

  it('is read as JSON whatever its type says, as curl -d sends it', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/vnd.api+json']) {
      expect((await post({ chatId: 'a' }, { 'content-type': type })).status).toBe(201);
    }
  });

  it('that is a multipart form is refused with a sentence', async () => {
    const { status, body } = await post('--x--', { 'content-type': 'multipart/form-data; boundary=x' });
    expect(status).toBe(400);
    expect(body.message[0]).toContain('application/json');
  });

  it('may be compressed, and not in a way nobody knows', async () => {
    expect((await post(gzipSync('{"chatId":"a"}'), { 'content-encoding': 'gzip' })).status).toBe(201);
    const unknown = await post('{}', { 'content-encoding': 'snappy' });
    expect(unknown).toMatchObject({ status: 415, body: { statusCode: 415 } });
  });

  it('over the limit is refused, plain and compressed', async () => {
    const large = JSON.stringify({ chatId: 'x'.repeat(200_000) });
    const tooLarge = { message: 'the body is larger than 100kb', error: 'Payload Too Large', statusCode: 413 };
    expect(await post(large)).toEqual({ status: 413, body: tooLarge });
    expect(await post(gzipSync(large), { 'content-encoding': 'gzip' })).toEqual({ status: 413, body: tooLarge });
  });

  it('over the limit by its own account is refused before it comes', async () => {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { 'x-api-key': apiKey, 'content-type': 'application/json', 'content-length': 200_000 };
      const asking = request(`${server.url}/api/text`, { method: 'POST', headers }, resolve).on('error', reject);
      asking.flushHeaders();
    });
    expect(answer.statusCode).toBe(413);
    answer.destroy();
  });

  it('of a stranger is not even read', async () => {
    expect((await post('x'.repeat(200_000), { 'x-api-key': 'wrong' })).status).toBe(401);
  });

  it('is not looked at where the route has none', async () => {
    expect(await post('{"chatId": ', {}, '/api/free')).toEqual({ status: 201, body: { body: null } });
  });

  it('cannot reach a prototype', async () => {
    const { body } = await post('{"chatId":"a","__proto__":{"count":1},"constructor":{"prototype":{"count":1}}}');
    expect(body.body['count']).toBeUndefined();
    expect(({} as { count?: number }).count).toBeUndefined();
  });

  it('nested ten thousand levels deep is never a 500', async () => {
    const deep = `{"chatId":"a","deep":${'['.repeat(40_000)}${']'.repeat(40_000)}}`;
    const { status } = await post(deep);
    expect([201, 400]).toContain(status);
  });
});
