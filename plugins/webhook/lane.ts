import type { Clock, Log, Random } from 'waha-runtime';
import type { Failure, Verdict } from './attempt.ts';
import { Backlog, type Waiting } from './backlog.ts';
import { Breaker, type EndpointState, probeGapMs } from './breaker.ts';
import type { Delivery } from './delivery.ts';
import type { Endpoint } from './endpoint.ts';
import { retryDelay } from './retry-delay.ts';

/** What all lanes count together. */
export interface Tally {
  delivered: number;
  failed: number;
  retried: number;
  dropped: number;
}

/** What a lane works with. */
export interface LaneParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly tally: Tally;
  /** The endpoint as it is configured now; undefined when it is no longer. */
  readonly current: () => Endpoint | undefined;
  /** One attempt, numbered from 1. Never rejects. */
  readonly send: (endpoint: Endpoint, delivery: Delivery, number: number) => Promise<Verdict>;
}

/** The way to one endpoint: its queue, its retries, and what its failures taught. Lanes share nothing but a tally. */
export class Lane {
  readonly #parts: LaneParts;
  readonly #backlog = new Backlog();
  #endpoint: Endpoint;
  #breaker = new Breaker();
  #inFlight = 0;
  #lastEnd = 0;
  #heldUntil = 0;
  #overflowed = 0;
  #timer: { readonly at: number; readonly handle: unknown } | undefined;
  #closed = false;

  constructor(endpoint: Endpoint, parts: LaneParts) {
    this.#endpoint = endpoint;
    this.#parts = parts;
  }

  get queued(): number {
    return this.#backlog.size;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get state(): EndpointState {
    return this.#breaker.state;
  }

  /** Nothing waits, nothing is under way, nothing is held against the endpoint. */
  get forgettable(): boolean {
    return this.queued === 0 && this.#inFlight === 0 && this.#breaker.clean;
  }

  push(delivery: Delivery, endpoint: Endpoint): void {
    this.#use(endpoint);
    if (this.#breaker.state === 'disabled' || this.#closed) this.#parts.tally.dropped += 1;
    else {
      if (this.#makeRoom(delivery)) this.#backlog.add({ delivery, attempts: 0, dueAt: 0 });
      this.#pump();
    }
  }

  /** Starts nothing more. */
  close(): void {
    this.#closed = true;
    this.#disarm();
  }

  /** A changed config clears what was held against the old one. */
  #use(endpoint: Endpoint): void {
    if (endpoint.fingerprint === this.#endpoint.fingerprint) return;
    this.#endpoint = endpoint;
    this.#breaker = new Breaker();
    this.#heldUntil = 0;
  }

  #makeRoom(arriving: Delivery): boolean {
    const { queueLimit, overflow } = this.#endpoint.options;
    if (this.#backlog.size < queueLimit) {
      this.#overflowed = 0;
      return true;
    }
    const rejected = overflow === 'reject-new' ? arriving : this.#backlog.takeOldest()?.delivery;
    this.#parts.tally.dropped += 1;
    this.#overflowed += 1;
    if (this.#overflowed === 1 || this.#overflowed % 1_000 === 0) {
      const what = overflow === 'reject-new' ? 'new events are' : 'the oldest event is';
      const fields = { ...this.#fields(), id: rejected?.eventId, dropped: this.#overflowed };
      this.#parts.log.error(
        fields,
        `webhook ${this.#endpoint.label}: ${queueLimit} deliveries wait, so ${what} dropped`,
      );
    }
    return overflow === 'drop-oldest';
  }

  #pump(): void {
    if (this.#closed) return;
    const endpoint = this.#parts.current();
    if (endpoint === undefined) {
      this.#dropAll('it is no longer configured');
      return;
    }
    this.#use(endpoint);
    if (this.#breaker.state === 'disabled') return;
    const limit = this.#breaker.state === 'degraded' ? 1 : endpoint.options.concurrency;
    while (this.#inFlight < limit && this.#opensAt() <= this.#parts.clock.now()) {
      const waiting = this.#backlog.take(this.#parts.clock.now());
      if (waiting === undefined) break;
      this.#start(waiting, endpoint);
    }
    if (this.#inFlight < limit) this.#arm(Math.max(this.#opensAt(), this.#backlog.nextAt()));
    else this.#disarm();
  }

  /** Before this nothing starts, whatever is due. */
  #opensAt(): number {
    return Math.max(this.#heldUntil, this.#breaker.state === 'degraded' ? this.#lastEnd + probeGapMs : 0);
  }

  #start(waiting: Waiting, endpoint: Endpoint): void {
    waiting.attempts += 1;
    this.#inFlight += 1;
    if (waiting.attempts > 1) this.#parts.tally.retried += 1;
    void this.#parts.send(endpoint, waiting.delivery, waiting.attempts).then((verdict) => {
      this.#inFlight -= 1;
      this.#lastEnd = this.#parts.clock.now();
      this.#finish(waiting, verdict);
      this.#pump();
    });
  }

