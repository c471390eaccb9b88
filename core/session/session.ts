import { type Actor, createActor } from 'xstate';
import type { Clock } from '../contracts/clock.ts';
import type { Log } from '../contracts/log.ts';
import type {
  MeInfo,
  SessionInfo,
  SessionStatus,
  SessionStatusPayload,
  StatusReason,
  Transition,
} from '../contracts/session.ts';
import type { SessionConfig } from '../contracts/session-config.ts';
import type { SessionRecord } from '../contracts/stores.ts';
import { sessionElsewhere } from '../errors.ts';
import { SerialQueue } from '../serial-queue.ts';
import { isWorthWriting, noAccountHistory } from './account-history.ts';
import type { AccountHistoryEmitted, SessionCommand, SessionContext, SessionInput, StatusEmitted } from './context.ts';
import { sessionMachine } from './machine.ts';
import { RestartLimit } from './restart-limit.ts';
import { InfoOfSession } from './session-info.ts';
import { silentStop } from './silent-stop.ts';
import { dataOf, failureDetails } from './status-details.ts';
import { StatusHistory } from './status-history.ts';

/** So long after a restart another one is the same one, while the session connects (ms). */
const restartUnderWay = 5_000;

/** The key in `metadata` that names the one phone that may link the session. */
const pinnedPhoneKey = 'waha.phone';

export interface SessionOptions {
  readonly machine: Omit<SessionInput, 'me' | 'pinnedPhone' | 'accountHistory'>;
  readonly clock: Clock;
  /** Makes the session's log; `debug` says whether it is to be talkative now. */
  log(debug: () => boolean): Log;
  readonly workerId: string;
  /** Called for every news about the session, in order; the next one waits for it. Never rejects. */
  publishStatus(session: Session, payload: SessionStatusPayload, me: MeInfo | null): Promise<void>;
  /** Stores the record. Rejects when the medium fails. */
  save(record: SessionRecord): Promise<void>;
  /** Called for every connection that was lost. */
  reconnecting(reason: StatusReason): void;
}

/** One session: its record, its actor, and what they say to the outside. */
export class Session {
  readonly #options: SessionOptions;
  readonly #actor: Actor<typeof sessionMachine>;
  readonly #history = new StatusHistory();
  #record: SessionRecord;
  #latest: StatusEmitted | null = null;
  readonly #info = new InfoOfSession();
  #activity: number | null = null;
  readonly #publishing = new SerialQueue();
  readonly #amending = new SerialQueue();
  #ended = false;
  #released = false;
  /** True while the record is being removed: nothing may write it again. */
  removing = false;
  #restartedAt = Number.NEGATIVE_INFINITY;
  readonly #restartLimit = new RestartLimit();
  readonly log: Log;

  constructor(record: SessionRecord, options: SessionOptions) {
    this.#record = record;
    this.#options = options;
    this.log = options.log(() => this.#record.config.debug === true);
    const pinnedPhone = () => pinnedIn(this.#record.config);
    const input = {
      ...options.machine,
      pinnedPhone,
      me: record.me,
      accountHistory: record.accountHistory ?? noAccountHistory,
    };
    this.#actor = createActor(sessionMachine, { input, clock: options.clock });
    this.#actor.on('status', (status) => this.#enter(status));
    this.#actor.on('me', ({ me }) => this.#know(me));
    this.#actor.on('accountHistory', (emitted) => this.#keepAccountHistory(emitted));
    this.#actor.on('reconnect', ({ reason }) => options.reconnecting(reason));
    this.#actor.subscribe({ error: (error) => this.log.error({ err: error }, 'the session machine failed') });
  }

  get name(): string {
    return this.#record.name;
  }

  get record(): SessionRecord {
    return this.#record;
  }

  get status(): SessionStatus {
    return this.#latest?.status ?? 'STOPPED';
  }

  get context(): SessionContext {
    return this.#actor.getSnapshot().context;
  }

  get transitions(): readonly Transition[] {
    return this.#history.transitions;
  }

  /** Sets the machine going; it waits in STOPPED and says nothing. */
  begin(): void {
    this.#latest = { ...silentStop, me: this.#record.me };
    this.#actor.start();
  }

  /** Nothing happens once it has ended. */
  send(command: SessionCommand): void {
    if (!this.#ended) this.#actor.send(command);
  }

  /**
   * False when a restart is under way and has not failed yet. Throws `TOO_MANY_REQUESTS` when restarts come too often: a
   * client that "makes sure it is connected" must not be what keeps it from connecting.
   */
  mayRestart(): boolean {
    const now = this.#options.clock.now();
    const underWay = this.isIn('opening') && now - this.#restartedAt < restartUnderWay && this.context.reason === null;
    if (underWay) return false;
    this.#restartLimit.count(this.name, now);
    this.#restartedAt = now;
    return true;
  }

  /** Ends the machine; nothing is published any more. Resolves when every status is published. */
  end(): Promise<void> {
    this.#ended = true;
    this.#actor.stop();
    return this.#publishing.idle();
  }

  /** Ends it without a word. With a `grace` (ms), its connection is closed first, for so long at most; without one it is cut at this moment. */
  async release(grace: number): Promise<void> {
    this.#released = true;
    if (grace > 0) {
      this.send({ type: 'stop' });
      await this.until((it) => it.isIn('stopped'), grace);
    }
    await this.end();
  }

  /** Resolves when every status so far is published. */
  statusesPublished(): Promise<void> {
    return this.#publishing.idle();
  }

  /** Remembers that something happened in the session. */
  touch(): void {
    this.#activity = this.#options.clock.now();
  }

  /** Changes the record: what cannot be stored is not so. One change after the other; the machine is not told. */
  amend(change: Partial<Pick<SessionRecord, 'config' | 'desired' | 'me' | 'accountHistory'>>): Promise<void> {
    return this.#amending.run(async () => {
      if (this.removing) return;
      if (this.#released) throw sessionElsewhere(this.name);
      const next = { ...this.#record, ...change, updatedAt: this.#options.clock.now() };
      await this.#options.save(next);
      this.#record = next;
    });
  }

  get config(): SessionConfig {
    return this.#record.config;
  }

  get me(): MeInfo | null {
    return this.context.me;
  }

  /** The same object until something of it changes. */
  info(): SessionInfo {
    const { record, context, status } = this;
    return this.#info.of({ record, context, status, activity: this.#activity, workerId: this.#options.workerId });
  }

  /**
   * Waits until `done` is true of the session, for at most `milliseconds`; false when the time is up.
   */
  until(done: (session: Session) => boolean, milliseconds: number): Promise<boolean> {
    if (done(this)) return Promise.resolve(true);
    return new Promise((resolve) => {
      const finish = (result: boolean) => {
        this.#options.clock.clearTimeout(timer);
        subscription.unsubscribe();
        resolve(result);
      };
      const subscription = this.#actor.subscribe({
        next: () => {
          if (done(this)) finish(true);
        },
        complete: () => finish(done(this)),
        error: () => finish(false),
      });
      const timer = this.#options.clock.setTimeout(() => finish(done(this)), milliseconds);
    });
  }

  /** Where the machine is, for those who look closely. */
  get state(): string {
    return JSON.stringify(this.#actor.getSnapshot().value);
  }

  /**
   * `leaving`: a connection is being closed, or credentials are being wiped. `opening`: a connection was asked for and
   * nothing came of it yet. `connected`: there is a connection that nobody closes.
   */
  isIn(state: 'stopped' | 'failed' | 'backoff' | 'leaving' | 'opening' | 'connected'): boolean {
    const snapshot = this.#actor.getSnapshot();
    const closing = snapshot.matches({ alive: 'closing' });
    if (state === 'leaving') return closing || snapshot.matches('wiping');
    if (state === 'opening')
      return snapshot.matches({ alive: 'starting' }) || (closing && snapshot.context.afterClose === 'restart');
    if (state === 'connected') return snapshot.matches('alive') && !closing;
    return snapshot.matches(state);
  }

  #enter(next: StatusEmitted): void {
    if (this.#released) return;
    const timestamp = this.#options.clock.now();
    const repeats = this.#latest?.status === next.status && next.status !== 'SCAN_QR_CODE' && next.update === null;
    if (repeats) {
      this.#history.repeat(next, timestamp);
      this.#sayRetry(next);
      return;
    }
    this.#latest = next;
    this.#history.enter(next, timestamp);
    this.touch();
    this.#say(next);
    const payload = this.#payload(next);
    const { me } = next;
    void this.#publishing.run(async () => {
      await this.#remember(me);
      await this.#options.publishStatus(this, payload, me);
    });
  }

