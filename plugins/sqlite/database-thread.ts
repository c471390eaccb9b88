import type { Worker } from 'node:worker_threads';
import type { Stored } from 'waha-runtime/storage';
import { type Call, type Calls, type Failure, OPENED, type Part, type Reply } from './calls.ts';
import type { Executor, Question, Statement } from './executor.ts';
import { SentTexts } from './sent-texts.ts';

interface Waiting {
  resolve(value: never): void;
  reject(error: Error): void;
}

/** Omits the id of each kind of call. */
type Asked<C> = C extends { readonly id: number } ? Omit<C, 'id'> : never;

/**
 * A connection on a thread of its own. It can be asked at once: what is asked before the file is open waits for that. It
 * keeps the process alive only while something is asked of it.
 */
export class DatabaseThread implements Executor {
  /** Rejects, when the file cannot be opened, with libsql's message and `code`. */
  readonly opened: Promise<void>;
  /** Resolves when the thread is gone, and what it held of the file with it. */
  readonly ended: Promise<void>;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #texts = new SentTexts();
  /** Asked for in this turn of the event loop. */
  #calls: Call[] = [];
  #count = OPENED;
  /** Why nothing can be asked any more. */
  #failure: Error | null = null;
  #hasEnded = false;
  #unsynced: Error | null = null;

  /** `onEnd` is called when the thread is gone, before anybody who waits hears of it. */
  constructor(worker: Worker, onEnd: (why: Error) => void = () => undefined) {
    this.#worker = worker;
    this.opened = new Promise((resolve, reject) => this.#waiting.set(OPENED, { resolve, reject }));
    this.opened.catch(() => undefined);
    worker.on('message', (replies: readonly Reply[]) => this.#take(replies));
    worker.on('error', (cause: unknown) => {
      this.#failure ??= new Error(`its thread has died: ${cause instanceof Error ? cause.message : cause}`, { cause });
    });
    this.ended = new Promise((resolve) => {
      worker.once('exit', () => {
        this.#hasEnded = true;
        this.#failure = this.#unsynced ?? this.#failure ?? new Error('its thread has ended');
        onEnd(this.#failure);
        this.#rejectAll(this.#failure);
        resolve();
      });
    });
  }

  /** Why nothing can be asked any more, or null. */
  get failure(): Error | null {
    return this.#failure;
  }

  /** Whether the thread is gone. One that has failed is about to. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Whether a sync failed: nobody knows what of its writes is on disk. */
  get unsynced(): boolean {
    return this.#unsynced !== null;
  }

  write(tables: readonly string[], statements: readonly Statement[]): Promise<number[]> {
    return this.#ask({
      ask: 'write',
      tables,
      statements: statements.map((statement) => this.#texts.statement(statement)),
    });
  }

  async read(table: string, question: Question): Promise<Stored[][]> {
    const asked = this.#ask<Part>({ ask: 'read', table, question: this.#texts.question(question) });
    const of = this.#count;
    const { rows, isMore } = await asked;
    for (let left = isMore; left; ) {
      const part = await this.#ask<Part>({ ask: 'rest', of });
      rows.push(...part.rows);
      left = part.isMore;
    }
    return rows;
  }

  copy(target: string): Promise<void> {
    return this.#ask({ ask: 'copy', target });
  }

  async close(): Promise<void> {
    await this.#ask<void>({ ask: 'close' });
    this.#worker.ref();
    await this.ended;
  }

  #ask<T>(asked: Asked<Call>): Promise<T> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise<T>((resolve, reject) => {
      const id = ++this.#count;
      if (this.#waiting.size === 0) this.#worker.ref();
      this.#waiting.set(id, { resolve, reject });
      if (this.#calls.push({ ...asked, id } as Call) === 1) setImmediate(() => this.#send());
    });
  }

  #send(): void {
    const calls = this.#calls;
    this.#calls = [];
    if (!this.#failure) this.#worker.postMessage({ texts: this.#texts.added(), calls } satisfies Calls);
  }

  #take(replies: readonly Reply[]): void {
    for (const reply of replies) {
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      if ('failure' in reply) waiting?.reject(this.#failed(reply.id, reply.failure));
      else waiting?.resolve(reply.value as never);
    }
    if (this.#waiting.size === 0) this.#worker.unref();
  }

  #failed(id: number, { message, code, place, unsynced }: Failure): Error {
    const error = Object.assign(new Error(message), { code, place });
    if (unsynced) this.#unsynced ??= error;
    if (id === OPENED) {
      this.#failure ??= error;
      void this.#worker.terminate();
    }
    return error;
  }

  #rejectAll(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
