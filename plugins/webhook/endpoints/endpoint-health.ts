import { CircuitBreaker, type Clock, systemClock } from 'waha-runtime';
import type { Endpoint } from './endpoint.ts';

/**
 * `active`: as many requests at once as it may have. `degraded`: it failed several times in a row, so one at a time and
 * at most one a second, each of them a probe. `disabled`: nothing, until its config changes or somebody enables it.
 */
export type EndpointState = 'active' | 'degraded' | 'disabled';

/** How many failures in a row open the circuit. */
export const failuresUntilDegraded = 5;

/** The wait between two requests to a degraded endpoint: below the shortest usual retry, so policies stay exact. */
export const probeGapMs = 1_000;

/** What is stored of an endpoint's health. */
export interface StoredHealth {
  /** Of the settings that it had then. */
  readonly settings: string;
  readonly paused: number;
  readonly disabled: string | null;
  /** When its failures in a row began (ms). */
  readonly failingSince: number | null;
}

/** What an endpoint taught, and what somebody decided about it. The part that outlives the process is stored. */
export class EndpointHealth {
  paused = false;
  /** Why it gets nothing any more, or null. */
  disabled: string | null = null;
  /** Nothing starts before (ms), because it asked so. */
  heldUntil = 0;
  lastSuccessAt: number | null = null;
  lastFailureAt: number | null = null;
  readonly #clock: Clock;
  #breaker: CircuitBreaker;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
    this.#breaker = this.#unhurt();
  }

  get state(): EndpointState {
    if (this.disabled !== null) return 'disabled';
    return this.#breaker.isOpen ? 'degraded' : 'active';
  }

  /** Failures since the last success. */
  get failures(): number {
    return this.#breaker.failures;
  }

  /** When the failures in a row began (ms); null when there is none. */
  get failingSince(): number | null {
    return this.#breaker.failingSince;
  }

  /** Nothing is held against it: forgetting it loses nothing. */
  get clean(): boolean {
    return this.failures === 0 && !this.paused && this.disabled === null;
  }

  succeed(): void {
    this.#breaker.succeed();
    this.lastSuccessAt = this.#clock.now();
  }

  /** True when it has failed for so long that it is to be disabled; never with 0: however long it lasts, it is tried again. */
  fail(disableAfterMs: number): boolean {
    const now = this.#clock.now();
    this.#breaker.fail();
    this.lastFailureAt = now;
    return this.disabled === null && disableAfterMs > 0 && now - (this.failingSince ?? now) >= disableAfterMs;
  }

  /** Starts where the process before ended. */
  restore(row: StoredHealth, endpoint: Endpoint | null): void {
    this.paused = row.paused === 1;
    if (endpoint && endpoint.settings !== row.settings) return;
    if (row.failingSince !== null) this.#breaker.restore(row.failingSince);
    this.disabled = row.disabled;
  }

  disable(why: string): void {
    this.disabled = why;
  }

  /** Its config changed, or somebody enabled it: nothing is held against it any more. */
  forgive(): void {
    this.#breaker = this.#unhurt();
    this.disabled = null;
    this.heldUntil = 0;
  }

  #unhurt(): CircuitBreaker {
    const { POSITIVE_INFINITY: untilItSucceeds } = Number;
    return new CircuitBreaker({ clock: this.#clock, maxFailures: failuresUntilDegraded, suspension: untilItSucceeds });
  }
}