  #finish(waiting: Waiting, verdict: Verdict): void {
    if (verdict.outcome === 'delivered') this.#succeed(waiting);
    else if (this.#closed) this.#backlog.add(waiting);
    else if (verdict.outcome === 'failed') this.#fail(waiting, verdict);
    else {
      this.#parts.tally.failed += 1;
      this.#disable(`it answered ${verdict.status}`);
    }
  }

  #succeed(waiting: Waiting): void {
    this.#parts.tally.delivered += 1;
    const { state, failures } = this.#breaker;
    this.#breaker.succeed();
    this.#report('debug', waiting, 'delivered');
    if (state !== 'degraded') return;
    this.#parts.log.info(this.#fields(), `webhook ${this.#endpoint.label}: answers again after ${failures} failures`);
  }

  #fail(waiting: Waiting, failure: Failure): void {
    const { clock, random, tally } = this.#parts;
    const now = clock.now();
    const before = this.#breaker.state;
    this.#breaker.fail(now, this.#endpoint.options.disableAfterMs);
    if (failure.throttled) this.#heldUntil = Math.max(this.#heldUntil, now + failure.retryAfterMs);
    const delay = failure.permanent ? null : retryDelay(this.#endpoint.retries, waiting.attempts, random);
    if (delay === null) {
      tally.failed += 1;
      this.#report('error', waiting, `${failure.reason}; given up after ${waiting.attempts} attempts`);
    } else {
      const wait = Math.max(delay, failure.retryAfterMs);
      this.#backlog.add(Object.assign(waiting, { dueAt: now + wait }));
      const level = this.#breaker.failures === 1 ? 'warn' : 'debug';
      this.#report(level, waiting, `${failure.reason}; next attempt in ${wait / 1000} s`);
    }
    if (this.#breaker.state === 'disabled' && before !== 'disabled') this.#disable('it failed for too long');
    else if (this.#breaker.state !== before) {
      const what = `failed ${this.#breaker.failures} times in a row; it gets one request at a time until it answers`;
      this.#parts.log.warn(this.#fields(), `webhook ${this.#endpoint.label}: ${what}`);
    }
  }

  #disable(why: string): void {
    this.#breaker.disable();
    const advice = 'disabled until its config changes';
    this.#parts.log.error(this.#fields(), `webhook ${this.#endpoint.label}: ${why}; ${advice}`);
    this.#dropAll('it is disabled');
  }

  #dropAll(why: string): void {
    this.#disarm();
    const count = this.#backlog.clear();
    this.#parts.tally.dropped += count;
    if (count > 0)
      this.#parts.log.warn(this.#fields(), `webhook ${this.#endpoint.label}: ${why}; ${count} deliveries dropped`);
  }

  #report(level: 'debug' | 'warn' | 'error', { delivery, attempts }: Waiting, what: string): void {
    const fields = { ...this.#fields(), id: delivery.eventId, event: delivery.event, attempt: attempts };
    this.#parts.log[level](fields, `webhook ${this.#endpoint.label}: ${what}`);
  }

  #fields(): Record<string, unknown> {
    const { session } = this.#endpoint;
    return session === null ? {} : { session };
  }

  #arm(at: number): void {
    if (this.#timer?.at === at) return;
    this.#disarm();
    if (at === Number.POSITIVE_INFINITY) return;
    const wait = Math.max(at - this.#parts.clock.now(), 0);
    const fire = () => {
      this.#timer = undefined;
      this.#pump();
    };
    this.#timer = { at, handle: this.#parts.clock.setTimeout(fire, wait) };
  }

  #disarm(): void {
    if (this.#timer) this.#parts.clock.clearTimeout(this.#timer.handle);
    this.#timer = undefined;
  }
}
