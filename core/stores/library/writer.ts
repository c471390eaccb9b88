import type { Sequence } from '../message-rows.ts';
import type { TimeLimit } from '../time-limit.ts';
import { Draft } from './draft.ts';
import { sizeOf } from './news.ts';
import type { Tables } from './tables.ts';
import type { Work } from './work.ts';

/** How much goes into one commit: a few milliseconds of the event loop. */
const AT_ONCE = 200;

interface Waiting {
  readonly work: Work;
  resolve(): void;
  reject(error: unknown): void;
}

export interface WriterOptions {
  readonly within: TimeLimit;
  readonly sequence: Sequence;
  /** So many messages were added. */
  added(count: number): void;
  /** There is nothing more to write for now. */
  done(): void;
}

/** Writes what one session learns, in order; what comes while a commit is under way goes into the next one. */
export class LibraryWriter {
  readonly #session: string;
  readonly #tables: Tables;
  readonly #options: WriterOptions;
  readonly #waiting: Waiting[] = [];
  #running: Promise<void> | null = null;

  constructor(session: string, tables: Tables, options: WriterOptions) {
    this.#session = session;
    this.#tables = tables;
    this.#options = options;
  }

  write(work: Work): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ work, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing waits. Never rejects. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    await Promise.resolve(); // what else this tick brings goes into the same commit
    while (this.#waiting.length > 0) {
      const group = this.#next();
      try {
        await this.#commit(group.map(({ work }) => work));
        for (const { resolve } of group) resolve();
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.#running = null;
    this.#options.done();
  }

  #next(): Waiting[] {
    let size = 0;
    let count = 0;
    for (const { work } of this.#waiting) {
      if (count > 0 && size >= AT_ONCE) break;
      size += 'news' in work ? sizeOf(work.news) : 1;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #commit(group: readonly Work[]): Promise<void> {
    const draft = new Draft(this.#session, this.#tables, this.#options.sequence);
    await this.#options.within(`saving the chats of session '${this.#session}'`, async () => {
      await draft.load(group);
      for (const work of group) draft.apply(work);
      await this.#tables.database.batch(draft.changes());
    });
    if (draft.added > 0) this.#options.added(draft.added);
  }
}
