import type { ByteRange, FileEntry, FileKey, FileStorage } from '../../../core/storage.ts';

const placeOf = ({ session, name }: FileKey) => `${session}/${name}`;

/** Files in memory, as another plugin would bring a storage. */
export class MemoryStorage implements FileStorage {
  readonly name = 'memory';
  readonly files = new Map<string, Buffer>();
  /** What `put` rejects with, when it shall. */
  fault: Error | undefined;

  async put(
    key: FileKey,
    content: AsyncIterable<Uint8Array>,
    _labels: object,
    signal: AbortSignal,
  ): Promise<FileEntry> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of content) {
      signal.throwIfAborted();
      chunks.push(chunk);
    }
    if (this.fault) throw this.fault;
    const bytes = Buffer.concat(chunks);
    this.files.set(placeOf(key), bytes);
    return { ...key, size: bytes.length };
  }

  async stat(key: FileKey): Promise<FileEntry | null> {
    const bytes = this.files.get(placeOf(key));
    return bytes ? { ...key, size: bytes.length } : null;
  }

  async read(key: FileKey, range?: ByteRange): Promise<AsyncIterable<Uint8Array> | null> {
    const bytes = this.files.get(placeOf(key));
    if (!bytes) return null;
    return (async function* () {
      yield range ? bytes.subarray(range.start, range.end + 1) : bytes;
    })();
  }

  async remove(key: FileKey): Promise<void> {
    this.files.delete(placeOf(key));
  }

  async *list(): AsyncGenerator<FileEntry> {
    for (const [place, bytes] of this.files) {
      const [session = '', name = ''] = place.split('/');
      yield { session, name, size: bytes.length };
    }
  }

  s3({ session, name }: FileKey) {
    return { Bucket: 'memory', Key: `${session}/${name}` };
  }
}
