import { fdatasync, fdatasyncSync } from 'node:fs';

/** A sync that takes no longer is waited for where it is asked for (ms): handing it to another thread and hearing of its end takes as long. */
const shortMs = 4;
/** After a longer one so many are handed over, before it is tried again. */
const handedOver = 50;

/** How a file is synced: `here` waits for it, `beside` calls back. Both say nothing but that it failed. */
export interface SyncCalls {
  here(descriptor: number): void;
  beside(descriptor: number, ended: (error: Error | null) => void): void;
  now(): number;
}

const systemCalls: SyncCalls = { here: fdatasyncSync, beside: fdatasync, now: () => performance.now() };

/**
 * Brings files to the disk: on the calling thread while the disk is fast, beside it while it is not, so that a slow disk keeps
 * nobody waiting who only wants to read.
 */
export class DiskSync {
  readonly #calls: SyncCalls;
  #left = 0;

  constructor(calls: SyncCalls = systemCalls) {
    this.#calls = calls;
  }

  /** Resolves when what was written to the file is on disk. */
  sync(descriptor: number): Promise<void> {
    if (this.#left > 0) return this.#beside(descriptor);
    const began = this.#calls.now();
    try {
      this.#calls.here(descriptor);
    } catch (error) {
      return Promise.reject(error);
    }
    if (this.#calls.now() - began > shortMs) this.#left = handedOver;
    return Promise.resolve();
  }

  #beside(descriptor: number): Promise<void> {
    this.#left -= 1;
    return new Promise((resolve, reject) => {
      this.#calls.beside(descriptor, (error) => (error ? reject(error) : resolve()));
    });
  }
}
