import { Histogram } from 'waha-runtime';
import type { DeliveryState } from '../delivery-log/delivery.ts';

/** Upper bounds of the buckets of attempt durations (s). */
const latencyBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60] as const;
/** The same of lags: a delivery may wait for hours. */
const lagBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 60, 300, 3_600] as const;

/** What all queues count together since the start. */
export class Counters {
  delivered = 0;
  /** Dead. */
  failed = 0;
  retried = 0;
  dropped = 0;
  /** Attempts that failed. */
  failedAttempts = 0;
  /** How long attempts took (s). */
  readonly durations = new Histogram(latencyBuckets);
  /** From the commit of an event to its delivery (s). */
  readonly lags = new Histogram(lagBuckets);

  /** What became of deliveries, in numbers. */
  get totals(): Pick<Counters, 'delivered' | 'failed' | 'retried' | 'dropped'> {
    const { delivered, failed, retried, dropped } = this;
    return { delivered, failed, retried, dropped };
  }

  ended(state: Exclude<DeliveryState, 'pending'>): void {
    if (state === 'delivered') this.delivered += 1;
    else if (state === 'dead') this.failed += 1;
    else this.dropped += 1;
  }

  observe(durationMs: number, outcome: 'delivered' | 'failed' | 'gone'): void {
    if (outcome !== 'delivered') this.failedAttempts += 1;
    this.durations.observe(durationMs / 1000);
  }
}
