import { afterEach, describe, expect, it } from 'vitest';
import { named, route, Type } from '../../../core/index.ts';
import { call, type ServeOptions, serve } from './serve.ts';

const Inner = named('Inner', Type.Object({ id: Type.String(), title: Type.Optional(Type.String()) }));
const Outer = named('Outer', Type.Object({ inner: Type.Optional(Inner), list: Type.Array(Inner) }));
const routes = [
  route({
    method: 'POST',
    path: '/api/{session}/things',
    summary: 'Make a thing',
    description: 'Longer.',
    deprecated: true,
    params: Type.Object({ session: Type.String({ description: 'A name' }) }),
    query: Type.Object({ dry: Type.Optional(Type.Boolean({ deprecated: true })), must: Type.Integer() }),
    body: Outer,
    responses: { 201: { description: 'Made', schema: Type.Array(Outer), content: { 'image/png': Type.String() } } },
    handle: () => [],
  }),
  route({ method: 'GET', path: '/api/{session}/things', summary: 'Get', access: 'public', handle: () => [] }),
];
const groups = [
  { tag: 'Test', description: 'Not this one', routes: [] },
  { tag: 'Events', routes: [], webhooks: { 'thing.made': named('ThingMade', Type.Object({ inner: Inner })) } },
];

let server: Awaited<ReturnType<typeof serve>>;
const open = async (options: ServeOptions = {}) => {
  server = await serve({ routes, groups, ...options });
};
afterEach(() => server?.close());

// biome-ignore lint/suspicious/noExplicitAny: a test looks at single places of a large document
const documentOf = async (): Promise<Record<string, any>> =>
  // biome-ignore lint/suspicious/noExplicitAny: see above
  (await fetch(`${server.url}/openapi.json`)).json() as Promise<Record<string, any>>;

describe('the OpenAPI document', () => {
  it('lists every operation with its parameters, body and answers', async () => {
    await open();
    const { openapi, info, paths } = await documentOf();
    expect(openapi).toBe('3.1.0');
    expect(info.version).toBe('1.2.3');
    expect(Object.keys(paths)).toEqual(['/ping', '/health/live', '/health/ready', '/health', '/api/{session}/things']);
    const { post, get } = paths['/api/{session}/things'];
    expect(post).toMatchObject({
      tags: ['Test'],
      summary: 'Make a thing',
      description: 'Longer.',
      deprecated: true,
      operationId: 'postApiSessionThings',
      requestBody: {
        required: true,
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Outer' } } },
      },
    });
    expect(post.parameters).toEqual([
      { name: 'session', in: 'path', required: true, description: 'A name', schema: { type: 'string' } },
      { name: 'dry', in: 'query', required: false, deprecated: true, schema: { type: 'boolean' } },
      { name: 'must', in: 'query', required: true, schema: { type: 'integer' } },
    ]);
    expect(Object.keys(post.responses['201'].content)).toEqual(['image/png', 'application/json']);
    expect(get.parameters).toEqual([{ name: 'session', in: 'path', required: true, schema: { type: 'string' } }]);
    expect(get.security).toEqual([]);
    expect(Object.keys(get.responses)).toEqual(['200', '400', '404']);
    expect(Object.keys(post.responses)).toEqual(['201', '400', '401', '403', '404', '413', '415', '422', '503']);
  });

  it('has each named schema once', async () => {
    await open();
    const { components } = await documentOf();
    expect(Object.keys(components.schemas)).toEqual(['Health', 'Inner', 'Outer', 'PingResponse', 'Probe', 'ThingMade']);
    expect(components.schemas.Outer.properties.list.items).toEqual({ $ref: '#/components/schemas/Inner' });
    expect(components.schemas.Inner.properties.title).toEqual({ type: 'string' });
    expect(components.securitySchemes.api_key).toEqual({ type: 'apiKey', in: 'header', name: 'X-Api-Key' });
  });

  it('lists what is sent to others', async () => {
    await open();
    const { webhooks } = await documentOf();
    expect(webhooks['thing.made'].post.requestBody.content['application/json'].schema.$ref).toContain('ThingMade');
  });

  it('has each tag once, with its first description', async () => {
    await open();
    const { tags } = await documentOf();
    expect(tags).toContainEqual({ name: 'Test', description: 'Routes of a test' });
    expect(tags.map(({ name }: { name: string }) => name)).toEqual(['Observability', 'Test', 'Events']);
  });

  it('writes out a schema whose name is taken, and warns', async () => {
    const other = named('Inner', Type.Object({ other: Type.Number() }));
    await open({
      groups: [
        { tag: 'Other', routes: [route({ method: 'PUT', path: '/p', summary: 'p', body: other, handle: () => 1 })] },
      ],
    });
    const { paths } = await documentOf();
    expect(paths['/p'].put.requestBody.content['application/json'].schema.properties).toEqual({
      other: { type: 'number' },
    });
    expect(server.log.lines.some(({ level, message }) => level === 'warn' && message.includes("'Inner'"))).toBe(true);
  });

  it('knows the public address', async () => {
    await open({ config: { baseUrl: 'https://waha.example/' } });
    expect((await documentOf()).servers).toEqual([{ url: 'https://waha.example' }]);
    expect(server.baseUrl).toBe('https://waha.example');
  });
});

describe('the page', () => {
  it('is shown at /swagger, and / leads there', async () => {
    await open();
    const root = await fetch(`${server.url}/`, { redirect: 'manual' });
    expect(root.headers.get('location')).toBe('swagger/');
    const page = await fetch(`${server.url}/`);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('swagger-ui');
    const script = await (await fetch(`${server.url}/swagger/swagger-initializer.js`)).text();
    expect(script).toContain('../openapi.json');
    expect((await fetch(`${server.url}/swagger/swagger-ui.css`)).headers.get('content-type')).toContain('text/css');
  });

  it('is not there when it is off', async () => {
    await open({ config: { swagger: { enabled: false } } });
    for (const path of ['/', '/swagger', '/swagger/', '/openapi.json']) {
      expect((await call(`${server.url}${path}`)).status).toBe(404);
    }
  });

  const swagger = { username: 'ana', password: 'päss:word' };
  const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

  it('asks for its login, and takes the API key instead', async () => {
    await open({ config: { swagger } });
    for (const path of ['/openapi.json', '/swagger/', '/swagger/swagger-initializer.js']) {
      const stranger = await fetch(`${server.url}${path}`);
      expect(stranger.status).toBe(401);
      expect(stranger.headers.get('www-authenticate')).toContain('Basic');
      for (const wrong of ['ana:', 'ana:päss', ':', 'ana']) {
        expect((await fetch(`${server.url}${path}`, { headers: basic(wrong) })).status).toBe(401);
      }
      expect((await fetch(`${server.url}${path}`, { headers: basic('ana:päss:word') })).status).toBe(200);
      expect((await call(`${server.url}${path}`)).status).toBe(200);
    }
  });

  it('does not open with half a login', async () => {
    const started = open({ config: { swagger: { username: '', password: 'secret' } } });
    await expect(started).rejects.toThrow('swagger.username and swagger.password go together');
  });
});
