import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { definePlugin, Points, type Route, route, Type } from '../../../core/index.ts';
import { call, serve } from './serve.ts';

const echo = (path: string, method: Route['method'] = 'GET'): Route =>
  route({ method, path, summary: path, handle: ({ params }) => ({ path, params }) });

let server: Awaited<ReturnType<typeof serve>>;
afterEach(() => server?.close());
const found = async (path: string) => (await call(`${server.url}${path}`)).json();

describe('overlapping paths', () => {
  const paths = [
    '/api/{session}/groups/{id}',
    '/api/{session}/groups/count',
    '/api/{session}/{thing}',
    '/api/sessions/{session}',
    '/api/sessions/{session}/me',
    '/api/{session}/chats/{chatId}/messages',
    '/api/{session}/chats/overview',
    '/api/sessions',
  ];

  it.each([paths, [...paths].reverse()])(
    'prefer a literal to a parameter, in whatever order they come',
    async (...list) => {
      server = await serve({ routes: list.map((path) => echo(path)) });
      expect(await found('/api/default/groups/count')).toMatchObject({ path: '/api/{session}/groups/count' });
      expect(await found('/api/default/groups/123@g.us')).toMatchObject({
        params: { session: 'default', id: '123@g.us' },
      });
      expect(await found('/api/sessions/default')).toMatchObject({ path: '/api/sessions/{session}' });
      expect(await found('/api/sessions/default/me')).toMatchObject({ path: '/api/sessions/{session}/me' });
      expect(await found('/api/default/chats')).toMatchObject({ path: '/api/{session}/{thing}' });
      expect(await found('/api/default/chats/overview')).toMatchObject({ path: '/api/{session}/chats/overview' });
    },
  );

  it('are told apart by case: the session `Sessions` is not the list', async () => {
    server = await serve({ routes: paths.map((path) => echo(path)) });
    expect(await found('/api/Sessions/chats')).toMatchObject({ path: '/api/{session}/{thing}' });
  });

  it('that are the same are refused, with the names of both plugins', async () => {
    const twin = definePlugin({
      name: 'twin',
      setup: ({ contribute }) => contribute(Points.Routes, { tag: 'Test', routes: [echo('/api/{b}')] }),
    });
    const started = serve({ routes: [echo('/api/{a}')], plugins: [twin as never] });
    await expect(started).rejects.toThrow("has the route GET /api/{b}, which 'contributor' has, too");
  });
});

describe('parameters', () => {
  it.each([
    ['111@c.us', '111@c.us'],
    ['a.b-c_d', 'a.b-c_d'],
    ['false_111@c.us_3EB0', 'false_111@c.us_3EB0'],
    ['a%2Fb', 'a/b'],
    ['a%20b%3Fc%23d', 'a b?c#d'],
    ['%E2%9C%93', '✓'],
    ['%252e', '%2e'],
  ])('%s is decoded once', async (encoded, decoded) => {
    server = await serve({ routes: [echo('/api/{session}/chats/{chatId}/messages')] });
    expect(await found(`/api/default/chats/${encoded}/messages`)).toMatchObject({ params: { chatId: decoded } });
  });

  it('that cannot be decoded are the caller’s fault', async () => {
    server = await serve({ routes: [echo('/api/{session}/x')] });
    const answer = await call(`${server.url}/api/%E0%A4%A/x`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ statusCode: 400, error: 'Bad Request' });
  });

  it('may have any name, and literals any character', async () => {
    server = await serve({ routes: [echo('/api/{session-name}/a(b)+c.json')] });
    expect(await found('/api/x/a(b)+c.json')).toMatchObject({ params: { 'session-name': 'x' } });
    expect((await call(`${server.url}/api/x/abc.json`)).status).toBe(404);
  });

  it('are empty nowhere: a double slash is another path', async () => {
    server = await serve({ routes: [echo('/api/{session}/x')] });
    expect((await call(`${server.url}/api//x`)).status).toBe(404);
  });
});

describe('methods', () => {
  it('HEAD answers like GET without the body', async () => {
    server = await serve({ routes: [echo('/api/x')] });
    const answer = await call(`${server.url}/api/x`, { method: 'HEAD' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-length')).toBe(String(JSON.stringify({ path: '/api/x', params: {} }).length));
    expect(await answer.text()).toBe('');
  });

  const preflight = (origin: string) =>
    fetch(`${server.url}/api/x`, {
      method: 'OPTIONS',
      headers: { Origin: origin, 'Access-Control-Request-Headers': 'x-api-key,content-type' },
    });

  it.each([
    [[], 'https://app.example', null],
    [['https://app.example'], 'https://app.example', 'https://app.example'],
    [['https://app.example'], 'https://other.example', null],
    [['*'], 'https://app.example', '*'],
  ])('OPTIONS lets in pages of the origins %j alone, without a key: %s', async (corsOrigins, origin, allowed) => {
    server = await serve({ routes: [echo('/api/x', 'POST')], config: { corsOrigins } });
    const answer = await preflight(origin);
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe(allowed);
    if (allowed === null) return;
    expect(answer.headers.get('access-control-allow-methods')).toContain('POST');
    expect(answer.headers.get('access-control-allow-headers')).toBe('x-api-key,content-type');
  });

  it('answers and errors alike carry the CORS header when it is configured, and nothing says Express', async () => {
    server = await serve({ routes: [echo('/api/x')], config: { corsOrigins: ['https://app.example'] } });
    for (const path of ['/api/x', '/api/unknown']) {
      const { headers } = await call(`${server.url}${path}`, { headers: { origin: 'https://app.example' } });
      expect(headers.get('access-control-allow-origin')).toBe('https://app.example');
      expect(headers.get('vary')).toContain('Origin');
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('etag')).toBeNull();
    }
  });

  it('a path that climbs is no other path', async () => {
    server = await serve({ routes: [echo('/api/x')], config: { apiKeyExcludePaths: ['open/*'] } });
    const status = await new Promise((resolve) => {
      request(`${server.url}`, { path: '/open/../api/x' }, (answer) => resolve(answer.statusCode)).end();
    });
    expect(status).toBe(404);
  });
});

describe('the status of an answer', () => {
  it('is 201 for POST, 200 for the rest, or the first 2xx declared', async () => {
    const declared = { 202: { description: 'Taken' }, 404: { description: 'None' } };
    server = await serve({
      routes: [
        echo('/a', 'POST'),
        echo('/a', 'PUT'),
        echo('/a', 'DELETE'),
        { ...echo('/b', 'POST'), responses: declared },
        route({ method: 'POST', path: '/c', summary: 'c', params: Type.Object({}), handle: () => undefined }),
      ],
    });
    const status = async (method: string, path: string) => (await call(`${server.url}${path}`, { method })).status;
    expect(await status('POST', '/a')).toBe(201);
    expect(await status('PUT', '/a')).toBe(200);
    expect(await status('DELETE', '/a')).toBe(200);
    expect(await status('POST', '/b')).toBe(202);
    expect(await status('POST', '/c')).toBe(201);
  });
});
