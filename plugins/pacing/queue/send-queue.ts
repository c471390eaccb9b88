import { createHash, randomBytes } from 'node:crypto';
import {
  type Change,
  type Clock,
  type Collection,
  type DueSend,
  isRuntimeError,
  type Log,
  type MetricSource,
  type NewSend,
  notFound,
  type QueuedSend,
  RuntimeError,
  type Sample,
  type SendQueue,
  type Sessions,
  sentence,
  tooManyRequests,
} from 'waha-runtime';
import { type Holds, holdReasons } from '../holds.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { type SendRow, shownRow } from './send-rows.ts';

export interface QueueOptions {
  readonly rows: Collection<SendRow>;
  /** Changes rows together, if what they require holds. */
  batch(changes: readonly Change[]): Promise<void>;
  readonly holds: Holds;
  readonly sessions: Sessions;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborts when the plugin closes. */
  readonly signal: AbortSignal;
  /** So many sends of a session may wait. */
  readonly maxQueued: number;
  keepsHeld(session: string): boolean;
}

type Run = (due: DueSend) => Promise<unknown>;

/** The longest body that is kept (characters of JSON): larger files are given by a URL. */
const LARGEST_BODY = 1_000_000;
/** So many sends are looked at together. */
const AT_ONCE = 100;
/** The longest sleep (ms): timers hold no more than 24 days. */
const LONGEST_SLEEP = 3_600_000;
/** What failed is kept so long (ms). */
const FAILED_KEPT_MS = 7 * 86_400_000;

/**
 * Sends that wait for their time. One after the other in a session, in the order of their times. Each goes out under one idempotency
 * key, as a request that comes again does: whatever ends the process between sending and noting it, nobody gets it twice.
 */
