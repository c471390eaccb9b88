import type { DeliveryState } from './delivery.ts';

/** Upper bounds of the buckets of attempt durations (s). */
export const latencyBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60] as const;

/** What all lanes count together since the start. */
export class Tally {
  delivered = 0;
  /** Dead. */
  failed = 0;
  retried = 0;
  dropped = 0;
  /** Attempts that failed. */
  failedAttempts = 0;
  /** How many attempts took at most as long as the bucket of the same index; the last one counts all. */
  readonly durations: number[] = Array.from({ length: latencyBuckets.length + 1 }, () => 0);
  durationSum = 0;

  ended(state: Exclude<DeliveryState, 'pending'>): void {
    if (state === 'delivered') this.delivered += 1;
    else if (state === 'dead') this.failed += 1;
    else this.dropped += 1;
  }

  observe(durationMs: number, outcome: 'delivered' | 'failed' | 'gone'): void {
    if (outcome !== 'delivered') this.failedAttempts += 1;
    const seconds = durationMs / 1000;
    this.durationSum += seconds;
    for (const [index, bound] of [...latencyBuckets, Number.POSITIVE_INFINITY].entries()) {
      if (seconds <= bound) this.durations[index] = (this.durations[index] ?? 0) + 1;
    }
  }
}
