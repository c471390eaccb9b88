import { randomBytes } from 'node:crypto';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, describe, expect, it } from 'vitest';
import { definePlugin, type Files, Tokens } from '../../../core/index.ts';
import { describeFileStorage } from '../../../core/testing/conformance/index.ts';
import { createTestHost } from '../../../core/testing/create-test-host.ts';
import files from '../../../plugins/files/index.ts';
import s3 from '../../../plugins/s3/index.ts';
import { openBucket } from '../../../plugins/s3/open-bucket.ts';
import { S3Server } from '../../support/s3-server.ts';

const server = await S3Server.start();
afterAll(() => server.close());

const { bucket, keys } = server;
const place = { name: 's3', bucket, endpoint: server.url, region: 'us-east-1', forcePathStyle: true, ...keys };
const client = new S3Client({ ...place, credentials: keys, requestChecksumCalculation: 'WHEN_REQUIRED' });

let count = 0;
const open = async (prefix = `test-${++count}/`) => (await openBucket({ ...place, prefix })).storage;
const never = new AbortController().signal;
async function* pieces(...parts: Uint8Array[]) {
  yield* parts;
}
const bytesOf = async (content: AsyncIterable<Uint8Array> | null): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content ?? []) chunks.push(chunk);
  return Buffer.concat(chunks);
};

describeFileStorage('bucket', { open: () => open() });

describe('files in a bucket', () => {
  it('may be large', async () => {
    const storage = await open();
    const key = { session: 'default', name: 'large.mp4' };
    const parts = [randomBytes(4_000_000), randomBytes(4_000_000), randomBytes(4_000_001)];
    await storage.put(key, pieces(...parts), { mimetype: 'video/mp4', filename: null }, never);
    expect((await storage.stat(key))?.size).toBe(12_000_001);
    expect((await bytesOf(await storage.read(key))).equals(Buffer.concat(parts))).toBe(true);
  });

  it('say their type, and their name in whatever language', async () => {
    const storage = await open('labels/');
    const key = { session: 'default', name: 'a.pdf' };
    await storage.put(
      key,
      pieces(Buffer.from('a')),
      { mimetype: 'application/pdf', filename: 'Höhe \ud800.pdf' },
      never,
    );
    const head = new HeadObjectCommand({ Bucket: bucket, Key: 'labels/default/a.pdf' });
    const { ContentType, Metadata } = await client.send(head);
    expect([ContentType, Metadata?.['filename']]).toEqual(['application/pdf', 'H%C3%B6he%20%EF%BF%BD.pdf']);
  });

  it('of several deployments are apart, and what is no file of ours is not listed', async () => {
    const [one, other] = [await open('one/'), await open('other/')];
    const key = { session: 'default', name: 'x' };
    await one.put(key, pieces(Buffer.from('1')), { mimetype: 'text/plain', filename: null }, never);
    for (const name of ['one/readme.txt', 'one/a/b/c']) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: name, Body: 'of somebody else' }));
    }
    const listed = async (storage: Awaited<ReturnType<typeof open>>) => {
      const found = [];
      for await (const entry of storage.list()) found.push(entry);
      return found;
    };
    expect([await listed(one), await listed(other)]).toEqual([[{ ...key, size: 1 }], []]);
    expect(one.s3(key)).toEqual({ Bucket: bucket, Key: 'one/default/x' });
  });

  it.each([
    ['..', 'x'],
    ['default', '../x'],
    ['default', 'a/b'],
    ['de/fault', 'x'],
  ])('never have the name of another’s: %j %j', async (session, name) => {
    const storage = await open();
    await expect(storage.stat({ session, name })).rejects.toThrow('this is no name of a file');
  });
});

describe('the plugin s3', () => {
  const start = (config: object) => createTestHost({ plugins: [s3], config: { s3: config } });
  const right = { endpoint: server.url, bucket, ...keys };

  it('keeps the files that messages bring in the bucket, and the plugin files serves them', async () => {
    let stored: Files | undefined;
    const user = definePlugin({
      name: 'user',
      needs: { stored: Tokens.Files },
      setup({ services }) {
        stored = services.stored;
      },
    });
    const host = await createTestHost({ plugins: [s3, files, user], config: { s3: { ...right, prefix: 'host/' } } });
    const media = await stored?.receive({
      ...{ session: 'default', messageId: 'true_1@c.us_3EB0', mimetype: 'image/png', filename: null, size: 3 },
      ...{ sha256: null, fetch: () => pieces(Buffer.from('png')) },
    });
    expect(media).toMatchObject({
      error: null,
      s3: { Bucket: bucket, Key: expect.stringMatching(/^host\/default\//) },
    });
    const object = (media as { s3?: { Key: string } }).s3?.Key ?? '';
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: object }));
    expect(await Body?.transformToString()).toBe('png');
    expect(Buffer.from((await stored?.read('default', media?.url ?? '', 100)) ?? []).toString()).toBe('png');
    await host.close();
  });

  it('leaves files alone when another storage is asked for', async () => {
    const host = await start({ mediaStorage: 'LOCAL' });
    await host.close();
  });

  it.each([
    ['no bucket', { ...right, bucket: undefined }, 'bucket is required'],
    ['no keys', { ...right, secretAccessKey: undefined }, 'accessKeyId and secretAccessKey are required'],
    ['a path', { ...right, endpoint: `${server.url}/files` }, 'endpoint is the URL of a server, without a path'],
    [
      'no such bucket',
      { ...right, bucket: 'nowhere' },
      `the bucket 'nowhere' at ${server.url}: it is not there; make it first`,
    ],
    [
      'nobody there',
      { ...right, endpoint: 'http://127.0.0.1:1' },
      "the bucket 'files' at http://127.0.0.1:1: cannot be reached",
    ],
    [
      'a wrong key',
      { ...right, secretAccessKey: 'very-wrong' },
      `the bucket 'files' at ${server.url}: the server refuses it (`,
    ],
  ])('is refused in words, without a secret: %s', async (_name, config, words) => {
    const failure: Error = await start(config).then(
      () => new Error('it started'),
      (error: Error) => error,
    );
    expect(failure.message).toContain(words);
    expect(failure.message).not.toContain('very-wrong');
  });
});
