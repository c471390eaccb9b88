import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Attachment, Fault } from '../../plugins/sandbox/sandbox.ts';
import { startHttpProxy } from '../plugins/baileys/proxies.ts';
import { conversation } from '../support/conversation.ts';
import { apiKey } from '../support/deployment.ts';

const talk = conversation({
  // Both are waited for once, and everything else has to happen within them.
  baileys: { reuploadTimeoutMs: 2_000 },
  files: {
    downloadSeconds: 6,
    maxFileBytes: 4_000_000,
    mimetypes: ['image/*', 'audio', 'video/', 'application', 'text/'],
  },
});
const { phone, session } = talk;

interface Media {
  readonly url: string | null;
  readonly mimetype: string;
  readonly filename: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** What a contact sends, as the webhook tells of it. */
const received = async (attachment: Attachment, number = talk.ana) => {
  const { id } = await talk.world.sandbox.contact(number).sendMedia(phone, attachment);
  const payload = await talk.next('message', (message) => String(message['id']).includes(id));
  return { id, payload, media: payload['media'] as Media };
};

const get = (url: string, headers: Record<string, string> = {}) =>
  fetch(url, { headers: { 'x-api-key': apiKey, ...headers } });
const bytesAt = async (url: string | null) => Buffer.from(await (await get(url ?? '')).arrayBuffer());

const picture: Attachment = { kind: 'image', bytes: randomBytes(50_000), mimetype: 'image/jpeg', caption: 'Look' };

describe('a file that a contact sends', () => {
  const cases: [string, Attachment, string][] = [
    ['a picture', picture, 'jpg'],
    [
      'a voice message',
      { kind: 'audio', bytes: randomBytes(7001), mimetype: 'audio/ogg; codecs=opus', voice: true },
      'oga',
    ],
    ['a video', { kind: 'video', bytes: randomBytes(300_000), mimetype: 'video/mp4' }, 'mp4'],
    [
      'a document',
      { kind: 'document', bytes: randomBytes(1), mimetype: 'application/pdf', filename: 'Año “2026”.pdf' },
      'pdf',
    ],
    ['a sticker', { kind: 'sticker', bytes: randomBytes(16 * 1024), mimetype: 'image/webp' }, 'webp'],
    ['an empty file', { kind: 'document', bytes: new Uint8Array(), mimetype: 'text/plain' }, 'txt'],
  ];
  it.each(cases)('is served byte for byte: %s', async (_, attachment, ending) => {
    const { id, payload, media } = await received(attachment);
    expect(payload).toMatchObject({ hasMedia: true, body: attachment.caption ?? null });
    expect(media).toMatchObject({ mimetype: attachment.mimetype, error: null });
    expect(media.url).toBe(`${talk.world.api.url}/api/files/${session}/false_${talk.heardId}_${id}.${ending}`);
    if (attachment.filename) expect(media.filename).toBe(attachment.filename);
    const answer = await get(media.url ?? '');
    expect(answer.headers.get('content-type')).toBe(attachment.mimetype);
    expect(Buffer.from(await answer.arrayBuffer()).equals(attachment.bytes)).toBe(true);
  });
});

const wrong = (how: Extract<Fault, { kind: 'media' }>['how'], more: object = {}) =>
  talk.world.sandbox.faults.set({ kind: 'media', how, phone: talk.ana, ...more });

describe('a download that goes wrong', () => {
  it('and hangs holds up its own chat only, and the event goes out saying so', async () => {
    wrong('hang');
    const from = await talk.world.mark();
    const file = received(picture);
    await talk.contact.send(phone, 'after the picture');
    const other = talk.world.sandbox.contact('4915200002009');
    await other.send(phone, 'from elsewhere');
    await talk.next('message', ({ body }) => body === 'from elsewhere');
    expect((await talk.send('/api/sendText', { chatId: '4915200002009@c.us', text: 'Hi' })).status).toBe(201);
    const soFar = talk.world.hooks.all.slice(from).filter(({ event }) => event.event === 'message');
    expect(soFar.map(({ event }) => (event.payload as { body: unknown }).body)).toEqual(['from elsewhere']);
    const { media, payload } = await file;
    expect(media).toMatchObject({ url: null, mimetype: 'image/jpeg', error: { code: 'timeout' } });
    expect([payload['hasMedia'], media.error?.message]).toEqual([true, 'the file did not arrive within 6 s']);
    await talk.next('message', ({ body }) => body === 'after the picture');
    const bodies = talk.world.hooks.all.slice(from).filter(({ event }) => event.event === 'message');
    const order = bodies.map(({ event }) => (event.payload as { body: unknown }).body);
    expect(order).toEqual(['from elsewhere', 'Look', 'after the picture']);
  });

  it.each([
    ['damage', 'damaged'],
    ['truncate', 'damaged'],
  ] as const)('and brings wrong bytes is told as such: %s', async (how, code) => {
    wrong(how);
    const { media } = await received(picture);
    expect(media).toMatchObject({ url: null, error: { code } });
  });

  it('and is slow is waited for', async () => {
    wrong('slow', { delayMs: 1 });
    const bytes = randomBytes(200_000);
    const { media } = await received({ ...picture, bytes });
    expect((await bytesAt(media.url)).equals(bytes)).toBe(true);
  });

  it('and breaks off once begins anew', async () => {
    wrong('cut', { times: 1 });
    const { media } = await received(picture);
    expect((await bytesAt(media.url)).equals(picture.bytes)).toBe(true);
  });

  it('and breaks off again is given up', async () => {
    wrong('status', { status: 500 });
    const { media } = await received(picture);
    const message = "WhatsApp's media server answered 500";
    expect(media).toMatchObject({ url: null, error: { code: 'network', message } });
  });

  it.each([403, 404, 410])(
    'because WhatsApp forgot the file is repeated when the phone uploaded it again: %i',
    async (status) => {
      wrong('status', { status, times: 1 });
      const { media } = await received(picture);
      expect((await bytesAt(media.url)).equals(picture.bytes)).toBe(true);
    },
  );

  it('because WhatsApp forgot the file is given up when the phone does not answer, or has it no more', async () => {
    wrong('status', { status: 410 });
    expect((await received(picture)).media.error?.code).toBe('gone');
    talk.world.sandbox.faults.set({ kind: 'no-reupload' });
    const { media } = await received(picture);
    expect(media.error?.code).toBe('gone');
  });

  it('is not even begun for a file that is too large', async () => {
    const { media } = await received({ ...picture, bytes: new Uint8Array(4_000_001) });
    expect(media).toMatchObject({ url: null, error: { code: 'too_large' } });
  });
});

describe('a file of a type that is not wanted', () => {
  it('is told of without a URL and without an error', async () => {
    const { payload, media } = await received({ ...picture, kind: 'document', mimetype: 'font/woff' });
    expect(payload['hasMedia']).toBe(true);
    expect(media).toEqual({ url: null, mimetype: 'font/woff', filename: 'document' });
  });
});

describe('a file of our own', () => {
  it('comes with the event about the message that was sent', async () => {
    const bytes = Buffer.concat([Buffer.from('%PDF-1.7'), randomBytes(70_000)]);
    const file = { data: bytes.toString('base64'), mimetype: 'application/pdf', filename: 'a.pdf' };
    const { sent } = await talk.delivered('/api/sendFile', { file });
    const { media } = await talk.next('message.any', ({ id }) => id === sent.id);
    expect(media).toMatchObject({ filename: 'a.pdf', error: null });
    expect((await bytesAt((media as Media).url)).equals(bytes)).toBe(true);
  });
});

describe('a file that is sent on the phone', () => {
  it('comes with `message.any`, once', async () => {
    const { id } = await talk.world.sandbox.phone(phone).write(talk.ana, picture);
    const payload = await talk.next('message.any', (message) => String(message['id']).includes(id));
    expect(payload).toMatchObject({ fromMe: true, source: 'app', id: `true_${talk.heardId}_${id}` });
    expect((await bytesAt((payload['media'] as Media).url)).equals(picture.bytes)).toBe(true);
    expect(talk.about('message', String(payload['id']))).toEqual([]);
  });
});

describe('GET /api/files', () => {
  it('gives parts, heads, and nothing to who has it already', async () => {
    const { media } = await received(picture);
    const url = media.url ?? '';
    const part = await get(url, { range: 'bytes=10-19' });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 10-19/50000']);
    expect(Buffer.from(await part.arrayBuffer()).equals(Buffer.from(picture.bytes).subarray(10, 20))).toBe(true);
    expect((await bytesOf(get(url, { range: 'bytes=-5' }))).equals(Buffer.from(picture.bytes).subarray(-5))).toBe(true);
    expect((await get(url, { range: 'bytes=50000-' })).status).toBe(416);
    const head = await fetch(url, { method: 'HEAD', headers: { 'x-api-key': apiKey } });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '50000']);
    const etag = head.headers.get('etag') ?? '';
    expect((await get(url, { 'if-none-match': etag })).status).toBe(304);
    expect((await get(url, { range: 'bytes=0-1', 'if-range': '"another"' })).status).toBe(200);
  });

