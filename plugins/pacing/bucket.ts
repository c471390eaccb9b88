import type { WholePace } from './config.ts';

/** One turn of a bucket. */
export type Turn =
  /** Taken: go on after `wait` (ms). */
  | { readonly taken: true; readonly wait: number }
  /** Not taken: it would have been `wait` (ms). */
  | { readonly taken: false; readonly wait: number };

/**
 * A token bucket that hands out turns in advance: who has to wait knows how long, and those who wait keep their order. The
 * pace may change from call to call.
 */
export class Bucket {
  /** When the bucket will be full again (ms), were nothing more taken. */
  #fullAt = 0;

  /** Takes a turn, unless it would be more than `longest` (ms) away. */
  take(now: number, { perMinute, burst }: WholePace, longest: number): Turn {
    const interval = 60_000 / perMinute;
    const begins = Math.max(this.#fullAt, now);
    const wait = Math.max(0, Math.ceil(begins - (burst - 1) * interval - now));
    if (wait > longest) return { taken: false, wait };
    this.#fullAt = begins + interval;
    return { taken: true, wait };
  }
}
