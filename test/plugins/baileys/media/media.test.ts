import { createCipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { proto, WAMessage as RawMessage } from '@whiskeysockets/baileys';
import { afterEach, describe, expect, it } from 'vitest';
import { isFileError } from '../../../../core/index.ts';
import { mediaUrl } from '../../../../plugins/baileys/media/media-download.ts';
import { MediaIn } from '../../../../plugins/baileys/media/media-in.ts';
import { checkedMedia, type ExpectedFile, openedMedia } from '../../../../plugins/baileys/media/opened-media.ts';
import { mediaFileOf, mediaKeysOf } from '../../../../plugins/baileys/messages/media-file.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();

/** A file as a phone seals it. */
const sealedFile = (plain: Buffer) => {
  const keys = mediaKeysOf('Image', randomBytes(32));
  const cipher = createCipheriv('aes-256-cbc', keys.cipherKey, keys.iv);
  const encrypted = Buffer.concat([cipher.update(plain), cipher.final()]);
  const mac = createHmac('sha256', keys.macKey).update(keys.iv).update(encrypted).digest().subarray(0, 10);
  const sealed = Buffer.concat([encrypted, mac]);
  const expected = { size: plain.length, sha256: sha256(plain), sealedSha256: sha256(sealed) };
  return { keys, sealed, expected, plain };
};

async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const read = async (content: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
};

describe('an encrypted file', () => {
  it.each([1, 7, 10, 16, 17, 4096, 100_000])('is the same when it comes in pieces of %i bytes', async (size) => {
    for (const length of [0, 1, 15, 16, 17, 5000]) {
      const { keys, sealed, expected, plain } = sealedFile(randomBytes(length));
      expect((await read(openedMedia(cut(sealed, size), keys, expected))).equals(plain)).toBe(true);
    }
  });

  const file = sealedFile(randomBytes(1000));
  const flipped = (at: number): Buffer => {
    const copy = Buffer.from(file.sealed);
    copy[at] = (copy[at] ?? 0) ^ 1;
    return copy;
  };
  const unchecked = { size: null, sha256: null, sealedSha256: null };
  const none = Buffer.alloc(0);
  it.each<[string, Buffer, ExpectedFile, string]>([
    ['a byte in it is another one', flipped(500), unchecked, 'authentication code'],
    ['its authentication code is another one', flipped(file.sealed.length - 1), unchecked, 'authentication code'],
    ['it ends early', file.sealed.subarray(0, 600), unchecked, 'authentication code'],
    ['there is nothing', none, unchecked, 'authentication code'],
    ['the server has other bytes', file.sealed, { ...unchecked, sealedSha256: randomBytes(32) }, 'encrypted bytes'],
    ['its content has another hash', file.sealed, { ...file.expected, sha256: randomBytes(32) }, 'another hash'],
    ['it is longer than said', file.sealed, { ...file.expected, size: 999 }, 'longer'],
    ['it is shorter than said', file.sealed, { ...file.expected, size: 1001 }, 'shorter'],
  ])('is damaged when %s', async (_, sealed, expected, why) => {
    const failure: unknown = await read(openedMedia(cut(sealed, 300), file.keys, expected)).catch((error) => error);
    expect(isFileError(failure, 'damaged')).toBe(true);
    expect((failure as Error).message).toContain(why);
  });

  it('that does not say its length or hash is checked by its authentication code', async () => {
    expect((await read(openedMedia(cut(file.sealed, 99), file.keys, unchecked))).equals(file.plain)).toBe(true);
  });
});

describe('a file of a channel, which is not encrypted', () => {
  it('is checked by its hash', async () => {
    const plain = randomBytes(500);
    const expected = { size: 500, sha256: sha256(plain), sealedSha256: null };
    expect((await read(checkedMedia(cut(plain, 9), expected))).equals(plain)).toBe(true);
    const other = { ...expected, sha256: randomBytes(32) };
    await expect(read(checkedMedia(cut(plain, 9), other))).rejects.toMatchObject({ fault: 'damaged' });
  });
});

describe('where a file is', () => {
  const at = (url: string | null, directPath: string | null, host: string | null = null) =>
    mediaUrl({ url, directPath }, host);

  it('is one of WhatsApp’s media servers, which the message may name', () => {
    expect(at('https://mmg.whatsapp.net/v/a.enc?ccb=1', '/v/b.enc?oh=1&oe=2')).toBe(
      'https://mmg.whatsapp.net/v/b.enc?oh=1&oe=2',
    );
    expect(at('https://media-1.cdn.whatsapp.net/v/a.enc', null)).toBe('https://media-1.cdn.whatsapp.net/v/a.enc');
    expect(at(null, '/v/b.enc')).toBe('https://mmg.whatsapp.net/v/b.enc');
    expect(at('https://127.0.0.1:9/a', '/v/b.enc', '127.0.0.1:8443')).toBe('https://127.0.0.1:8443/v/b.enc');
  });

  it.each<[string | null, string | null]>([
    ['https://evil.example/v/a.enc', null],
    ['http://169.254.169.254/latest', null],
    ['https://whatsapp.net.evil.example/a', '/a'],
    ['https://evilwhatsapp.net/a', '/a'],
    ['https://mmg.whatsapp.net@evil.example/a', '/a'],
    [null, '//evil.example/a'],
    [null, '@evil.example/a'],
    [null, '.evil.example/a'],
    [null, ':99@evil.example/a'],
    [null, '\\\\evil.example\\a'],
    [null, 'https://evil.example/a'],
    ['https://mmg.whatsapp.net:99@evil.example', '//evil.example'],
  ])('is never elsewhere: %s, %s', (url, directPath) => {
    expect(new URL(at(url, directPath)).host).toBe('mmg.whatsapp.net');
  });

  it('is unknown when the message does not say', () => {
    expect(() => at(null, null)).toThrow('does not say where');
    expect(() => at('nonsense', null)).toThrow('does not say where');
  });
});

describe('the file of a message', () => {
  const raw = (message: proto.IMessage) => ({ key: { id: '1' }, message }) as RawMessage;

  it('is found in every kind of message, and within its wrappers', () => {
    const part = { mimetype: 'a/b', mediaKey: Buffer.alloc(32), directPath: '/v' };
    const kinds = [
      ['Image', { imageMessage: part }],
      ['Video', { videoMessage: part }],
      ['Video', { ptvMessage: part }],
      ['Audio', { audioMessage: part }],
      ['Document', { documentMessage: { ...part, fileName: 'a.b' } }],
      ['Image', { stickerMessage: part }],
      ['Document', { documentWithCaptionMessage: { message: { documentMessage: part } } }],
      ['Image', { viewOnceMessageV2: { message: { imageMessage: part } } }],
      ['Image', { ephemeralMessage: { message: { imageMessage: part } } }],
    ] as const;
    for (const [kind, message] of kinds) expect(mediaFileOf(raw(message))?.kind).toBe(kind);
    expect(mediaFileOf(raw({ conversation: 'no file' }))).toBeNull();
  });

  it('is described only, where nobody keeps files', async () => {
    const media = new MediaIn({ files: undefined } as never);
    const message = raw({ documentMessage: { mimetype: 'a/b', fileName: 'a.b' } });
    expect(await media.fetch(message)).toEqual({ url: null, mimetype: 'a/b', filename: 'a.b' });
    expect(await media.fetch(raw({ conversation: 'no file' }))).toBeNull();
  });
});

describe('a download', () => {
  let close = () => undefined as unknown;
  afterEach(() => close());

  it('follows no redirect', async () => {
    const server = createServer((_, response) => response.writeHead(302, { location: '/elsewhere' }).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    close = () => server.close();
    const { download } = await import('../../../../plugins/baileys/media/media-download.ts');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
    const options = { dispatcher: undefined, signal: new AbortController().signal };
    await expect(read(download(url, options))).rejects.toMatchObject({ fault: 'network' });
  });
});
