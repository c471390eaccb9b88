import { type DeliveryState, remember } from '../delivery-log/delivery.ts';
import type { DeliveryRow } from '../delivery-log/outbox-schema.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import { EndpointHealth, probeGapMs } from '../endpoints/endpoint-health.ts';
import { retryDelay } from '../endpoints/retry-delay.ts';
import type { AttemptResult } from '../request/attempt.ts';
import { Alarm } from './alarm.ts';
import type { Backlog } from './backlog.ts';
import { type Ending, endWaiting } from './end-waiting.ts';
import { backlogFor } from './ordered-backlog.ts';
import { QueueLog } from './queue-log.ts';
import type { QueueOptions, QueueSubject } from './queue-options.ts';
import { StoredReads } from './stored-reads.ts';

/** The wait before the database is asked again after a failure (ms). */
const storePause = 1_000;

/**
 * The way to one endpoint: what waits for it, its retries, and what its failures taught. A part of what waits is in
 * memory, all of it is in the database. Queues share nothing but a counters.
 */
export class DeliveryQueue {
  readonly subject: QueueSubject;
  readonly health: EndpointHealth;
  readonly #options: QueueOptions;
  readonly #says: QueueLog;
  readonly #reads = new StoredReads();
  readonly #inFlight = new Set<string>();
  #backlog: Backlog;
  #endpoint: Endpoint | undefined;
  /** How many are pending, wherever they are. */
  #depth: number;
  #lastEnd = 0;
  readonly #alarm: Alarm;
  #trimming = false;
  #emptying = false;
  #closed = false;

  /** `stored`: how many deliveries wait in the database from before. */
  constructor(subject: QueueSubject, stored: number, options: QueueOptions) {
    this.subject = subject;
    this.#options = options;
    this.health = new EndpointHealth(options.clock);
    this.#depth = stored;
    this.#says = new QueueLog(options.log, subject);
    this.#alarm = new Alarm(options.clock, () => this.pump());
    this.#endpoint = options.current();
    this.#backlog = backlogFor(this.#endpoint?.options.order, stored > 0);
  }

