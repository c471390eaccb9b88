import type { Clock } from 'waha-runtime';

/** Timers take 31 bits. */
const longest = 2 ** 31 - 1;

/** One timer for a moment that moves. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #set: { readonly at: number; readonly handle: unknown } | undefined;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings at this time (ms) instead of whatever it was set to; Infinity: never. It may ring early, never late. */
  set(at: number): void {
    if (this.#set?.at === at) return;
    this.clear();
    if (at === Number.POSITIVE_INFINITY) return;
    const wait = Math.min(Math.max(at - this.#clock.now(), 0), longest);
    const handle = this.#clock.setTimeout(() => {
      this.#set = undefined;
      this.#ring();
    }, wait);
    this.#set = { at, handle };
  }

  clear(): void {
    if (this.#set) this.#clock.clearTimeout(this.#set.handle);
    this.#set = undefined;
  }
}
