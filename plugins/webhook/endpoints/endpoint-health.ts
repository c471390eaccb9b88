import { CircuitBreaker, type EndpointState } from './circuit-breaker.ts';
import type { Endpoint } from './endpoint.ts';

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
  breaker = new CircuitBreaker();
  paused = false;
  /** Why it gets nothing any more, or null. */
  disabled: string | null = null;
  /** Nothing starts before (ms), because it asked so. */
  heldUntil = 0;
  lastSuccessAt: number | null = null;
  lastFailureAt: number | null = null;

  get state(): EndpointState {
    return this.breaker.state;
  }

  /** Nothing is held against it: forgetting it loses nothing. */
  get clean(): boolean {
    return this.breaker.clean && !this.paused && this.disabled === null;
  }

  /** Starts where the process before ended. */
  restore(row: StoredHealth, endpoint: Endpoint | null): void {
    this.paused = row.paused === 1;
    if (endpoint && endpoint.settings !== row.settings) return;
    if (row.failingSince !== null) this.breaker.failingSince(row.failingSince);
    if (row.disabled === null) return;
    this.disabled = row.disabled;
    this.breaker.disable();
  }

  disable(why: string): void {
    this.disabled = why;
    this.breaker.disable();
  }

  /** Its config changed, or somebody enabled it: nothing is held against it any more. */
  forgive(): void {
    this.breaker = new CircuitBreaker();
    this.disabled = null;
    this.heldUntil = 0;
  }
}