  get queued(): number {
    return this.#depth - this.#inFlight.size;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Nothing waits, nothing is under way, nothing is held against the endpoint. */
  get forgettable(): boolean {
    return this.#depth === 0 && !this.#emptying && this.health.clean;
  }

  /** Why a new delivery would not be taken, or null. */
  refusal(endpoint: Endpoint): string | null {
    const isSame = endpoint.fingerprint === this.#endpoint?.fingerprint;
    if (this.health.state === 'disabled' && isSame) return `the endpoint is disabled: ${this.health.disabled}`;
    const { queueLimit, overflow } = endpoint.options;
    const full = overflow === 'reject-new' && this.queued >= queueLimit;
    return full ? `${queueLimit} deliveries were waiting already` : null;
  }

  /** A delivery that was committed, or that is to be sent again. */
  push(row: DeliveryRow): void {
    this.#depth += 1;
    if (this.#closed) return;
    this.#backlog.arrive(row);
    this.pump();
    void this.#trim();
  }

  /** A delivery that was refused. */
  refused(row: DeliveryRow): void {
    this.#options.counters.dropped += 1;
    if (this.health.state !== 'disabled') this.#says.overflow(1, row.lastError ?? '');
  }

  /** Starts what may start now. */
  pump(): void {
    if (this.#closed) return;
    const endpoint = this.#options.current();
    if (!endpoint) return void this.#empty('it is no longer configured');
    this.#use(endpoint);
    const { health } = this;
    if (health.state === 'disabled' || health.paused || this.#options.held()) return void this.#alarm.clear();
    const limit = health.state === 'degraded' ? 1 : endpoint.options.concurrency;
    const now = this.#options.clock.now();
    while (this.#inFlight.size < limit && this.#opensAt() <= now) {
      const row = this.#backlog.take(now);
      if (!row) break;
      this.#start(row, endpoint);
    }
    const wantsPage = this.#backlog.wantsPage(now);
    if (wantsPage) void this.#readPage();
    if (this.#inFlight.size < limit && !wantsPage) this.#alarm.set(Math.max(this.#opensAt(), this.#backlog.nextAt()));
    else this.#alarm.clear();
  }

  /** Somebody decides about the endpoint: to pause it, to go on, to enable it. */
  decide(change: (health: EndpointHealth) => void): void {
    change(this.health);
    this.#options.healthChanged();
    this.pump();
  }

  /** Gives up what waits since before `createdBefore`. */
  async expire(createdBefore: number): Promise<number> {
    if (this.queued === 0) return 0;
    const most = Number.POSITIVE_INFINITY;
    return this.#endWaiting({ most, createdBefore, state: 'dead', reason: 'it waited for too long' });
  }

  /** Starts nothing more. */
  close(): void {
    this.#closed = true;
    this.#alarm.clear();
  }

  /** A changed config clears what was held against the old one. */
  #use(endpoint: Endpoint): void {
    if (endpoint.fingerprint === this.#endpoint?.fingerprint) return;
    const before = this.#endpoint;
    this.#endpoint = endpoint;
    if (!before) return;
    if (!this.health.clean) {
      this.health.forgive();
      this.#options.healthChanged();
    }
    if (before.options.order !== endpoint.options.order) this.#backlog = backlogFor(endpoint.options.order, true);
  }

  async #readPage(): Promise<void> {
    const { store } = this.#options;
    const backlog = this.#backlog;
    const query = backlog.beginPage();
    const extra = this.#inFlight.size;
    const done = this.#reads.begin();
    try {
      // First what became of deliveries goes there, then what is pending there is read.
      await store.flush();
      const rows = await store.page(this.subject.id, query, extra);
      backlog.endPage(rows, rows.length >= query.limit, (id) => this.#inFlight.has(id) || this.#reads.hasEnded(id));
    } catch (error) {
      this.#says.unreadable(error);
      backlog.failPage();
      done();
      this.#alarm.set(this.#options.clock.now() + storePause);
      return;
    }
    done();
    this.pump();
  }

  /** Before this nothing starts, whatever is due. */
  #opensAt(): number {
    const { heldUntil, state } = this.health;
    return Math.max(heldUntil, state === 'degraded' ? this.#lastEnd + probeGapMs : 0);
  }

  #start(row: DeliveryRow, endpoint: Endpoint): void {
    const at = this.#options.clock.now();
    row.attempts += 1;
    this.#inFlight.add(row.id);
    if (row.attempts > 1) this.#options.counters.retried += 1;
    void this.#options.send(endpoint, row).then((result) => {
      this.#inFlight.delete(row.id);
      this.#lastEnd = this.#options.clock.now();
      this.#finish(row, result, at);
      this.pump();
    });
  }

  #finish(row: DeliveryRow, result: AttemptResult, at: number): void {
    // Cut off by the end of the process: it stays pending.
    if (this.#closed && result.outcome !== 'delivered') return;
    const { counters } = this.#options;
    const error = result.outcome === 'failed' ? result.reason : null;
    const durationMs = this.#lastEnd - at;
    remember(row, { at, durationMs, status: result.status ?? null, error });
    counters.observe(durationMs, result.outcome);
    if (result.outcome === 'delivered') this.#succeed(row);
    else if (result.outcome === 'failed') this.#fail(row, result);
    else {
      this.#end(row, 'dead');
      this.#disable(`it answered ${result.status}`);
    }
  }

  #succeed(row: DeliveryRow): void {
    const { state, failures } = this.health;
    this.health.succeed();
    this.#end(row, 'delivered');
    this.#says.about('debug', row, 'delivered');
    if (state !== 'degraded') return;
    this.#options.healthChanged();
    this.#says.recovered(failures);
  }

  #fail(row: DeliveryRow, failure: Extract<AttemptResult, { outcome: 'failed' }>): void {
    const { health } = this;
    const before = health.state;
    const endpoint = this.#endpoint;
    const hasFailedTooLong = health.fail(endpoint?.options.disableAfterMs ?? 0);
    if (failure.throttled) health.heldUntil = Math.max(health.heldUntil, this.#lastEnd + failure.retryAfterMs);
    const retry = row.attempts - row.attemptsBefore;
    const delay = failure.permanent || !endpoint ? null : retryDelay(endpoint.retries, retry, this.#options.random);
    if (before === 'disabled') this.#end(row, 'dropped');
    else if (delay === null) {
      this.#end(row, 'dead');
      this.#says.about('error', row, `${failure.reason}; given up after ${retry} attempts`);
    } else this.#retryLater(row, failure, Math.max(delay, failure.retryAfterMs));
    if (hasFailedTooLong) this.#disable('it failed for too long');
    else if (health.state !== before) {
      this.#options.healthChanged();
      this.#says.degraded(health.failures);
    }
  }

  #retryLater(row: DeliveryRow, failure: { readonly reason: string }, wait: number): void {
    row.dueAt = this.#lastEnd + wait;
    this.#options.store.save(row);
    this.#backlog.retry(row);
    const level = this.health.failures === 1 ? 'warn' : 'debug';
    this.#says.about(level, row, `${failure.reason}; next attempt in ${wait / 1000} s`);
  }

  /** It is over with this delivery. */
  #end(row: DeliveryRow, state: Exclude<DeliveryState, 'pending'>): void {
    row.state = state;
    row.endedAt = this.#options.clock.now();
    this.#depth -= 1;
    this.#options.counters.ended(state);
    if (state === 'delivered') this.#options.counters.lags.observe((row.endedAt - row.createdAt) / 1000);
    this.#options.store.save(row);
    this.#backlog.ended(row);
    this.#reads.ended(row.id);
  }

  #disable(why: string): void {
    this.health.disable(why);
    this.#options.healthChanged();
    this.#says.disabled(why);
    void this.#empty('it is disabled');
  }

  /** Everything that waits is dropped: nobody will ever send it by itself. */
  async #empty(why: string): Promise<void> {
    this.#alarm.clear();
    if (this.#emptying || this.queued === 0) return;
    this.#emptying = true;
    const most = Number.POSITIVE_INFINITY;
    const count = await this.#endWaiting({ most, state: 'dropped', reason: `the endpoint: ${why}` });
    this.#emptying = false;
    if (count > 0) this.#says.dropped(why, count);
    if (this.queued > 0) this.#alarm.set(this.#options.clock.now() + storePause);
  }

  /** Keeps to the bound by dropping the oldest. */
  async #trim(): Promise<void> {
    const { queueLimit = Number.POSITIVE_INFINITY } = this.#endpoint?.options ?? {};
    if (this.#trimming || this.queued <= queueLimit) return;
    this.#trimming = true;
    const reason = `${queueLimit} deliveries were waiting already`;
    const count = await this.#endWaiting({ most: () => this.queued - queueLimit, state: 'dropped', reason });
    this.#trimming = false;
    if (count > 0) this.#says.overflow(count, reason);
  }

  async #endWaiting(ending: Ending): Promise<number> {
    try {
      return await endWaiting(ending, {
        store: this.#options.store,
        endpoint: this.subject.id,
        reads: this.#reads,
        isUnderWay: (id) => this.#inFlight.has(id),
        end: (row, state) => this.#end(row, state),
        forget: (ids) => this.#backlog.remove(ids),
      });
    } catch (error) {
      this.#says.unreadable(error);
      return 0;
    }
  }
}
