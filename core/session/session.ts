import { type Actor, createActor } from 'xstate';
import type { Clock } from '../contracts/clock.ts';
import type { SessionStatusPayload } from '../contracts/events.ts';
import type { Log } from '../contracts/log.ts';
import type {
  MeInfo,
  SessionConfig,
  SessionInfo,
  SessionStatus,
  StatusReason,
  Transition,
} from '../contracts/session.ts';
import type { SessionRecord } from '../contracts/stores.ts';
import type { SessionCommand, SessionContext, SessionInput, StatusEmitted, TracesEmitted } from './context.ts';
import { sessionMachine } from './machine.ts';
import { dataOf, trouble } from './outlook.ts';
import { RestartBrake } from './restart-brake.ts';
import { InfoOfSession } from './session-info.ts';
import { StatusHistory } from './status-history.ts';
import { isWorthWriting, noTraces } from './traces.ts';

/** So long after a restart another one is the same one, while the session connects (ms). */
const restartUnderWay = 5_000;

/** The key in `metadata` that names the one phone that may link the session. */
const pinnedPhoneKey = 'waha.phone';

export interface SessionParts {
  readonly machine: Omit<SessionInput, 'me' | 'pinnedPhone' | 'traces'>;
  readonly clock: Clock;
  /** Makes the session's log; `debug` says whether it is to be talkative now. */
  log(debug: () => boolean): Log;
  readonly workerId: string;
  /** Called for every news about the session, in order; the next one waits for it. Never rejects. */
  announce(session: Session, payload: SessionStatusPayload, me: MeInfo | null): Promise<void>;
  /** Stores the record. Rejects when the medium fails. */
  save(record: SessionRecord): Promise<void>;
  /** Called for every connection that was lost. */
  reconnecting(reason: StatusReason): void;
}

/** One session: its record, its actor, and what they say to the outside. */
export class Session {
  readonly #parts: SessionParts;
  readonly #actor: Actor<typeof sessionMachine>;
  readonly #history = new StatusHistory();
  #record: SessionRecord;
  #latest: StatusEmitted | null = null;
  readonly #info = new InfoOfSession();
  #activity: number | null = null;
  #announced: Promise<void> = Promise.resolve();
  #amended: Promise<void> = Promise.resolve();
  #ended = false;
  /** True while the record is being removed: nothing may write it again. */
  removing = false;
  #restartedAt = Number.NEGATIVE_INFINITY;
  readonly #brake = new RestartBrake();
  readonly log: Log;