  #say(next: StatusEmitted): void {
    const { status, reason, message, note, phoneSilence } = next;
    const why = reason ? `: ${[reason, note, message && `(${message})`].filter(Boolean).join(' ')}` : '';
    const level = status === 'FAILED' ? 'warn' : 'info';
    this.log[level]({ status, ...(reason ? { reason } : {}) }, `${status}${why}`);
    this.#sayRetry(next);
    if (status !== 'WORKING' || phoneSilence === null) return;
    const unlinked = new Date(phoneSilence.unlinkExpectedAt).toISOString();
    this.log.warn(
      phoneSilence,
      `the phone gives no sign of life; if it is offline, WhatsApp unlinks us on ${unlinked}`,
    );
  }

  /** The first attempts, and then ever fewer of them: an outage of a day is not a thousand lines for each session. */
  #sayRetry({ reason, message, note, attempt, nextRetryAt }: StatusEmitted): void {
    if (reason === null || nextRetryAt === null || (attempt > 3 && !Number.isInteger(Math.log2(attempt)))) return;
    const seconds = Math.max(0, Math.round((nextRetryAt - this.#options.clock.now()) / 100) / 10);
    const why = [reason, note, message && `(${message})`].filter(Boolean).join(' ');
    this.log.warn(`not connected: ${why}; attempt ${attempt} failed, the next one in ${seconds} s`);
  }

  #know(me: MeInfo | null): void {
    void this.#publishing.run(() => this.#remember(me));
  }

  /** The store is written first, so that a GET after the event never shows an older account. */
  async #remember(me: MeInfo | null): Promise<void> {
    if (this.#released || JSON.stringify(me) === JSON.stringify(this.#record.me)) return;
    try {
      await this.amend({ me });
    } catch (error) {
      this.log.error({ err: error }, 'the account of the session could not be stored');
    }
  }

  #keepAccountHistory({ accountHistory, exactly }: AccountHistoryEmitted): void {
    void this.#publishing.run(async () => {
      if (this.#released || !isWorthWriting(this.#record.accountHistory ?? noAccountHistory, accountHistory, exactly))
        return;
      await this.amend({ accountHistory }).catch((error) => {
        this.log.error({ err: error }, 'what is known of the account could not be stored');
      });
    });
  }

  #payload(latest: StatusEmitted): SessionStatusPayload {
    return {
      name: this.name,
      status: latest.status,
      statuses: this.#history.statuses,
      data: dataOf(latest),
      ...failureDetails(latest, latest.status),
    };
  }
}

/** The number that `metadata` pins the session to: another phone that links is turned away. */
const pinnedIn = ({ metadata }: SessionConfig): string | null => metadata?.[pinnedPhoneKey]?.replace(/\D/g, '') || null;
