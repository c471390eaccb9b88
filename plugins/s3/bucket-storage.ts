import { createReadStream, createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { isSessionName, temporaryFolder } from 'waha-runtime';
import {
  type ByteRange,
  type FileEntry,
  type FileKey,
  type FileLabels,
  type FileStorage,
  isFileName,
} from 'waha-runtime/storage';

export interface BucketStorageOptions {
  /** The plugin's name. */
  readonly name: string;
  readonly client: S3Client;
  readonly bucket: string;
  /** What every key begins with: empty, or with a slash at its end. */
  readonly prefix: string;
}

/**
 * Files in a bucket of an object store: `{prefix}{session}/{name}`. A file is brought together on the disk first: its length has to
 * be known before it is sent, and of one that breaks off nothing is sent at all.
 */
export class BucketStorage implements FileStorage {
  readonly name: string;
  readonly #options: BucketStorageOptions;

  constructor(options: BucketStorageOptions) {
    this.name = options.name;
    this.#options = options;
  }

  async put(
    key: FileKey,
    content: AsyncIterable<Uint8Array>,
    labels: FileLabels,
    signal: AbortSignal,
  ): Promise<FileEntry> {
    const place = this.#at(key);
    const folder = await temporaryFolder('s3');
    try {
      const path = join(folder, 'file');
      await pipeline(content, createWriteStream(path, { mode: 0o600 }), { signal });
      const { size } = await stat(path);
      const put = new PutObjectCommand({
        ...place,
        Body: createReadStream(path),
        ContentLength: size,
        ContentType: labels.mimetype,
        Metadata: metadataOf(labels),
      });
      await this.#options.client.send(put, { abortSignal: signal });
      return { ...key, size };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async stat(key: FileKey): Promise<FileEntry | null> {
    const head = new HeadObjectCommand(this.#at(key));
    const found = await this.#options.client.send(head).catch(nothing);
    return found && { ...key, size: found.ContentLength ?? 0 };
  }

  async read(key: FileKey, range?: ByteRange): Promise<AsyncIterable<Uint8Array> | null> {
    const part = range ? { Range: `bytes=${range.start}-${range.end}` } : {};
    const get = new GetObjectCommand({ ...this.#at(key), ...part });
    const found = await this.#options.client.send(get).catch(nothing);
    const body = found?.Body instanceof Readable ? found.Body : Readable.from([]);
    return found && (range ? within(body, range, found.ContentRange !== undefined) : body);
  }

  async remove(key: FileKey): Promise<void> {
    await this.#options.client.send(new DeleteObjectCommand(this.#at(key))).catch(nothing);
  }

  async *list(): AsyncGenerator<FileEntry> {
    const { client, bucket, prefix } = this.#options;
    for (let token: string | undefined; ; ) {
      const list = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token });
      const { Contents = [], NextContinuationToken, IsTruncated } = await client.send(list);
      for (const { Key = '', Size = 0 } of Contents) {
        const [session = '', name = '', ...more] = Key.slice(prefix.length).split('/');
        if (more.length === 0 && isSessionName(session) && isFileName(name)) yield { session, name, size: Size };
      }
      if (!IsTruncated || NextContinuationToken === undefined) return;
      token = NextContinuationToken;
    }
  }

  s3(key: FileKey): { readonly Bucket: string; readonly Key: string } {
    return this.#at(key);
  }

  /** Names come from outside: one with a slash would be another session's file. */
  #at({ session, name }: FileKey): { readonly Bucket: string; readonly Key: string } {
    if (!isSessionName(session) || !isFileName(name)) throw new TypeError('this is no name of a file');
    const { bucket, prefix } = this.#options;
    return { Bucket: bucket, Key: `${prefix}${session}/${name}` };
  }
}

/** These bytes alone, whatever the server sends: not every one knows ranges (`isPart`), or those of a single byte. */
async function* within(body: AsyncIterable<Uint8Array>, { start, end }: ByteRange, isPart: boolean) {
  let skip = isPart ? 0 : start;
  let left = end - start + 1;
  for await (const chunk of body) {
    const wanted = chunk.subarray(skip, skip + left);
    skip = Math.max(0, skip - chunk.length);
    left -= wanted.length;
    if (wanted.length > 0) yield wanted;
    if (left === 0) return;
  }
}

/** Headers are ASCII. */
const metadataOf = ({ filename }: FileLabels): Record<string, string> =>
  filename === null ? {} : { filename: encodeURIComponent(filename.slice(0, 300).toWellFormed()) };

/** Servers answer a HEAD without a body, so that the name is that of the status then. */
const absent: ReadonlySet<string> = new Set(['NoSuchKey', 'NotFound']);

const nothing = (error: { readonly name?: string }): null => {
  if (absent.has(error.name ?? '')) return null;
  throw error;
};
