import type { Clock } from '../contracts/clock.ts';

interface Timer {
  readonly at: number;
  readonly action: () => void;
}

/** A clock that a test moves by hand. It starts at a real-looking moment, so that timestamps are plausible. */
export class SimulatedClock implements Clock {
  readonly #timers = new Map<number, Timer>();
  #now: number;
  #lastId = 0;

  constructor(epoch: number | Date = Date.UTC(2026, 0, 1)) {
    this.#now = Number(epoch);
  }

  /** How many timers are set and neither fired nor cleared. */
  get pending(): number {
    return this.#timers.size;
  }

  now = (): number => this.#now;

  setTimeout = (action: () => void, milliseconds: number): unknown => {
    const id = ++this.#lastId;
    this.#timers.set(id, { at: this.#now + Math.max(0, milliseconds), action });
    return id;
  };

  clearTimeout = (timer: unknown): void => {
    this.#timers.delete(timer as number);
  };

  /** Moves time on, firing what is due at its moment, and lets the promises that follow settle in between. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    for (let due = this.#next(end); due !== null; due = this.#next(end)) {
      const [id, timer] = due;
      this.#timers.delete(id);
      this.#now = Math.max(this.#now, timer.at);
      timer.action();
      await settle();
    }
    this.#now = end;
    await settle();
  }

  #next(end: number): readonly [number, Timer] | null {
    const due = [...this.#timers].filter(([, { at }]) => at <= end);
    return due.reduce<readonly [number, Timer] | null>(
      (first, timer) => (first === null || timer[1].at < first[1].at ? timer : first),
      null,
    );
  }
}

/** Lets everything that is ready to run do so: several turns of the event loop, no waiting. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
};