  it('asks for the key, in the header or in the query', async () => {
    const { media } = await received(picture);
    expect((await fetch(media.url ?? '')).status).toBe(401);
    expect((await fetch(`${media.url}?x-api-key=${apiKey}`)).status).toBe(200);
  });

  it('lets no browser take a file for a page of this server', async () => {
    const page = { ...picture, kind: 'document', mimetype: 'text/html', filename: 'a"\r\n\ud800.html' } as const;
    const { media } = await received(page);
    const { headers, status } = await get(media.url ?? '');
    expect([status, headers.get('x-content-type-options')]).toEqual([200, 'nosniff']);
    expect(headers.get('content-disposition')).toMatch(
      /^attachment; filename="a\\"__\?\.html"; filename\*=UTF-8''a%22/,
    );
    expect(headers.get('content-security-policy')).toContain('sandbox');
  });

  it.each([
    '/api/files/support/none.jpg',
    '/api/files/other/none.jpg',
    '/api/files/support/..%2f..%2f..%2fetc%2fpasswd',
    '/api/files/support/%2e%2e',
    '/api/files/support/.partial',
    '/api/files/support/a%00.jpg',
    `/api/files/support/${'a'.repeat(500)}`,
  ])('answers 404 for what is no file: %s', async (path) => {
    expect((await get(talk.world.api.url + path)).status).toBe(404);
  });

