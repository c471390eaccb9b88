import type { Clock } from './contracts/clock.ts';
import type { Log } from './contracts/log.ts';
import type { ContributionCounts } from './contracts/plugins.ts';
import { sentence } from './errors.ts';

/** When a circuit opens, and for how long. */
export interface BreakerLimits {
  /** How many failures in a row open it. */
  readonly maxFailures: number;
  /** For how long (ms); `Infinity`: until something succeeds. */
  readonly suspension: number;
}

/** What a breaker is made of. */
export interface BreakerOptions extends BreakerLimits {
  readonly clock: Clock;
  /** Where failures are told, with the name of what fails, such as `filter 'spam'`. Nowhere when absent. */
  readonly report?: { readonly name: string; readonly log: Log };
}

/**
 * Counts how something fares, and opens when it fails too often in a row: whoever uses it passes it over while it is open.
 * It sets no timer. A circuit that is open for a time closes by itself and gives the full number of chances anew; one that
 * is open until something succeeds is tried by its user now and then.
 */
export class CircuitBreaker {
  readonly #options: BreakerOptions;
  #succeeded = 0;
  #failed = 0;
  #skipped = 0;
  #failures = 0;
  #failingSince: number | null = null;
  /** Failures in a row since it opened last. */
  #strikes = 0;
  #openUntil = 0;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  /** The name under which failures are told; empty when they are not. */
  get name(): string {
    return this.#options.report?.name ?? '';
  }

  get isOpen(): boolean {
    return this.#options.clock.now() < this.#openUntil;
  }

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures;
  }

  /** When the failures in a row began (ms since the epoch); null when there is none. */
  get failingSince(): number | null {
    return this.#failingSince;
  }

  get counts(): ContributionCounts {
    return { succeeded: this.#succeeded, failed: this.#failed, skipped: this.#skipped, suspended: this.isOpen };
  }

  /** True when it is to be passed over now, which is counted. */
  skips(): boolean {
    if (this.isOpen) this.skip();
    return this.isOpen;
  }

  /** Counts that it was passed over, for whatever reason. */
  skip(): void {
    this.#skipped++;
  }

  succeed(): void {
    this.#succeeded++;
    this.#failures = 0;
    this.#failingSince = null;
    this.#strikes = 0;
    if (this.#options.suspension === Number.POSITIVE_INFINITY) this.#openUntil = 0;
  }

  /** `fields` go to the log with the sentence. */
  fail(error?: unknown, fields: Readonly<Record<string, unknown>> = { err: error }): void {
    const { clock, maxFailures, suspension, report } = this.#options;
    this.#failed++;
    this.#failures++;
    this.#strikes++;
    this.#failingSince ??= clock.now();
    report?.log.error(fields, `${report.name} failed: ${sentence(error)}`);
    if (this.#strikes < maxFailures) return;
    this.#strikes = 0;
    this.#openUntil = clock.now() + suspension;
    report?.log.error(`${report.name} is suspended for ${suspension} ms: it failed too often`);
  }

  /** It failed already before the process started: once that is known of, since then. */
  restore(failingSince: number): void {
    this.#failures = 1;
    this.#strikes = 1;
    this.#failingSince = failingSince;
  }
}
