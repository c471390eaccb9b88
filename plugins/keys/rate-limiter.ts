import { tooManyRequests } from 'waha-runtime';
import type { RateLimit } from './schemas.ts';

/** A bucket of tokens for one key: full at first, and filled evenly. */
export class RateLimiter {
  readonly #limit: Required<RateLimit>;
  readonly #now: () => number;
  #tokens: number;
  #filledAt: number;

  constructor({ requests, seconds = 60 }: RateLimit, now: () => number) {
    this.#limit = { requests, seconds };
    this.#now = now;
    this.#tokens = requests;
    this.#filledAt = now();
  }

  /** Throws `TOO_MANY_REQUESTS`, with the seconds until the next one is let through. */
  take(): void {
    const { requests, seconds } = this.#limit;
    const now = this.#now();
    const perMs = requests / (seconds * 1000);
    // A clock that was set back fills nothing.
    this.#tokens = Math.min(requests, this.#tokens + Math.max(0, now - this.#filledAt) * perMs);
    this.#filledAt = now;
    if (this.#tokens < 1) {
      const wait = (1 - this.#tokens) / perMs / 1000;
      throw tooManyRequests(`this key may make ${requests} requests in ${seconds} s`, Math.ceil(wait));
    }
    this.#tokens -= 1;
  }
}
