import { randomInt } from 'node:crypto';
import { type BackoffLimits, backoff, type Clock, type Log, sentence } from 'waha-runtime';
import type { Stored } from 'waha-runtime/storage';
import { DatabaseThread } from './database-thread.ts';
import type { Executor, Question, Statement } from './executor.ts';
import type { SqliteFile } from './open-file.ts';
import { prepareThread, type StartThread } from './start-thread.ts';

export interface LastingOptions {
  readonly clock: Clock;
  readonly log: Pick<Log, 'warn' | 'error'>;
}

const pauses: BackoffLimits = { first: 250, longest: 30_000 };
/** A thread that lived for so long (ms) did not die of being started. */
const settledAfter = 60_000;

/**
 * A connection that outlives its thread: when that dies, the next call starts another one, which opens the file again. What
 * was asked and not answered rejects, and nobody knows whether it was committed. One that dies soon after its start is
 * followed by a pause in which every call rejects, growing up to a bound.
 *
 * After a failed sync there is no other thread: what is in the kernel's memory and what is on disk may differ then. (A sync
 * that failed and was not heard of is made up for by `WriteAheadLog.secure`.)
 */
export class LastingThread implements Executor {
  readonly #start: (again: boolean) => DatabaseThread;
  readonly #options: LastingOptions;
  #thread: DatabaseThread;
  #startedAt = 0;
  /** How many died in a row, each soon after its start. */
  #deaths = 0;
  #pause: { readonly timer: unknown } | null = null;
  #closed = false;

  private constructor(file: SqliteFile, start: StartThread, options: LastingOptions) {
    const mark = randomInt(1, 2 ** 31);
    this.#options = options;
    this.#start = (again) => {
      this.#startedAt = options.clock.now();
      return new DatabaseThread(start({ file, claim: { mark, again } }), (why) => this.#ended(why));
    };
    this.#thread = this.#start(false);
  }

  /** Starts the thread and opens the file on it. Rejects with libsql's message and `code`. */
  static async open(file: SqliteFile, options: LastingOptions): Promise<LastingThread> {
    const lasting = new LastingThread(file, await prepareThread(), options);
    try {
      await lasting.#thread.opened;
      return lasting;
    } catch (error) {
      await lasting.close();
      throw error;
    }
  }

  async write(tables: readonly string[], statements: readonly Statement[]): Promise<number[]> {
    return this.#alive().write(tables, statements);
  }

  async read(table: string, question: Question): Promise<Stored[][]> {
    return this.#alive().read(table, question);
  }

  async copy(target: string): Promise<void> {
    return this.#alive().copy(target);
  }

  /** A thread that died let go of the file, and what it acknowledged is on disk. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#pause) this.#options.clock.clearTimeout(this.#pause.timer);
    if (this.#thread.failure === null) await this.#thread.close();
    else await this.#thread.ended;
  }

  /** The thread, or another one in its place; one that died and has none rejects by itself. */
  #alive(): DatabaseThread {
    const { hasEnded, unsynced } = this.#thread;
    if (hasEnded && !unsynced && this.#pause === null && !this.#closed) this.#replace();
    return this.#thread;
  }

  #replace(): void {
    const { log } = this.#options;
    try {
      this.#thread = this.#start(true);
    } catch (error) {
      this.#ended(error);
      throw error;
    }
    this.#thread.opened.then(
      () => log.warn('the database goes on, on another thread'),
      () => undefined, // its end is logged
    );
  }

  #ended(why: unknown): void {
    if (this.#closed) return;
    const { clock, log } = this.#options;
    const wasSettled = clock.now() - this.#startedAt >= settledAfter;
    this.#deaths = wasSettled ? 1 : this.#deaths + 1;
    const pause = this.#deaths === 1 ? 0 : backoff(this.#deaths - 1, pauses);
    log.error({ pause, deaths: this.#deaths }, `the thread of the database is gone: ${sentence(why)}`);
    if (pause === 0) return;
    const timer = clock.setTimeout(() => {
      this.#pause = null;
    }, pause);
    this.#pause = { timer };
  }
}
