import { closeSync, fdatasync, openSync } from 'node:fs';

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

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}
