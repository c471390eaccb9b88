import {
  backoff,
  type Change,
  type Clock,
  type Database,
  isRuntimeError,
  type Log,
  pause,
  sentence,
} from 'waha-runtime';

export interface ResultWriterOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  /** It works again after a failure. */
  onRecovered(): void;
  /** Knows what is left of changes that were refused, without those of sessions that are another process's now. */
  readonly moves?: { ours(changes: readonly Change[]): Promise<readonly Change[]> } | null;
}

const pauses = { first: 250, longest: 5_000 };

/** How many changes one batch takes. */
const batchSize = 500;

/**
 * Writes what became of deliveries: everything that is noted while a batch is under way goes into the next one. While
 * the medium fails it tries again for as long as it takes; what the process takes with it then is delivered once more.
 */
export class ResultWriter {
  readonly #options: ResultWriterOptions;
  #waiting = new Map<string, Change>();
  #running: Promise<void> | null = null;
  #failure: string | null = null;
  #given = false;

  constructor(options: ResultWriterOptions) {
    this.#options = options;
  }

  /** Why nothing can be written at present, or null. */
  get failure(): string | null {
    return this.#failure;
  }

  /** Notes a change; a later one with the same key replaces it. */
  note(key: string, change: Change): void {
    this.#waiting.delete(key);
    this.#waiting.set(key, change);
    this.#running ??= this.#run();
  }

  /** Resolves when everything noted so far is written. */
  async flush(): Promise<void> {
    while (this.#running) await this.#running;
  }

  /** Writes what is there once more at most. */
  async close(): Promise<void> {
    this.#given = true;
    await this.flush();
  }

  async #run(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.size > 0) {
      const group = [...this.#waiting].slice(0, batchSize);
      for (const [key] of group) this.#waiting.delete(key);
      await this.#write(group.map(([, change]) => change));
    }
    this.#running = null;
  }

  async #write(noted: readonly Change[]): Promise<void> {
    const { database, clock, log, onRecovered, moves } = this.#options;
    let changes = noted;
    for (let failures = 0; ; ) {
      try {
        if (changes.length > 0) await database.batch(changes);
        if (this.#failure === null) return;
        this.#failure = null;
        onRecovered();
        return;
      } catch (error) {
        if (moves && isRuntimeError(error, 'NOT_HELD')) {
          const left = await moves.ours(changes).catch(() => changes);
          if (left.length < changes.length) {
            changes = left;
            continue;
          }
        }
        this.#failure = sentence(error);
        log.error(`the results of webhook deliveries cannot be stored: ${this.#failure}`);
        if (this.#given) return;
        await pause(backoff(++failures, pauses), clock);
      }
    }
  }
}
