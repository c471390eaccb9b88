import { afterEach, describe, expect, it } from 'vitest';
import { route, Type } from '../../../core/index.ts';
import { apiKey, call, serve } from './serve.ts';

const Body = Type.Object({
  chatId: Type.String(),
  linkPreview: Type.Optional(Type.Boolean()),
  limit: Type.Optional(Type.Integer()),
  file: Type.Optional(Type.Object({ url: Type.String(), mimetype: Type.Optional(Type.String()) })),
  options: Type.Optional(Type.Array(Type.String())),
});
const echo = route({ method: 'POST', path: '/api/echo', summary: 'Echo', body: Body, handle: ({ body }) => body });

let close: () => Promise<void> = async () => undefined;
afterEach(() => close());

const post = async (body: string, type = 'application/x-www-form-urlencoded') => {
  const server = await serve({ routes: [echo] });
  close = server.close;
  const answer = await call(`${server.url}/api/echo`, { method: 'POST', body, headers: { 'content-type': type } });
  return { status: answer.status, body: (await answer.json()) as unknown };
};

describe('a form without files', () => {
  it('is read as the schema has it', async () => {
    expect(await post('chatId=1%40c.us&linkPreview=False&limit=5&options=a&options=b')).toEqual({
      status: 201,
      body: { chatId: '1@c.us', linkPreview: false, limit: 5, options: ['a', 'b'] },
    });
  });

  it('may have nested names, or JSON in a field', async () => {
    const file = { url: 'https://example.org/a.png', mimetype: 'image/png' };
    const nested = 'chatId=1&file[url]=https%3A%2F%2Fexample.org%2Fa.png&file[mimetype]=image%2Fpng&options[]=a';
    expect((await post(nested)).body).toEqual({ chatId: '1', file, options: ['a'] });
    await close();
    const json = `chatId=1&file=${encodeURIComponent(JSON.stringify({ ...file, extra: null }))}`;
    expect((await post(json)).body).toMatchObject({ chatId: '1', file });
  });

  it('is JSON when it looks like JSON: the type is what curl gives everything', async () => {
    expect((await post('{"chatId":"a=b&c","limit":5}')).body).toEqual({ chatId: 'a=b&c', limit: 5 });
    await close();
    expect((await post('{"chatId":')).status).toBe(400);
  });

  it('is refused with its field when it does not fit', async () => {
    expect(await post('limit=x')).toMatchObject({
      status: 400,
      body: { message: ['chatId is required', 'limit must be integer'] },
    });
  });

  it('larger than other bodies without a file is refused', async () => {
    expect((await post(`chatId=${'+'.repeat(1024 * 1024)}`)).status).toBe(413);
  });

  it.each([
    ['nested', `${'['.repeat(50_000)}${']'.repeat(50_000)}`],
    ['long', `[${'0,'.repeat(50_000)}0]`],
  ])('has JSON in its fields as a body may have it: not %s without an end', async (_, options) => {
    const answer = await post(`chatId=1&options=${options}`);
    const message = [expect.stringMatching(/^options (is nested|has) more than/)];
    expect(answer).toMatchObject({ status: 400, body: { message } });
  });

  it('with too many fields is refused', async () => {
    expect((await post('a=1&'.repeat(1001))).status).toBe(400);
  });
});

describe('the key', () => {
  it.each([
    [`Bearer ${apiKey}`, 201],
    [`bearer  ${apiKey} `, 201],
    ['Bearer wrong', 401],
    [`Basic ${apiKey}`, 401],
  ])('in Authorization: %s is answered with %i', async (authorization, status) => {
    const server = await serve({ routes: [echo] });
    close = server.close;
    const headers = { authorization, 'content-type': 'application/json' };
    const answer = await fetch(`${server.url}/api/echo`, { method: 'POST', body: '{"chatId":"1"}', headers });
    expect(answer.status).toBe(status);
  });
});
