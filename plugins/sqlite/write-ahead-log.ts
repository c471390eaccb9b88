import { closeSync, existsSync, fdatasync, fdatasyncSync, openSync, readSync, writeSync } from 'node:fs';

const chunkBytes = 1024 * 1024;

/**
 * The file in which SQLite's commits are, and the way to the disk for them. SQLite itself would sync after each commit
 * and keep the whole process waiting; here the kernel syncs while the event loop goes on. SQLite still syncs before it
 * moves pages into the database, so nothing but the moment of acknowledging depends on this.
 *
 * Opening the file is safe: SQLite holds its locks on the database, none on this one.
 */
export class WriteAheadLog {
  readonly #path: string;
  #descriptor: number | undefined;

  /** `path` is the database's. */
  constructor(path: string) {
    this.#path = `${path}-wal`;
  }

  /** Resolves when every commit before the call is on disk. */
  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#descriptor ??= openSync(this.#path, 'r+');
      fdatasync(this.#descriptor, (error) => (error ? reject(error) : resolve()));
    });
  }

  /**
   * Brings what an earlier connection left here to the disk: it is about to be read, and may never have been synced. Or it
   * was, in vain, and who asked for it died before hearing so: the kernel reports a failed sync once, forgets that those
   * pages are not on disk, and answers the next sync with success. So they are written again, as they are, before they
   * are synced. Only for who has the database for itself.
   */
  secure(): void {
    if (!existsSync(this.#path)) return;
    const descriptor = openSync(this.#path, 'r+');
    try {
      const chunk = Buffer.alloc(chunkBytes);
      for (let at = 0; ; ) {
        const read = readSync(descriptor, chunk, 0, chunkBytes, at);
        if (read === 0) break;
        at += writeSync(descriptor, chunk, 0, read, at);
      }
      fdatasyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}
