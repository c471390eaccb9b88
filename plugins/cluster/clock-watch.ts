import type { Clock, Log } from 'waha-runtime';
import type { NodeRow } from './tables.ts';

/** What two clocks may differ by, beyond what a beat may be late (ms). */
const tolerance = 10_000;

/** Tells of processes whose time differs from ours: nothing is decided by it, but events carry it, and waits are measured with it. */
export class ClockWatch {
  readonly #tolerance: number;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #told = new Set<string>();

  constructor(deadAfter: number, clock: Clock, log: Log) {
    this.#tolerance = deadAfter + tolerance;
    this.#clock = clock;
    this.#log = log;
  }

  /** Looks at what the living say; each is told of once, until it is right again. */
  compare(rows: readonly NodeRow[], own: string): void {
    for (const { id, url, clock, beat } of rows) {
      const ahead = clock - this.#clock.now();
      const isRight = clock === 0 || Math.abs(ahead) <= this.#tolerance;
      if (isRight) this.#told.delete(id);
      if (isRight || id === own || beat < 0 || this.#told.has(id)) continue;
      this.#told.add(id);
      const seconds = Math.abs(Math.round(ahead / 1000));
      this.#log.warn(
        { node: id, url },
        `the clock of the process at ${url} is ${seconds} s ${ahead > 0 ? 'ahead of' : 'behind'} the one here: set both by NTP`,
      );
    }
    const living = new Set(rows.map(({ id }) => id));
    for (const id of this.#told) if (!living.has(id)) this.#told.delete(id);
  }
}
