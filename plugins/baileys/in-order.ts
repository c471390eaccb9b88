import type { Log } from 'waha-runtime';
import { sentence } from 'waha-runtime';

export interface InOrderOptions {
  readonly log: Log;
  /** At this length `onFull` is called; `onRoom` when it has fallen to half of it. */
  readonly limit: number;
  onFull(): void;
  onRoom(): void;
}

/** Runs tasks one after the other: the order of a session's events. A task that throws is logged and passed over. */
export class InOrder {
  readonly #options: InOrderOptions;
  readonly #tasks: (() => Promise<void>)[] = [];
  readonly #markers = new Set<() => void>();
  #running: Promise<void> | undefined;
  #full = false;
  #abandoned = false;

  constructor(options: InOrderOptions) {
    this.#options = options;
  }

  get length(): number {
    return this.#tasks.length;
  }

  push(task: () => Promise<void>): void {
    if (this.#abandoned) return;
    this.#tasks.push(task);
    if (!this.#full && this.#tasks.length >= this.#options.limit) {
      this.#full = true;
      this.#options.onFull();
    }
    this.#running ??= this.#run();
  }

  /** Resolves when everything that was pushed before is done. */
  reached(): Promise<void> {
    if (!this.#running || this.#abandoned) return Promise.resolve();
    return new Promise((resolve) => {
      this.#markers.add(resolve);
      this.#tasks.push(async () => {
        this.#markers.delete(resolve);
        resolve();
      });
    });
  }

  /** Resolves when nothing is left to do. */
  idle(): Promise<void> {
    return this.#running ?? Promise.resolve();
  }

  /** Drops what has not begun, and whatever comes. */
  abandon(): void {
    this.#abandoned = true;
    this.#tasks.length = 0;
    for (const resolve of this.#markers) resolve();
    this.#markers.clear();
  }

  async #run(): Promise<void> {
    for (let task = this.#tasks.shift(); task; task = this.#tasks.shift()) {
      await task().catch((error) => this.#options.log.error({ err: sentence(error) }, 'an inbound fact was lost'));
      if (this.#full && this.#tasks.length <= this.#options.limit / 2) {
        this.#full = false;
        this.#options.onRoom();
      }
    }
    this.#running = undefined;
  }
}
