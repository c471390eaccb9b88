/**
 * `active`: as many requests at once as it may have. `degraded`: it failed several times in a row, so one at a time and
 * at most one a second, each of them a probe. `disabled`: nothing, until its config changes or somebody enables it.
 */
export type EndpointState = 'active' | 'degraded' | 'disabled';

/** How many failures in a row open the circuit. */
export const failuresUntilDegraded = 5;

/** The wait between two requests to a degraded endpoint: below the shortest usual retry, so policies stay exact. */
export const probeGapMs = 1_000;

/** Counts failures in a row and says how the endpoint may be treated. Knows no timers. */
export class CircuitBreaker {
  #state: EndpointState = 'active';
  #failures = 0;
  #failingSince = 0;

  get state(): EndpointState {
    return this.#state;
  }

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures;
  }

  /** When the failures in a row began (ms). */
  get since(): number {
    return this.#failingSince;
  }

  /** It failed already before the process started. */
  failingSince(since: number): void {
    this.#failures = 1;
    this.#failingSince = since;
  }

  /** Nothing is held against it: forgetting it loses nothing. */
  get clean(): boolean {
    return this.#state === 'active' && this.#failures === 0;
  }

  succeed(): void {
    this.#failures = 0;
    if (this.#state === 'degraded') this.#state = 'active';
  }

  /** `disableAfterMs` 0: however long it lasts, it is tried again. */
  fail(now: number, disableAfterMs: number): void {
    if (this.#failures === 0) this.#failingSince = now;
    this.#failures += 1;
    if (this.#state === 'disabled') return;
    if (disableAfterMs > 0 && now - this.#failingSince >= disableAfterMs) this.#state = 'disabled';
    else if (this.#failures >= failuresUntilDegraded) this.#state = 'degraded';
  }

  disable(): void {
    this.#state = 'disabled';
  }
}
