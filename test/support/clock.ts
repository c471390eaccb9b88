import { SimulatedClock as XStateClock } from 'xstate';
import type { Clock } from '../../core/contracts/clock.ts';

/** A clock that a test moves by hand. It starts at a real-looking moment, so that timestamps are plausible. */
export class SimulatedClock implements Clock {
  readonly #clock = new XStateClock();
  readonly #epoch: number;
  /** Timers that are set and neither fired nor cleared, and when each is due. */
  readonly pending = new Map<unknown, number>();

  constructor(epoch = Date.UTC(2026, 0, 1)) {
    this.#epoch = epoch;
  }

  now = (): number => this.#epoch + this.#clock.now();

  setTimeout = (action: () => void, milliseconds: number): unknown => {
    const timer: unknown = this.#clock.setTimeout(() => {
      this.pending.delete(timer);
      action();
    }, milliseconds);
    this.pending.set(timer, this.now() + milliseconds);
    return timer;
  };

  clearTimeout = (timer: unknown): void => {
    this.pending.delete(timer);
    this.#clock.clearTimeout(timer as number);
  };

  /** Moves time on from one due timer to the next, as time passes in life, and lets everything settle in between. */
  async run(milliseconds: number): Promise<void> {
    const end = this.now() + milliseconds;
    for (;;) {
      const next = Math.min(...this.pending.values());
      if (next > end) break;
      await this.pass(Math.max(0, next - this.now()));
    }
    await this.pass(end - this.now());
  }

  /** Moves time on, firing what is due, and lets the promises that follow settle. */
  async pass(milliseconds: number): Promise<void> {
    this.#clock.increment(milliseconds);
    await settle();
  }
}

/** Lets everything that is ready to run do so: several turns of the event loop, no waiting. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
};
