import type { Distribution } from './contracts/metrics.ts';

/**
 * Counts values, such as how long something took (s), by the smallest bound that holds them. Its `buckets` are what a
 * `MetricSource` puts beside a name, a help and labels.
 */
export class Histogram {
  readonly #bounds: readonly number[];
  /** How many were in each bucket alone; the last one is beyond every bound. */
  readonly #counts: number[];
  #sum = 0;

  /** `bounds`: ascending. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(value: number): void {
    const found = this.#bounds.findIndex((bound) => value <= bound);
    const bucket = found === -1 ? this.#bounds.length : found;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += value;
  }

  /** Its state now: every bucket counts those before it, too, as Prometheus has it. */
  get buckets(): Pick<Distribution, 'bounds' | 'counts' | 'sum'> {
    let running = 0;
    const counts = this.#counts.map((count) => {
      running += count;
      return running;
    });
    return { bounds: this.#bounds, counts, sum: this.#sum };
  }
}