  it('refuses what is no session', async () => {
    expect((await get(`${talk.world.api.url}/api/files/..%2f..%2fetc/passwd`)).status).toBe(400);
  });
});

describe('a restart while a file is fetched', () => {
  it('loses nothing: the next process fetches it, and the event comes once', async () => {
    const hanging = wrong('hang');
    const { id } = await talk.contact.sendMedia(phone, picture);
    await talk.contact.send(phone, 'behind it');
    const asked = talk.world.sandbox.contact('4915200002009');
    await asked.send(phone, 'meanwhile');
    await talk.next('message', ({ body }) => body === 'meanwhile');
    const rebooted = talk.world.reboot();
    hanging.clear();
    await rebooted;
    const payload = await talk.next('message', (message) => String(message['id']).includes(id));
    await talk.next('message', ({ body }) => body === 'behind it');
    expect(talk.about('message', String(payload['id']))).toHaveLength(1);
    expect((await bytesAt((payload['media'] as Media).url)).equals(picture.bytes)).toBe(true);
  });
});

describe('a session with a proxy', () => {
  it('fetches files through it', async () => {
    const proxy = await startHttpProxy();
    const number = '4915200002010';
    const { world } = talk;
    await world.link('behind', number, { proxy: { server: `127.0.0.1:${proxy.port}` } });
    const { id } = await talk.contact.sendMedia(number, picture);
    const payload = await talk.next('message', (message) => String(message['id']).includes(id));
    expect((await bytesAt((payload['media'] as Media).url)).equals(picture.bytes)).toBe(true);
    // The websocket, at the linking and after it, and the file.
    expect(proxy.asked).toHaveLength(3);
    expect(new Set(proxy.asked).size).toBe(2);
    await world.api.delete('/api/sessions/behind');
    await proxy.close();
  });
});

describe('a connection that breaks while a file is fetched', () => {
  it('leaves it to the next one', async () => {
    const hanging = wrong('hang');
    const { id, delivered } = await talk.contact.sendMedia(phone, picture);
    await delivered;
    hanging.clear();
    talk.world.sandbox.disconnect('reset', { phone });
    const payload = await talk.next('message', (message) => String(message['id']).includes(id));
    expect((await bytesAt((payload['media'] as Media).url)).equals(picture.bytes)).toBe(true);
  });
});

describe('a logout while a file is fetched', () => {
  it('ends it, and the event says so', async () => {
    wrong('hang');
    const file = received(picture);
    await talk.contact.send(phone, 'the last word');
    const other = talk.world.sandbox.contact('4915200002009');
    await other.send(phone, 'and another');
    await talk.next('message', ({ body }) => body === 'and another');
    expect((await talk.world.api.post(`/api/sessions/${session}/logout`)).status).toBe(201);
    expect((await file).media).toMatchObject({ url: null, error: { code: 'closed' } });
    await talk.next('message', ({ body }) => body === 'the last word');
  });
});

const bytesOf = async (answer: Promise<Response>) => Buffer.from(await (await answer).arrayBuffer());
