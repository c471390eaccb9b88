import { type BreakerLimits, CircuitBreaker } from '../circuit-breaker.ts';
import type { Clock } from '../contracts/clock.ts';
import type { EventName } from '../contracts/event-names.ts';
import type { EventSink, LoggedEvent, RuntimeEvent, UncommittedEvent } from '../contracts/events.ts';
import type { Log } from '../contracts/log.ts';
import type { Change } from '../contracts/storage.ts';

/** What keeps one sink from hurting the others. */
export interface SinkLimits extends BreakerLimits {
  /** How long one `deliver` may take (ms). */
  readonly deliverLimit: number;
  /** How many deliveries may be under way. */
  readonly maxPending: number;
}

const defaultSinkLimits: SinkLimits = {
  deliverLimit: 30_000,
  maxPending: 10_000,
  maxFailures: 5,
  suspension: 30_000,
};

/** What happened at a sink since the start. */
export interface SinkCounts {
  readonly delivered: number;
  readonly failed: number;
  /** Not handed over: suspended, or too many under way. */
  readonly skipped: number;
}

/** A sink behind a fence: a throw, a rejection or a hang is logged, counted, and suspends it when it repeats. */
export class GuardedSink {
  readonly sink: EventSink;
  readonly #breaker: CircuitBreaker;
  readonly #clock: Clock;
  readonly #limits: SinkLimits;
  #pending = 0;

  constructor(sink: EventSink, log: Log, clock: Clock, limits: SinkLimits = defaultSinkLimits) {
    this.sink = sink;
    this.#clock = clock;
    this.#limits = limits;
    const report = { name: `sink '${sink.name}'`, log: log.child({ sink: sink.name }) };
    this.#breaker = new CircuitBreaker({ ...limits, clock, report });
  }

  get counts(): SinkCounts {
    const { succeeded, failed, skipped } = this.#breaker.counts;
    return { delivered: succeeded, failed, skipped };
  }

  get suspended(): boolean {
    return this.#breaker.isOpen;
  }

  get pending(): number {
    return this.#pending;
  }

  /** Whether it asks for events of this name; one that throws does not. */
  wants(event: EventName, session: string): boolean {
    try {
      return this.sink.wants?.(event, session) === true;
    } catch {
      return false;
    }
  }

  /** The rows that the sink wants committed with the event; none when it, or `check` of one of them, throws. */
  rows(logged: UncommittedEvent, check?: (change: Change) => void): readonly Change[] {
    try {
      if (this.sink.accepts?.(logged.event) === false) return [];
      const rows = this.sink.rows?.(logged) ?? [];
      if (check) rows.forEach(check);
      return rows;
    } catch (error) {
      this.#fail(logged, error);
      return [];
    }
  }

  /** The event was not committed after all. */
  dropped(event: RuntimeEvent): void {
    try {
      this.sink.dropped?.(event);
    } catch (error) {
      this.#fail({ event }, error);
    }
  }

  deliver(logged: LoggedEvent): void {
    if (this.suspended || this.#pending >= this.#limits.maxPending) {
      this.#breaker.skip();
      return;
    }
    try {
      if (this.sink.accepts?.(logged.event) === false) return;
      const work = this.sink.deliver(logged.event, logged);
      if (work instanceof Promise) this.#watch(work, logged);
      else this.#breaker.succeed();
    } catch (error) {
      this.#fail(logged, error);
    }
  }

  #watch(work: Promise<void>, event: LoggedEvent): void {
    this.#pending++;
    let open = true;
    const settle = (outcome: () => void) => {
      if (!open) return;
      open = false;
      this.#pending--;
      this.#clock.clearTimeout(timer);
      outcome();
    };
    const late = () => this.#fail(event, new Error(`no answer within ${this.#limits.deliverLimit} ms`));
    const timer = this.#clock.setTimeout(() => settle(late), this.#limits.deliverLimit);
    work.then(
      () => settle(() => this.#breaker.succeed()),
      (error) => settle(() => this.#fail(event, error)),
    );
  }

  #fail({ event }: Pick<LoggedEvent, 'event'>, error: unknown): void {
    this.#breaker.fail(error, { event: event.event, id: event.id });
  }
}
