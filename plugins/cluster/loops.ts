import { type Clock, type Log, sentence } from 'waha-runtime';

/** Steps that are done again and again, each time a while after the one before is done. A failure is logged. */
export class Loops {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #timers = new Map<() => Promise<void>, unknown>();
  readonly #running = new Set<Promise<void>>();
  #ended = false;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  every(milliseconds: number, work: () => Promise<void>): void {
    if (this.#ended) return;
    const run = async (): Promise<void> => {
      await work().catch((error: unknown) => this.#log.warn(`a step of the cluster failed: ${sentence(error)}`));
      this.every(milliseconds, work);
    };
    const timer = this.#clock.setTimeout(() => {
      const running = run();
      this.#running.add(running);
      void running.finally(() => this.#running.delete(running));
    }, milliseconds);
    this.#timers.set(work, timer);
  }

  /** Resolves when no step is under way any more. */
  async end(): Promise<void> {
    this.#ended = true;
    for (const timer of this.#timers.values()) this.#clock.clearTimeout(timer);
    await Promise.allSettled(this.#running);
  }
}
