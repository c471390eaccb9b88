import type { Log } from 'waha-runtime';
import { sentence } from 'waha-runtime';

export interface InOrderOptions {
  readonly log: Log;
  /** At this length `onFull` is called; `onRoom` when it has fallen to half of it. */
  readonly limit: number;
  onFull(): void;
  onRoom(): void;
}

/** A fact whose publishing may begin before that of the one before it has ended. */
export interface Fact {
  /** What has to be done before; under way already. */
  readonly prepared: Promise<unknown>;
  /** Hands it over, at once when called, so that the order of the calls is the order of the facts. */
  publish(): Promise<void>;
}

interface Task {
  readonly prepared: Promise<unknown> | undefined;
  readonly work: () => Promise<void>;
  /** The next one begins only when this one has ended. */
  readonly alone: boolean;
}

/**
 * Begins tasks one after the other: the order of a session's events. A task that throws is logged and passed over. Facts
 * do not wait for each other's end, so that a store takes many of them in one commit.
 */
export class InOrder {
  readonly #options: InOrderOptions;
  readonly #tasks: Task[] = [];
  readonly #underWay = new Set<Promise<void>>();
  readonly #markers = new Set<() => void>();
  #running: Promise<void> | undefined;
  #full = false;
  #abandoned = false;

  constructor(options: InOrderOptions) {
    this.#options = options;
  }

  get length(): number {
    return this.#tasks.length + this.#underWay.size;
  }

  /** Runs a task that may hand over several facts, or look things up in between: nothing begins until it has ended. */
  push(task: () => Promise<void>): void {
    this.#add({ prepared: undefined, work: task, alone: true });
  }

  /** Hands over a fact in its turn; null is none. */
  pipe(fact: Fact | null): void {
    if (fact) this.#add({ prepared: fact.prepared, work: fact.publish, alone: false });
  }

  /** Resolves when everything that was added before has ended. */
  reached(): Promise<void> {
    if (this.#abandoned || this.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#markers.add(resolve);
      const mark = async (): Promise<void> => {
        await Promise.all(this.#underWay);
        this.#markers.delete(resolve);
        resolve();
      };
      if (this.#running) this.#tasks.push({ prepared: undefined, work: mark, alone: false });
      else void mark();
    });
  }

  /** Resolves when nothing is left to do. */
  async idle(): Promise<void> {
    await this.#running;
    await Promise.all(this.#underWay);
  }

  /** Drops what has not begun, and whatever comes. */
  abandon(): void {
    this.#abandoned = true;
    this.#tasks.length = 0;
    for (const resolve of this.#markers) resolve();
    this.#markers.clear();
  }

  #add(task: Task): void {
    if (this.#abandoned) return;
    this.#tasks.push(task);
    if (!this.#full && this.length >= this.#options.limit) {
      this.#full = true;
      this.#options.onFull();
    }
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    for (let task = this.#tasks.shift(); task; task = this.#tasks.shift()) {
      await task.prepared;
      const ended = this.#begin(task.work);
      if (task.alone) await ended;
    }
    this.#running = undefined;
  }

  #begin(work: () => Promise<void>): Promise<void> {
    const ended = work()
      .catch((error) => this.#options.log.error({ err: sentence(error) }, 'an inbound fact was lost'))
      .then(() => {
        this.#underWay.delete(ended);
        if (!this.#full || this.length > this.#options.limit / 2) return;
        this.#full = false;
        this.#options.onRoom();
      });
    this.#underWay.add(ended);
    return ended;
  }
}
