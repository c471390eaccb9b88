import type { Delivery } from './delivery.ts';

/** A delivery that waits. */
export interface Waiting {
  readonly delivery: Delivery;
  /** Attempts made so far. */
  attempts: number;
  /** Not before this (ms). */
  dueAt: number;
}

/**
 * What waits for one endpoint: new deliveries in order of arrival, retries in order of their time. When both could go,
 * they take turns, so that neither keeps the other waiting.
 */
export class Backlog {
  readonly #fresh: Waiting[] = [];
  readonly #retries: Waiting[] = [];
  #retryWasLast = false;

  get size(): number {
    return this.#fresh.length + this.#retries.length;
  }

  add(waiting: Waiting): void {
    if (waiting.attempts === 0) {
      this.#fresh.push(waiting);
      return;
    }
    const later = this.#retries.findIndex(({ dueAt }) => dueAt > waiting.dueAt);
    this.#retries.splice(later === -1 ? this.#retries.length : later, 0, waiting);
  }

  /** Takes out what may go now. */
  take(now: number): Waiting | undefined {
    const retryIsDue = (this.#retries[0]?.dueAt ?? Number.POSITIVE_INFINITY) <= now;
    this.#retryWasLast = retryIsDue && (this.#fresh.length === 0 || !this.#retryWasLast);
    return this.#retryWasLast ? this.#retries.shift() : this.#fresh.shift();
  }

  /** When something may go: 0 when at once, Infinity when nothing waits. */
  nextAt(): number {
    return this.#fresh.length > 0 ? 0 : (this.#retries[0]?.dueAt ?? Number.POSITIVE_INFINITY);
  }

  /** Takes out the one that has waited longest: a retry is always older than what was never tried. */
  takeOldest(): Waiting | undefined {
    if (this.#retries.length === 0) return this.#fresh.shift();
    let oldest = 0;
    for (const [index, { delivery }] of this.#retries.entries()) {
      if (delivery.timestamp < this.#retries[oldest]!.delivery.timestamp) oldest = index;
    }
    return this.#retries.splice(oldest, 1)[0];
  }

  /** Empties it and says how many there were. */
  clear(): number {
    const { size } = this;
    this.#fresh.length = 0;
    this.#retries.length = 0;
    return size;
  }
}
