import { Worker } from 'node:worker_threads';
import type { Stored } from 'waha-runtime';
import { type Call, type Failure, OPENED, type Reply } from './calls.ts';
import type { Executor, Question, Statement } from './executor.ts';
import type { SqliteFile } from './open-file.ts';

interface Waiting {
  resolve(value: never): void;
  reject(error: Error): void;
}

/** Omits the id of each kind of call. */
type Asked<C> = C extends { readonly id: number } ? Omit<C, 'id'> : never;

/** A connection on a thread of its own. It keeps the process alive only while something is asked of it. */
export class DatabaseThread implements Executor {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended: Promise<void>;
  /** Asked for in this turn of the event loop. */
  #calls: Call[] = [];
  #count = OPENED;
  /** Why nothing can be asked any more. */
  #failure: Error | null = null;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (replies: readonly Reply[]) => this.#take(replies));
    worker.on('error', (error: unknown) => this.#fail(error instanceof Error ? error : new Error(String(error))));
    this.#ended = new Promise((resolve) => {
      worker.once('exit', () => {
        this.#fail(new Error('its thread has ended'));
        resolve();
      });
    });
  }

  /** Starts the thread and opens the file on it. Rejects with libsql's message and `code`. */
  static async open(file: SqliteFile): Promise<DatabaseThread> {
    const thread = new DatabaseThread(await startWorker(file));
    await new Promise<void>((resolve, reject) => thread.#waiting.set(OPENED, { resolve, reject })).catch(
      async (error: unknown) => {
        await thread.#worker.terminate();
        throw error;
      },
    );
    return thread;
  }

  write(tables: readonly string[], statements: readonly Statement[]): Promise<number[]> {
    return this.#ask({ ask: 'write', tables, statements });
  }

  read(table: string, question: Question): Promise<Stored[][]> {
    return this.#ask({ ask: 'read', table, question });
  }

  async close(): Promise<void> {
    await this.#ask<void>({ ask: 'close' });
    this.#worker.ref();
    await this.#ended;
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
    if (!this.#failure) this.#worker.postMessage(calls);
  }

  #take(replies: readonly Reply[]): void {
    for (const reply of replies) {
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      if ('failure' in reply) waiting?.reject(errorOf(reply.failure));
      else waiting?.resolve(reply.value as never);
    }
    if (this.#waiting.size === 0) this.#worker.unref();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }
}

const errorOf = ({ message, code }: Failure): Error => Object.assign(new Error(message), { code });

/** Node loads no TypeScript: in a checkout the thread's few files are compiled here, once. */
const startWorker = async (file: SqliteFile): Promise<Worker> => {
  const options = { name: 'sqlite', workerData: file, execArgv: [] };
  if (import.meta.url.endsWith('.js')) return new Worker(new URL('./thread.js', import.meta.url), options);
  const { compileThread } = await import('./thread-from-sources.ts');
  return new Worker(compileThread(), { ...options, eval: true });
};