export class StoredSendQueue implements SendQueue, MetricSource {
  readonly name = 'send-queue';
  readonly #options: QueueOptions;
  readonly #runs = new Map<string, Run>();
  /** The entry that each session is sending. */
  readonly #sending = new Map<string, string>();
  readonly #counts = { sent: 0, held: 0, retried: 0, failed: 0 };
  #size = 0;
  #timer: unknown;
  #looking: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  handle(operation: string, run: Run): void {
    this.#runs.set(operation, run);
  }

  keepsHeld(session: string): boolean {
    return this.#options.keepsHeld(session);
  }

  async add({ session, operation, body, sendAt, reason, key }: NewSend): Promise<QueuedSend> {
    const { rows, sessions, clock, maxQueued } = this.#options;
    sessions.get(session);
    if (JSON.stringify(body).length > LARGEST_BODY)
      throw new RuntimeError(
        'PAYLOAD_TOO_LARGE',
        'what waits in the queue may have at most 1 MB; give the file by a URL',
      );
    const id = key === undefined ? `queued_${randomBytes(12).toString('hex')}` : idFor(session, operation, key);
    const known = key === undefined ? null : await rows.get({ id });
    if (known) return this.#shown(known);
    if ((await rows.count({ session })) >= maxQueued)
      throw tooManyRequests(`session '${session}' has ${maxQueued} sends in its queue, which are all it may have`, 60);
    const row: SendRow = {
      ...{ id, session, operation, body, sendAt, createdAt: clock.now() },
      ...{ failed: 0, attempts: 0, reason: reason ?? null, onceKey: key ?? null },
    };
    await rows.put(row);
    this.wake();
    return this.#shown(row);
  }

  /** What waits in a session, the next one first, and what failed. */
  async list(session: string, page: { readonly limit: number; readonly offset: number }): Promise<QueuedSend[]> {
    const orderBy = [{ column: 'sendAt' }, { column: 'id' }] as const;
    const rows = await this.#options.rows.find({ where: { session }, orderBy, ...page });
    return rows.map((row) => this.#shown(row));
  }

  count(session: string): Promise<number> {
    return this.#options.rows.count({ session });
  }

  /** Another time, also for one that failed. */
  async reschedule(session: string, id: string, sendAt: number): Promise<QueuedSend> {
    const row = await this.#find(session, id);
    const changed = { ...row, sendAt, failed: 0, attempts: 0, reason: null };
    if (!(await this.#replace(row, changed))) return this.reschedule(session, id, sendAt);
    this.wake();
    return this.#shown(changed);
  }

  async remove(session: string, id: string): Promise<void> {
    await this.#find(session, id);
    await this.#options.rows.remove({ id });
  }

  /** Removes everything that waits, or failed, in a session; what is being sent goes out. */
  async empty(session: string): Promise<number> {
    return this.#options.rows.remove({ session });
  }

  /** Looks now for what is due. */
  wake(): void {
    this.#next(() => this.#look());
  }

  /** A policy changed, of one session or of all: what policies hold is looked at again, in the order in which it came. */
  recheck(session?: string): void {
    this.#next(async () => {
      await this.#release(session);
      await this.#look();
    });
  }

  #next(step: () => Promise<void>): void {
    if (this.#isClosed) return;
    this.#looking = this.#looking.then(step).catch((error) => {
      this.#options.log.warn({ err: sentence(error) }, 'the send queue could not be read; it is tried again');
      this.#sleep(10_000);
    });
  }

  /** What is being sent may end; nothing new begins. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer !== undefined) this.#options.clock.clearTimeout(this.#timer);
    await this.#looking;
  }

  collect(): Sample[] {
    const help = 'Sends of the queue by what came of a try';
    const tries = Object.entries(this.#counts).map(
      ([outcome, value]): Sample => ({
        ...{ name: 'waha_send_queue_tries_total', help, type: 'counter', labels: { outcome }, value },
      }),
    );
    const size = { name: 'waha_send_queue_entries', help: 'Sends that wait for their time', type: 'gauge' } as const;
    return [...tries, { ...size, value: this.#size }];
  }

  async #release(session: string | undefined): Promise<void> {
    const { rows, clock } = this.#options;
    const where = { ...(session === undefined ? {} : { session }), failed: 0, sendAt: { gt: clock.now() } };
    for (const row of await rows.find({ where })) {
      const isHeld = holdReasons.some((reason) => reason === row.reason);
      if (isHeld) await this.#replace(row, { ...row, sendAt: row.createdAt });
    }
  }

  async #look(): Promise<void> {
    if (this.#isClosed) return;
    const { rows, clock } = this.#options;
    const now = clock.now();
    await rows.remove({ failed: 1, createdAt: { lt: now - FAILED_KEPT_MS } });
    this.#size = await rows.count({ failed: 0 });
    const orderBy = [{ column: 'sendAt' }, { column: 'id' }] as const;
    let next = Number.POSITIVE_INFINITY;
    for (let offset = 0; ; offset += AT_ONCE) {
      const found = await rows.find({ where: { failed: 0 }, orderBy, limit: AT_ONCE, offset });
      for (const row of found) {
        if (row.sendAt > now) next = Math.min(next, row.sendAt);
        else this.#begin(row);
      }
      if (found.length < AT_ONCE || next < Number.POSITIVE_INFINITY) break;
    }
    this.#sleep(next - now);
  }

  #sleep(milliseconds: number): void {
    const { clock } = this.#options;
    if (this.#timer !== undefined) clock.clearTimeout(this.#timer);
    if (this.#isClosed || this.#size === 0) return;
    this.#timer = clock.setTimeout(() => this.wake(), Math.max(1, Math.min(milliseconds, LONGEST_SLEEP)));
  }

  #begin(row: SendRow): void {
    const { sessions, holds } = this.#options;
    const { session, id } = row;
    // What waits in a session of another process is sent by that one.
    const isReady = sessions.isHere(session) && sessions.get(session).status === 'WORKING' && !holds.isPaused(session);
    if (!isReady || this.#sending.has(session) || !this.#runs.has(row.operation)) return;
    this.#sending.set(session, id);
    void this.#send(row)
      .catch((error) => this.#options.log.warn({ session, id, err: sentence(error) }, 'a queued send was not noted'))
      .finally(() => {
        this.#sending.delete(session);
        this.wake();
      });
  }

  async #send(row: SendRow): Promise<void> {
    const { rows, signal, clock } = this.#options;
    const { id, session, operation } = row;
    const run = this.#runs.get(operation);
    if (!run) return;
    try {
      // It may have been taken out, or moved, since it was found.
      const now = await rows.get({ id });
      if (now?.sendAt !== row.sendAt) return;
      await run({ session, body: row.body as object, key: row.onceKey ?? id, signal });
      this.#counts.sent += 1;
      await rows.remove({ id });
    } catch (error) {
      if (this.#isClosed) return;
      await this.#note(row, outcomeOf(error, row.attempts, clock.now()));
    }
  }

  async #note(row: SendRow, outcome: Outcome): Promise<void> {
    const { rows, log } = this.#options;
    const now = await rows.get({ id: row.id });
    if (!now) return;
    const { kind, reason } = outcome;
    this.#counts[kind === 'retry' ? 'retried' : kind] += 1;
    if (kind === 'failed') log.warn({ session: row.session, id: row.id, err: reason }, 'a queued send failed');
    await this.#replace(now, {
      ...now,
      reason,
      failed: kind === 'failed' ? 1 : 0,
      attempts: kind === 'held' ? row.attempts : row.attempts + 1,
      sendAt: kind === 'failed' ? now.sendAt : outcome.until,
    });
  }

  /** Unless it was taken out, or moved, meanwhile. */
  async #replace({ id, sendAt }: SendRow, after: SendRow): Promise<boolean> {
    const { rows, batch } = this.#options;
    try {
      await batch([rows.requiring({ id, sendAt }), rows.putting(after)]);
      return true;
    } catch (error) {
      if (isRuntimeError(error, 'NOT_HELD')) return false;
      throw error;
    }
  }

  async #find(session: string, id: string): Promise<SendRow> {
    const row = await this.#options.rows.get({ id });
    if (!row || row.session !== session) throw notFound(`session '${session}' has no queued send '${id}'`);
    return row;
  }

  #shown(row: SendRow): QueuedSend {
    return shownRow(row, this.#sending.get(row.session) === row.id);
  }
}

const idFor = (session: string, operation: string, key: string): string =>
  `queued_${createHash('sha256')
    .update(JSON.stringify([session, operation, key]))
    .digest('hex')
    .slice(0, 24)}`;
