import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { UploadSlots } from '../../../core/http/upload-slots.ts';
import { route, Type, type UploadedFile } from '../../../core/index.ts';
import { propertyRuns } from '../../support/property-runs.ts';
import { apiKey, call, deferred, serve } from './serve.ts';

interface Seen {
  readonly body: object;
  readonly file: UploadedFile | undefined;
  readonly bytes: Buffer | undefined;
}

/** Of this test alone: where uploads go. */
const folder = mkdtempSync(join(tmpdir(), 'waha-forms-'));
beforeAll(() => vi.stubEnv('TMPDIR', folder));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

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

  const part = (disposition: string, body: string) =>
    `--x\r\ncontent-disposition: ${disposition}\r\n\r\n${body}\r\n--x--\r\n`;
  const odd = (name: string, type: string) =>
    `--x\r\ncontent-disposition: form-data; ${name}\r\ncontent-type: ${type}\r\n\r\na\r\n--x--\r\n`;
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
    ['a part without a name', part('form-data', 'x'), boundary, 400, 'a part of the form has no name'],
    ['a part with an empty name', part('form-data; name=""', 'x'), boundary, 400, 'a part of the form has no name'],
    ['a file without a name', part('form-data; filename="a"', 'x'), boundary, 400, 'a part of the form has no name'],
    [
      'a file elsewhere that breaks off',
      '--x\r\ncontent-disposition: form-data; name="other"; filename="a"\r\n\r\nhalf',
      boundary,
      400,
      'other must not be a file',
    ],
    ['an unknown charset', odd('name="a"', 'text/plain; charset=nothing'), boundary, 400, 'chatId is required'],
    ['a type that is none', odd('name="a"', ';;;=;'), boundary, 400, 'chatId is required'],
    ['broken escapes in a name', part("form-data; name*=utf-8''%ff%", 'x'), boundary, 400, ''],
    ['a disposition without words', part(';', 'x'), boundary, 400, 'chatId is required'],
    [
      'too many parts',
      part('attachment', 'x').replace('--x--', '').repeat(300),
      boundary,
      400,
      'the form has more than 100',
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

  it('without a file leaves nothing behind either', async () => {
    await post(form({ chatId: '1' }));
    await post(form({ chatId: '1', file: '{}' }));
    await expect.poll(() => readdirSync(folder)).toEqual([]);
  });

  const words = fc.constantFrom(
    ...['form-data', 'attachment', ';', '=', '"', "'", '%', '*', ' ', 'name', 'filename', 'charset', 'utf-8', '\t'],
    ...[
      'file',
      'chatId',
      'text/plain',
      'application/json',
      'base64',
      '/',
      '\\',
      '\0',
      '\u00ff',
      '__proto__',
      ':',
      '[]',
    ],
  );
  const headers = fc.array(
    fc.tuple(
      fc.constantFrom('content-disposition', 'content-type', 'content-transfer-encoding', 'x', ''),
      fc.array(words, { maxLength: 8 }).map((list) => list.join('')),
    ),
    { maxLength: 4 },
  );
  const parts = fc.array(fc.tuple(headers, fc.string({ maxLength: 20 })), { maxLength: 4 });
  const end = fc.constantFrom('--x--', '--x--\r\n', '--x', '', '\r\n--x--after');

  it('of any shape is answered, and never with a server error', async () => {
    await fc.assert(
      fc.asyncProperty(parts, end, async (list, closing) => {
        const text = list.map(
          ([lines, body]) => `--x\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}\r\n`,
        );
        const answer = await post(text.join('') + closing, boundary);
        expect(answer.status).toBeLessThan(500);
      }),
      propertyRuns(150),
    );
  });
});

describe('the slots for forms', () => {
  const admin = (name: string) => ({ name, admin: true });
  const limited = (name: string) => ({ name, admin: false });

  it('are counted by key, and all together', () => {
    const slots = new UploadSlots();
    const first = Array.from({ length: 16 }, () => slots.take(limited('one')));
    expect(() => slots.take(limited('one'))).toThrow(expect.objectContaining({ status: 429 }));
    for (const caller of ['two', 'three', 'four']) for (let i = 0; i < 16; i++) slots.take(limited(caller));
    expect(() => slots.take(limited('five'))).toThrow('too many files are being uploaded');
    first[0]?.free();
    first[0]?.free();
    slots.take(limited('five'));
    expect(() => slots.take(limited('six'))).toThrow(expect.objectContaining({ status: 429 }));
  });

  it('hold 192 MB of large bodies, until the requests are answered; one alone may be as large as it is', () => {
    const slots = new UploadSlots();
    const megabytes = (count: number) => count * 1024 * 1024;
    const [one, other] = [slots.take(admin('one')), slots.take(admin('two'))];
    one.grow(megabytes(300));
    expect(() => other.grow(1)).toThrow(expect.objectContaining({ status: 429 }));
    one.read();
    expect(() => other.grow(1)).toThrow('too many files are being uploaded');
    one.free();
    other.grow(megabytes(100));
    const third = slots.take(admin('three'));
    third.grow(megabytes(92));
    expect(() => third.grow(1)).toThrow(expect.objectContaining({ status: 429 }));
    other.free();
    third.grow(megabytes(100));
  });

  it('leave half of the bytes to others than one limited key', () => {
    const slots = new UploadSlots();
    const megabytes = (count: number) => count * 1024 * 1024;
    const [first, second] = [slots.take(limited('one')), slots.take(limited('one'))];
    first.grow(megabytes(60));
    expect(() => second.grow(megabytes(40))).toThrow(expect.objectContaining({ status: 429 }));
    slots.take(limited('two')).grow(megabytes(90));
    first.free();
    second.grow(megabytes(90));
  });

  it('are for large JSON, too, from the byte on that makes it large', async () => {
    const large = `{"chatId":"${'1'.repeat(1024 * 1024)}`;
    const { port } = new URL(server.url);
    const headers = { 'x-api-key': apiKey, 'transfer-encoding': 'chunked' };
    const slow = Array.from({ length: 16 }, () => {
      const sent = request({ port, path: '/send', method: 'POST', headers });
      sent.on('error', () => undefined).write(large);
      return sent;
    });
    await expect.poll(async () => (await post(`${large}"}`)).status).toBe(429);
    // A text too long; what counts is that it is read.
    expect((await post('{"chatId":"1"}')).status).toBe(400);
    for (const sent of slow) sent.destroy();
    await expect.poll(async () => (await post(`${large}"}`)).status).toBe(400);
  });
});