  constructor(record: SessionRecord, parts: SessionParts) {
    this.#record = record;
    this.#parts = parts;
    this.log = parts.log(() => this.#record.config.debug === true);
    const pinnedPhone = () => pinnedIn(this.#record.config);
    const input = { ...parts.machine, pinnedPhone, me: record.me, traces: record.traces ?? noTraces };
    this.#actor = createActor(sessionMachine, { input, clock: parts.clock });
    this.#actor.on('status', (status) => this.#enter(status));
    this.#actor.on('me', ({ me }) => this.#know(me));
    this.#actor.on('traces', (emitted) => this.#keepTraces(emitted));
    this.#actor.on('reconnect', ({ reason }) => parts.reconnecting(reason));
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
    const now = this.#parts.clock.now();
    const underWay = this.isIn('opening') && now - this.#restartedAt < restartUnderWay && this.context.reason === null;
    if (underWay) return false;
    this.#brake.press(this.name, now);
    this.#restartedAt = now;
    return true;
  }

  /** Ends the machine; nothing is announced any more. Resolves when everything announced was handled. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#actor.stop();
    await this.#announced;
  }

  /** Resolves when everything that was announced so far is handled. */
  announced(): Promise<void> {
    return this.#announced;
  }

  /** Remembers that something happened in the session. */
  touch(): void {
    this.#activity = this.#parts.clock.now();
  }

  /** Changes the record: what cannot be stored is not so. One change after the other; the machine is not told. */
  amend(change: Partial<Pick<SessionRecord, 'config' | 'desired' | 'me' | 'traces'>>): Promise<void> {
    const work = this.#amended.then(async () => {
      if (this.removing) return;
      const next = { ...this.#record, ...change, updatedAt: this.#parts.clock.now() };
      await this.#parts.save(next);
      this.#record = next;
    });
    this.#amended = work.catch(() => undefined);
    return work;
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
    return this.#info.of({ record, context, status, activity: this.#activity, workerId: this.#parts.workerId });
  }

  /**
   * Waits until `done` is true of the session, for at most `milliseconds`; false when the time is up.
   */
  until(done: (session: Session) => boolean, milliseconds: number): Promise<boolean> {
    if (done(this)) return Promise.resolve(true);
    return new Promise((resolve) => {
      const finish = (result: boolean) => {
        this.#parts.clock.clearTimeout(timer);
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
      const timer = this.#parts.clock.setTimeout(() => finish(done(this)), milliseconds);
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
      return snapshot.matches({ alive: 'starting' }) || (closing && snapshot.context.intent === 'restart');
    if (state === 'connected') return snapshot.matches('alive') && !closing;
    return snapshot.matches(state);
  }

  #enter(next: StatusEmitted): void {
    const timestamp = this.#parts.clock.now();
    const repeats = this.#latest?.status === next.status && next.status !== 'SCAN_QR_CODE' && next.again === null;
    if (repeats) {
      this.#history.repeat(next, timestamp);
      return;
    }
    this.#latest = next;
    this.#history.enter(next, timestamp);
    this.touch();
    this.#say(next);
    const payload = this.#payload(next);
    const { me } = next;
    this.#announced = this.#announced.then(async () => {
      await this.#remember(me);
      await this.#parts.announce(this, payload, me);
    });
  }

  #say({ status, reason, message, note, phoneSilence }: StatusEmitted): void {
    const why = reason ? `: ${[reason, note, message && `(${message})`].filter(Boolean).join(' ')}` : '';
    const level = status === 'FAILED' ? 'warn' : 'info';
    this.log[level]({ status, ...(reason ? { reason } : {}) }, `${status}${why}`);
    if (status !== 'WORKING' || phoneSilence === null) return;
    const unlinked = new Date(phoneSilence.unlinkExpectedAt).toISOString();
    this.log.warn(
      phoneSilence,
      `the phone gives no sign of life; if it is offline, WhatsApp unlinks us on ${unlinked}`,
    );
  }

  #know(me: MeInfo | null): void {
    this.#announced = this.#announced.then(() => this.#remember(me));
  }

  /** The store is written first, so that a GET after the event never shows an older account. */
  async #remember(me: MeInfo | null): Promise<void> {
    if (JSON.stringify(me) === JSON.stringify(this.#record.me)) return;
    try {
      await this.amend({ me });
    } catch (error) {
      this.log.error({ err: error }, 'the account of the session could not be stored');
    }
  }

  #keepTraces({ traces, exactly }: TracesEmitted): void {
    this.#announced = this.#announced.then(async () => {
      if (!isWorthWriting(this.#record.traces ?? noTraces, traces, exactly)) return;
      await this.amend({ traces }).catch((error) => {
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
      ...trouble(latest, latest.status),
    };
  }
}

const silentStop: Omit<StatusEmitted, 'me'> = {
  type: 'status',
  status: 'STOPPED',
  reason: null,
  message: null,
  note: null,
  attempt: 0,
  nextRetryAt: null,
  restriction: null,
  phoneSilence: null,
  again: null,
};

/** The number that `metadata` pins the session to: another phone that links is turned away. */
const pinnedIn = ({ metadata }: SessionConfig): string | null => metadata?.[pinnedPhoneKey]?.replace(/\D/g, '') || null;
