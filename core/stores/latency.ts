import type { Distribution } from '../contracts/metrics.ts';
import { Histogram } from '../histogram.ts';

/** Seconds. A commit is a sync of a disk: half a millisecond on a good one, tens on a bad one. */
const bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

/** How long calls to the databases took, by driver and kind of call. */
export class StoreLatency {
  readonly #times = new Map<string, Histogram>();

  /** `milliseconds` from the call to its end. */
  observe(driver: string, operation: 'read' | 'write', milliseconds: number): void {
    this.#of(`${driver} ${operation}`).observe(milliseconds / 1_000);
  }

  collect(): Distribution[] {
    return [...this.#times].map(([key, times]) => {
      const [driver = '', operation = ''] = key.split(' ');
      const help = 'How long calls to a database took';
      return { name: 'waha_store_seconds', help, type: 'histogram', labels: { driver, operation }, ...times.buckets };
    });
  }

  #of(key: string): Histogram {
    const known = this.#times.get(key);
    if (known) return known;
    const times = new Histogram(bounds);
    this.#times.set(key, times);
    return times;
  }
}
