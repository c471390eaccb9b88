import { Alarm } from './alarm.ts';
import type { Verdict } from './attempt.ts';
import type { Backlog } from './backlog.ts';
import { probeGapMs } from './breaker.ts';
import { type DeliveryState, remember } from './delivery.ts';
import type { Endpoint } from './endpoint.ts';
import { Standing } from './endpoint-state.ts';
import { LaneLog } from './lane-log.ts';
import type { LaneParts, LaneSubject } from './lane-parts.ts';
import { backlogFor } from './ordered-backlog.ts';
import type { DeliveryRow } from './outbox-schema.ts';
import { retryDelay } from './retry-delay.ts';
import { StoredReads } from './stored-reads.ts';
import { type Ending, endWaiting } from './stored-waiting.ts';

/** The wait before the database is asked again after a failure (ms). */
const storePause = 1_000;

/**
 * The way to one endpoint: what waits for it, its retries, and what its failures taught. A part of what waits is in
 * memory, all of it is in the database. Lanes share nothing but a tally.
 */
export class Lane {
  readonly subject: LaneSubject;
  readonly standing = new Standing();
  readonly #parts: LaneParts;
  readonly #says: LaneLog;
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
  constructor(subject: LaneSubject, stored: number, parts: LaneParts) {
    this.subject = subject;
    this.#parts = parts;
    this.#depth = stored;
    this.#says = new LaneLog(parts.log, subject);
    this.#alarm = new Alarm(parts.clock, () => this.pump());
    this.#endpoint = parts.current();
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
    return this.#depth === 0 && !this.#emptying && this.standing.clean;
  }

  /** Why a new delivery would not be taken, or null. */
  refusal(endpoint: Endpoint): string | null {
    const isSame = endpoint.fingerprint === this.#endpoint?.fingerprint;
    if (this.standing.state === 'disabled' && isSame) return `the endpoint is disabled: ${this.standing.disabled}`;
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
    this.#parts.tally.dropped += 1;
    if (this.standing.state !== 'disabled') this.#says.overflow(1, row.lastError ?? '');
  }

  /** Starts what may start now. */
  pump(): void {
    if (this.#closed) return;
    const endpoint = this.#parts.current();
    if (!endpoint) return void this.#empty('it is no longer configured');
    this.#use(endpoint);
    const { standing } = this;
    if (standing.state === 'disabled' || standing.paused || this.#parts.held()) return void this.#alarm.clear();
    const limit = standing.state === 'degraded' ? 1 : endpoint.options.concurrency;
    const now = this.#parts.clock.now();
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
  decide(change: (standing: Standing) => void): void {
    change(this.standing);
    this.#parts.standingChanged();
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
    if (!this.standing.clean) {
      this.standing.forgive();
      this.#parts.standingChanged();
    }
    if (before.options.order !== endpoint.options.order) this.#backlog = backlogFor(endpoint.options.order, true);
  }

  async #readPage(): Promise<void> {
    const { store } = this.#parts;
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
      this.#alarm.set(this.#parts.clock.now() + storePause);
      return;
    }
    done();
    this.pump();
  }

  /** Before this nothing starts, whatever is due. */
  #opensAt(): number {
    const { heldUntil, state } = this.standing;
    return Math.max(heldUntil, state === 'degraded' ? this.#lastEnd + probeGapMs : 0);
  }

  #start(row: DeliveryRow, endpoint: Endpoint): void {
    const at = this.#parts.clock.now();
    row.attempts += 1;
    this.#inFlight.add(row.id);
    if (row.attempts > 1) this.#parts.tally.retried += 1;
    void this.#parts.send(endpoint, row).then((verdict) => {
      this.#inFlight.delete(row.id);
      this.#lastEnd = this.#parts.clock.now();
      this.#finish(row, verdict, at);
      this.pump();
    });
  }

  #finish(row: DeliveryRow, verdict: Verdict, at: number): void {
    // Cut off by the end of the process: it stays pending.
    if (this.#closed && verdict.outcome !== 'delivered') return;
    const { tally } = this.#parts;
    const error = verdict.outcome === 'failed' ? verdict.reason : null;
    const durationMs = this.#lastEnd - at;
    remember(row, { at, durationMs, status: verdict.status ?? null, error });
    tally.observe(durationMs, verdict.outcome);
    if (verdict.outcome === 'delivered') this.#succeed(row);
    else if (verdict.outcome === 'failed') this.#fail(row, verdict);
    else {
      this.#end(row, 'dead');
      this.#disable(`it answered ${verdict.status}`);
    }
  }

  #succeed(row: DeliveryRow): void {
    const { state, breaker } = this.standing;
    const { failures } = breaker;
    breaker.succeed();
    this.standing.lastSuccessAt = this.#lastEnd;
    this.#end(row, 'delivered');
    this.#says.about('debug', row, 'delivered');
    if (state !== 'degraded') return;
    this.#parts.standingChanged();
    this.#says.recovered(failures);
  }

  #fail(row: DeliveryRow, failure: Extract<Verdict, { outcome: 'failed' }>): void {
    const { standing } = this;
    const now = this.#lastEnd;
    const before = standing.state;
    const endpoint = this.#endpoint;
    standing.lastFailureAt = now;
    standing.breaker.fail(now, endpoint?.options.disableAfterMs ?? 0);
    if (failure.throttled) standing.heldUntil = Math.max(standing.heldUntil, now + failure.retryAfterMs);
    const retry = row.attempts - row.attemptsBefore;
    const delay = failure.permanent || !endpoint ? null : retryDelay(endpoint.retries, retry, this.#parts.random);
    if (before === 'disabled') this.#end(row, 'dropped');
    else if (delay === null) {
      this.#end(row, 'dead');
      this.#says.about('error', row, `${failure.reason}; given up after ${retry} attempts`);
    } else this.#retryLater(row, failure, Math.max(delay, failure.retryAfterMs));
    if (standing.state === before) return;
    if (standing.state === 'disabled') this.#disable('it failed for too long');
    else {
      this.#parts.standingChanged();
      this.#says.degraded(standing.breaker.failures);
    }
  }

  #retryLater(row: DeliveryRow, failure: { readonly reason: string }, wait: number): void {
    row.dueAt = this.#lastEnd + wait;
    this.#parts.store.save(row);
    this.#backlog.retry(row);
    const level = this.standing.breaker.failures === 1 ? 'warn' : 'debug';
    this.#says.about(level, row, `${failure.reason}; next attempt in ${wait / 1000} s`);
  }

  /** It is over with this delivery. */
  #end(row: DeliveryRow, state: Exclude<DeliveryState, 'pending'>): void {
    row.state = state;
    row.endedAt = this.#parts.clock.now();
    this.#depth -= 1;
    this.#parts.tally.ended(state);
    if (state === 'delivered') this.#parts.tally.lags.observe((row.endedAt - row.createdAt) / 1000);
    this.#parts.store.save(row);
    this.#backlog.ended(row);
    this.#reads.ended(row.id);
  }

  #disable(why: string): void {
    this.standing.disable(why);
    this.#parts.standingChanged();
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
    if (this.queued > 0) this.#alarm.set(this.#parts.clock.now() + storePause);
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
        store: this.#parts.store,
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
