import type { Clock } from './contracts/clock.ts';
import type { Log } from './contracts/log.ts';
import type { PartCounts } from './contracts/plugins.ts';
import { sentence } from './errors.ts';

export interface BreakerLimits {
  /** How many failures in a row open it. */
  readonly maxFailures: number;
  /** For how long (ms). */
  readonly suspension: number;
}

/** Counts what one part of a plugin does, and takes it out for a while when it keeps failing. */
export class CircuitBreaker {
  /** `filter 'spam'`. */
  readonly name: string;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #limits: BreakerLimits;
  #succeeded = 0;
  #failed = 0;
  #skipped = 0;
  #failuresInARow = 0;
  #openUntil = 0;

  constructor(name: string, log: Log, clock: Clock, limits: BreakerLimits) {
    this.name = name;
    this.#log = log;
    this.#clock = clock;
    this.#limits = limits;
  }

  get isOpen(): boolean {
    return this.#clock.now() < this.#openUntil;
  }

  get counts(): PartCounts {
    return { succeeded: this.#succeeded, failed: this.#failed, skipped: this.#skipped, suspended: this.isOpen };
  }

  /** True when the part is to be passed over now. */
  skips(): boolean {
    if (this.isOpen) this.#skipped++;
    return this.isOpen;
  }

  succeed(): void {
    this.#succeeded++;
    this.#failuresInARow = 0;
  }

  fail(error: unknown): void {
    this.#failed++;
    this.#failuresInARow++;
    this.#log.error({ err: error }, `${this.name} failed: ${sentence(error)}`);
    if (this.#failuresInARow < this.#limits.maxFailures) return;
    this.#failuresInARow = 0;
    this.#openUntil = this.#clock.now() + this.#limits.suspension;
    this.#log.error(`${this.name} is suspended for ${this.#limits.suspension} ms: it failed too often`);
  }
}
