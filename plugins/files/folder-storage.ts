import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isSessionName } from 'waha-runtime';
import {
  type ByteRange,
  type FileEntry,
  type FileKey,
  type FileLabels,
  type FileStorage,
  isFileName,
} from 'waha-runtime/storage';

/** Files that are being written; no session is called so. */
const PARTIAL = '.partial';
/** Nothing is written for so long (ms). */
const STALE_MS = 3_600_000;

/** Files in a folder of this machine: `{folder}/{session}/{name}`. What it makes is for the owner alone, like the databases. */
export class FolderStorage implements FileStorage {
  readonly name = 'folder';
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Makes the folder, and removes what was being written when the last process ended. `shared`: other processes write there now, so only
   * what is old goes.
   */
  async open({ shared = false, now = Date.now() } = {}): Promise<void> {
    const partial = join(this.#folder, PARTIAL);
    const left = (await readdir(partial).catch(nothing)) ?? [];
    for (const name of left) {
      const path = join(partial, name);
      const found = shared ? await stat(path).catch(nothing) : null;
      if (!shared || (found && now - found.mtimeMs > STALE_MS)) await rm(path, { recursive: true, force: true });
    }
    await mkdir(join(this.#folder, PARTIAL), { recursive: true, mode: 0o700 });
  }

  async put(
    key: FileKey,
    content: AsyncIterable<Uint8Array>,
    _labels: FileLabels,
    signal: AbortSignal,
  ): Promise<FileEntry> {
    const path = this.#pathOf(key);
    const partial = join(this.#folder, PARTIAL, randomUUID());
    try {
      await pipeline(content, createWriteStream(partial, { flags: 'wx', flush: true, mode: 0o600 }), { signal });
      const { size } = await stat(partial);
      await this.#into(key.session, () => rename(partial, path));
      await syncFolder(join(this.#folder, key.session));
      return { ...key, size };
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    }
  }

  async stat(key: FileKey): Promise<FileEntry | null> {
    const found = await stat(this.#pathOf(key)).catch(nothing);
    return found?.isFile() ? { ...key, size: found.size } : null;
  }

  async read(key: FileKey, range?: ByteRange): Promise<AsyncIterable<Uint8Array> | null> {
    const handle = await open(this.#pathOf(key)).catch(nothing);
    if (!handle) return null;
    return createReadStream('', { fd: handle, ...range });
  }

  async remove(key: FileKey): Promise<void> {
    await rm(this.#pathOf(key), { force: true });
    // No folder says that there was a session. One that has files stays.
    await rmdir(join(this.#folder, key.session)).catch(() => undefined);
  }

  /** The folder of a session may go at any moment, with the last file that was there. */
  async #into(session: string, move: () => Promise<void>, tries = 20): Promise<void> {
    await mkdir(join(this.#folder, session), { recursive: true, mode: 0o700 });
    try {
      await move();
    } catch (error) {
      if (tries === 1 || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      await this.#into(session, move, tries - 1);
    }
  }

  async *list(): AsyncGenerator<FileEntry> {
    const sessions = (await readdir(this.#folder).catch(nothing)) ?? [];
    for (const session of sessions.filter(isSessionName)) {
      const names = (await readdir(join(this.#folder, session)).catch(nothing)) ?? [];
      for (const name of names.filter(isFileName)) {
        const entry = await this.stat({ session, name });
        if (entry) yield entry;
      }
    }
  }

  /** Names come from outside: one that could leave the folder is nobody's file. */
  #pathOf({ session, name }: FileKey): string {
    if (!isSessionName(session) || !isFileName(name)) throw new TypeError('this is no name of a file');
    return join(this.#folder, session, name);
  }
}

/** A rename is on the disk when its folder is. */
const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder).catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
};

const nothing = (error: NodeJS.ErrnoException): null => {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
  throw error;
};
