import { type Actor, createActor } from 'xstate';
import type { Clock } from '../contracts/clock.ts';
import type { SessionStatusPayload } from '../contracts/events.ts';
import type { Log } from '../contracts/log.ts';
import type {
  MeInfo,
  SessionConfig,
  SessionInfo,
  SessionStatus,
  StatusPoint,
  Transition,
} from '../contracts/session.ts';
import type { SessionRecord } from '../contracts/stores.ts';
import type { SessionCommand, SessionContext, SessionInput, StatusEmitted } from './context.ts';
import { sessionMachine } from './machine.ts';

/** How many statuses an event carries, and how many transitions are kept. */
const statusesInEvent = 3;
const transitionsKept = 100;

export interface SessionParts {
  readonly machine: Omit<SessionInput, 'me'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly workerId: string;
  /** Called for every news about the session, in order; the next one waits for it. Never rejects. */
  announce(session: Session, payload: SessionStatusPayload, me: MeInfo | null): Promise<void>;
  /** Stores the record. Rejects when the medium fails. */
  save(record: SessionRecord): Promise<void>;
}

/** One session: its record, its actor, and what they say to the outside. */
export class Session {
  readonly #parts: SessionParts;
  readonly #actor: Actor<typeof sessionMachine>;
  readonly #transitions: Transition[] = [];
  #record: SessionRecord;
  #latest: StatusEmitted | null = null;
  #activity: number | null = null;
  #announced: Promise<void> = Promise.resolve();

  constructor(record: SessionRecord, parts: SessionParts) {
    this.#record = record;
    this.#parts = parts;
    this.#actor = createActor(sessionMachine, { input: { ...parts.machine, me: record.me }, clock: parts.clock });
    this.#actor.on('status', (status) => this.#enter(status));
    this.#actor.on('me', ({ me }) => this.#know(me));
    this.#actor.subscribe({ error: (error) => parts.log.error({ err: error }, 'the session machine failed') });
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
    return this.#transitions;
  }

  /** Sets the machine going; it waits in STOPPED and says nothing. */
  begin(): void {
    this.#latest = { ...silentStop, me: this.#record.me };
    this.#actor.start();
  }

  send(command: SessionCommand): void {
    this.#actor.send(command);
  }

  /** Ends the machine; nothing is announced any more. Resolves when everything announced was handled. */
  async end(): Promise<void> {
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

  /** Changes the record and stores it; the machine is not told. */
  async amend(change: Partial<Pick<SessionRecord, 'config' | 'desired' | 'me'>>): Promise<void> {
    this.#record = { ...this.#record, ...change, updatedAt: this.#parts.clock.now() };
    await this.#parts.save(this.#record);
  }

  get config(): SessionConfig {
    return this.#record.config;
  }

  get me(): MeInfo | null {
    return this.context.me;
  }

  info(): SessionInfo {
    const { status } = this;
    return {
      name: this.name,
      status,
      config: this.#record.config,
      me: this.me,
      engine: { engine: this.#record.engine },
      assignedWorker: this.#parts.workerId,
      presence: status === 'WORKING' ? 'online' : null,
      timestamps: { activity: this.#activity },
      ...trouble(this.context, status),
    };
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
      });
      const timer = this.#parts.clock.setTimeout(() => finish(done(this)), milliseconds);
    });
  }

  /** True when the machine rests in this state: `stopped`, `failed`, `working`. */
  isIn(state: 'stopped' | 'failed' | 'backoff'): boolean {
    return this.#actor.getSnapshot().matches(state);
  }

  #enter(next: StatusEmitted): void {
    const repeats = this.#latest?.status === next.status && next.status !== 'SCAN_QR_CODE';
    if (repeats) return;
    this.#latest = next;
    const timestamp = this.#parts.clock.now();
    this.#transitions.push({ status: next.status, timestamp, ...reasonOf(next) });
    if (this.#transitions.length > transitionsKept) this.#transitions.shift();
    this.touch();
    const payload = this.#payload(next);
    const { me } = next;
    this.#announced = this.#announced.then(async () => {
      await this.#remember(me);
      await this.#parts.announce(this, payload, me);
    });
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
      this.#parts.log.error({ err: error }, 'the account of the session could not be stored');
    }
  }

  #payload(latest: StatusEmitted): SessionStatusPayload {
    const statuses: StatusPoint[] = this.#transitions
      .slice(-statusesInEvent)
      .map(({ status, timestamp }) => ({ status, timestamp }));
    return { name: this.name, status: latest.status, statuses, data: null, ...trouble(latest, latest.status) };
  }
}

const silentStop: Omit<StatusEmitted, 'me'> = {
  type: 'status',
  status: 'STOPPED',
  reason: null,
  message: null,
  attempt: 0,
  nextRetryAt: null,
};

type Trouble = Pick<StatusEmitted, 'reason' | 'message' | 'attempt' | 'nextRetryAt'>;

const reasonOf = ({ reason, message }: Trouble) => ({ ...(reason ? { reason } : {}), ...(message ? { message } : {}) });

/** What is wrong, where something is: why it failed, or why and when it tries again. */
const trouble = (context: Trouble, status: SessionStatus) => {
  if (context.reason === null || (status !== 'FAILED' && status !== 'STARTING')) return {};
  const recoverable = status === 'STARTING';
  const retry = recoverable && context.attempt > 0 ? { attempt: context.attempt } : {};
  const next = recoverable && context.nextRetryAt !== null ? { nextRetryAt: context.nextRetryAt } : {};
  return { reason: context.reason, recoverable, ...retry, ...next };
};
