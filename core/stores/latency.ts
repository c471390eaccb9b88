import type { Distribution } from '../contracts/metrics.ts';

/** Seconds. A commit is a sync of a disk: half a millisecond on a good one, tens on a bad one. */
const bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

interface Times {
  readonly counts: number[];
  sum: number;
}

/** How long calls to the databases took, by driver and kind of call. */
export class StoreLatency {
  readonly #times = new Map<string, Times>();

  /** `milliseconds` from the call to its end. */
  observe(driver: string, operation: 'read' | 'write', milliseconds: number): void {
    const times = this.#of(`${driver} ${operation}`);
    const seconds = milliseconds / 1_000;
    const bucket = bounds.findIndex((bound) => seconds <= bound);
    const index = bucket === -1 ? bounds.length : bucket;
    times.counts[index] = (times.counts[index] ?? 0) + 1;
    times.sum += seconds;
  }

  collect(): Distribution[] {
    return [...this.#times].map(([key, { counts, sum }]) => {
      const [driver = '', operation = ''] = key.split(' ');
      let running = 0;
      return {
        name: 'waha_store_seconds',
        help: 'How long calls to a database took',
        type: 'histogram',
        labels: { driver, operation },
        bounds,
        counts: counts.map((count) => {
          running += count;
          return running;
        }),
        sum,
      };
    });
  }

  #of(key: string): Times {
    const known = this.#times.get(key);
    if (known) return known;
    const times = { counts: Array.from({ length: bounds.length + 1 }, () => 0), sum: 0 };
    this.#times.set(key, times);
    return times;
  }
}
