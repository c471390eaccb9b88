import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { route, Type, type UploadedFile } from '../../../core/index.ts';
import { apiKey, call, deferred, serve } from './serve.ts';

interface Seen {
  readonly body: object;
  readonly file: UploadedFile | undefined;
  readonly bytes: Buffer | undefined;
}

let server: Awaited<ReturnType<typeof serve>>;
let seen: Seen | undefined;

const sending = route({
  method: 'POST',
  path: '/send',
  summary: 'x',
  body: Type.Object({
    chatId: Type.String(),
    file: Type.Object({ url: Type.String() }),
    mentions: Type.Optional(Type.Union([Type.Array(Type.String()), Type.Null()])),
    convert: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
    delay: Type.Optional(Type.Integer({ minimum: 1 })),
  }),
  upload: { field: 'file', maxBytes: 1000 },
  handle: ({ body, file }) => {
    seen = { body, file, bytes: file && readFileSync(file.path) };
    return { size: file?.size ?? null };
  },
});

beforeEach(async () => {
  seen = undefined;
  server = await serve({ routes: [sending] });
});
afterEach(() => server.close());

const form = (fields: Record<string, string | Blob | string[]>, filename = 'a.png') => {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (typeof one === 'string') data.append(name, one);
      else data.append(name, one, filename);
    }
  }
  return data;
};
const post = async (body: string | FormData, headers: Record<string, string> = {}) => {
  const answer = await call(`${server.url}/send`, { method: 'POST', body, headers });
  const value = (await answer.json()) as { message: string[] | string; size: number };
  return { status: answer.status, body: value };
};

const bytes = randomBytes(900);
const file = new Blob([bytes], { type: 'image/png' });

describe('a multipart form', () => {
  it('gives the file, and fields of the types that the schema asks for', async () => {
    const answer = await post(
      form({ chatId: '123', file, mentions: ['1@c.us', '2@c.us'], convert: 'true', delay: '5' }, 'gr\u00fc\u00dfe.png'),
    );
    expect(answer).toMatchObject({ status: 201, body: { size: 900 } });
    expect(seen?.body).toEqual({ chatId: '123', mentions: ['1@c.us', '2@c.us'], convert: true, delay: 5 });
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(seen?.file).toMatchObject({ size: 900, mimetype: 'image/png', filename: 'gr\u00fc\u00dfe.png', sha256 });
    expect(seen?.bytes?.equals(bytes)).toBe(true);
  });

  it('leaves no file behind once it is answered', async () => {
    await post(form({ chatId: '1', file }));
    await expect.poll(() => existsSync(seen?.file?.path ?? '/')).toBe(false);
  });

  it('may name the file by a field of JSON instead', async () => {
    const remote = new Blob(['{"url":"https://x.example/a.png"}'], { type: 'application/json' });
    const data = new FormData();
    data.append('chatId', '1');
    const boundary = 'xyz';
    const part = (head: string, body: string) =>
      `--${boundary}\r\ncontent-disposition: form-data; ${head}\r\n\r\n${body}\r\n`;
    const json = `--${boundary}\r\ncontent-disposition: form-data; name="file"\r\ncontent-type: application/json\r\n\r\n${await remote.text()}\r\n`;
    const body = `${part('name="chatId"', '1')}${json}--${boundary}--\r\n`;
    const answer = await post(body, { 'content-type': `multipart/form-data; boundary=${boundary}` });
    expect(answer.status).toBe(201);
    expect(seen).toMatchObject({ body: { chatId: '1', file: { url: 'https://x.example/a.png' } }, file: undefined });
  });

  const boundary = { 'content-type': 'multipart/form-data; boundary=x' };
  it.each<[string, string | FormData, Record<string, string>, number, string]>([
    ['a field that is missing', form({ file }), {}, 400, 'chatId is required'],
    ['a file that is missing', form({ chatId: '1' }), {}, 400, 'file is required'],
    ['a field of the wrong type', form({ chatId: '1', file, delay: 'soon' }), {}, 400, 'delay must be integer'],
    ['two files', form({ chatId: '1', file: [file, file] as never }), {}, 400, 'the form must have one file, in'],
    ['a file elsewhere', form({ chatId: '1', picture: file }), {}, 400, 'picture must not be a file'],
    [
      'a file that is too large',
      form({ chatId: '1', file: new Blob([randomBytes(1001)]) }),
      {},
      413,
      'file: the file is larger',
    ],
    ['a field that is too long', form({ chatId: 'x'.repeat(1_100_000), file }), {}, 400, 'chatId is too long'],
    ['no boundary', '--x--', { 'content-type': 'multipart/form-data' }, 400, 'the body is not a valid multipart form'],
    [
      'an end that is missing',
      '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\nb',
      boundary,
      400,
      'the body is not a valid',
    ],
    ['what is no form', 'nothing of the kind', boundary, 400, 'the body is not a valid'],
  ])('is refused for %s', async (_, body, headers, status, message) => {
    const answer = await post(body, headers);
    expect([answer.status, [answer.body.message].flat()[0]]).toEqual([status, expect.stringContaining(message)]);
    expect(seen).toBeUndefined();
  });

  it('that breaks off reaches nobody, and the next one is served', async () => {
    const closed = deferred<void>();
    const { port } = new URL(server.url);
    const sent = request({
      port,
      path: '/send',
      method: 'POST',
      headers: { ...boundary, 'content-length': 5000, 'x-api-key': apiKey },
    });
    sent.on('error', () => closed.resolve()).on('close', () => closed.resolve());
    sent.write('--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nhalf', () => sent.destroy());
    await closed.promise;
    expect((await post(form({ chatId: '1', file }))).status).toBe(201);
  });
});
