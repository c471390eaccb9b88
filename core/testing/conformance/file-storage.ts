import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ByteRange, FileKey, FileStorage } from '../../contracts/files.ts';

/** How `describeFileStorage` opens a storage and cleans up after it. */
export interface FileStorageSuiteOptions {
  /** Called before each test: a storage that is empty. */
  open(): Promise<FileStorage> | FileStorage;
  /** Called after each test. */
  readonly afterEach?: () => void | Promise<void>;
}

const key: FileKey = { session: 'default', name: 'true_123@c.us_3EB0.jpg' };
const labels = { mimetype: 'image/jpeg', filename: null };
const never = new AbortController().signal;

async function* pieces(...parts: readonly (Uint8Array | Error)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if (part instanceof Error) throw part;
    yield part;
  }
}

/** What a storage of files promises. */
export const describeFileStorage = (name: string, { open, afterEach: after }: FileStorageSuiteOptions): void => {
  describe(`file storage ${name}`, () => {
    let storage: FileStorage;
    beforeEach(async () => {
      storage = await open();
    });
    afterEach(() => after?.());

    const bytesOf = async (of: FileKey, range?: ByteRange): Promise<Buffer | null> => {
      const content = await storage.read(of, range);
      if (!content) return null;
      const chunks: Uint8Array[] = [];
      for await (const chunk of content) chunks.push(chunk);
      return Buffer.concat(chunks);
    };
    const listed = async (): Promise<string[]> => {
      const names: string[] = [];
      for await (const { session, name, size } of storage.list()) names.push(`${session}/${name} ${size}`);
      return names.sort();
    };

    it('gives back what it was given, whole and in part', async () => {
      const parts = [randomBytes(70_000), randomBytes(1), randomBytes(130_000)];
      const whole = Buffer.concat(parts);
      expect(await storage.put(key, pieces(...parts), labels, never)).toEqual({ ...key, size: whole.length });
      expect(await storage.stat(key)).toEqual({ ...key, size: whole.length });
      expect((await bytesOf(key))?.equals(whole)).toBe(true);
      for (const [start, end] of [
        [0, 0],
        [69_999, 70_001],
        [10, whole.length - 1],
      ] as const) {
        expect((await bytesOf(key, { start, end }))?.equals(whole.subarray(start, end + 1))).toBe(true);
      }
    });

    it('keeps an empty file', async () => {
      await storage.put(key, pieces(), labels, never);
      expect((await storage.stat(key))?.size).toBe(0);
      expect((await bytesOf(key))?.length).toBe(0);
    });

    it('replaces a file of the same name, and only when the new one is whole', async () => {
      await storage.put(key, pieces(Buffer.from('one')), labels, never);
      const broken = storage.put(key, pieces(Buffer.from('two'), new Error('broken')), labels, never);
      await expect(broken).rejects.toThrow('broken');
      expect((await bytesOf(key))?.toString()).toBe('one');
      await storage.put(key, pieces(Buffer.from('three')), labels, never);
      expect((await bytesOf(key))?.toString()).toBe('three');
      expect(await listed()).toEqual(['default/true_123@c.us_3EB0.jpg 5']);
    });

    it('has nothing of a file that broke off, or was given up', async () => {
      await expect(storage.put(key, pieces(Buffer.from('a'), new Error('broken')), labels, never)).rejects.toThrow();
      const given = new AbortController();
      async function* endless(): AsyncGenerator<Uint8Array> {
        yield Buffer.from('a');
        given.abort(new Error('given up'));
        for (;;) yield await Promise.resolve(Buffer.from('a'));
      }
      await expect(storage.put(key, endless(), labels, given.signal)).rejects.toThrow();
      expect([await storage.stat(key), await bytesOf(key), await listed()]).toEqual([null, null, []]);
    });

    it('removes files, and does not mind when there are none', async () => {
      await storage.put(key, pieces(Buffer.from('a')), labels, never);
      await storage.put({ ...key, name: 'b' }, pieces(Buffer.from('b')), labels, never);
      await storage.remove(key);
      await storage.remove(key);
      expect([await storage.stat(key), await listed()]).toEqual([null, ['default/b 1']]);
    });

    it('keeps the files of sessions apart, and lists them all', async () => {
      for (const session of ['one', 'two']) {
        await storage.put({ ...key, session }, pieces(Buffer.from(session)), labels, never);
      }
      await storage.remove({ ...key, session: 'one' });
      expect((await bytesOf({ ...key, session: 'two' }))?.toString()).toBe('two');
      expect(await listed()).toEqual(['two/true_123@c.us_3EB0.jpg 3']);
    });

    it('takes several files at once', async () => {
      const names = Array.from({ length: 20 }, (_, index) => `file-${index}`);
      await Promise.all(
        names.map((name) =>
          storage.put({ ...key, name }, pieces(Buffer.from(name)), labels, new AbortController().signal),
        ),
      );
      for (const name of names) expect((await bytesOf({ ...key, name }))?.toString()).toBe(name);
    });
  });
};
