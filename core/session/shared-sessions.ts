import PQueue from 'p-queue';
import type { Clock } from '../contracts/clock.ts';
import type { Log } from '../contracts/log.ts';
import type { Ownership, SessionHost } from '../contracts/ownership.ts';
import type { Passkey } from '../contracts/passkey.ts';
import { isSessionName, type MeInfo, type PairingCode, type QrCode, type SessionInfo } from '../contracts/session.ts';
import type { CreateSession, LogoutReport, SessionData, Sessions } from '../contracts/sessions.ts';
import type { AuthStore, SessionStore } from '../contracts/stores.ts';
import { isRuntimeError, sentence, sessionElsewhere, sessionExists } from '../errors.ts';
import { newSessionName } from './new-name.ts';
import type { Session } from './session.ts';
import type { ActorSessions } from './sessions.ts';

export interface SharedSessionsOptions {
  readonly own: ActorSessions;
  readonly ownership: Ownership;
  readonly store: SessionStore;
  readonly auth: AuthStore;
  readonly data: () => readonly SessionData[];
  /** Reads how far the numbers of a session's events go. */
  readonly numbers: (session: string) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  /** How many of them connect at a time. */
  readonly startConcurrency: number;
  /** How long one may connect before the next one has its place (ms). */
  readonly patience: number;
  /** How long closing a connection may take (ms). */
  readonly grace: number;
}

/** The sessions of a cluster: those of this process, and what is known of the others. Those come and go at any time. */
export class SharedSessions implements Sessions, SessionHost {
  readonly #options: SharedSessionsOptions;
  readonly #own: ActorSessions;
  readonly #starting: PQueue;
  readonly #removing = new Map<string, Promise<void>>();
  /** Called when a session is there that another process had, or nobody. */
  onTaken: (name: string) => Promise<void> = async () => undefined;

  constructor(options: SharedSessionsOptions) {
    this.#options = options;
    this.#own = options.own;
    this.#starting = new PQueue({ concurrency: options.startConcurrency });
  }

  // What comes and goes

  infos(): readonly SessionInfo[] {
    return this.#own.list();
  }

  async take(name: string): Promise<boolean> {
    const { store, numbers, data, log } = this.#options;
    if (this.#own.has(name)) return true;
    const record = await store.get(name);
    if (record === null) return false;
    await numbers(name);
    for (const kept of data()) await kept.taken?.(name);
    // Let go of in the meantime.
    if (!this.#options.ownership.owns(name)) return true;
    const session = this.#own.adopt(record);
    await this.onTaken(name);
    if (session.record.desired !== 'running') return true;
    void this.#starting.add(() => this.#start(session)).catch((error) => log.error(sentence(error)));
    return true;
  }

  cut(name: string): void {
    this.#options.auth.release(name);
    void this.#find(name)?.release(0);
  }

  async release(name: string, orderly: boolean): Promise<void> {
    const { auth, data, grace, log } = this.#options;
    const session = this.#find(name);
    if (!session) return;
    if (!orderly) auth.release(name);
    await session.release(orderly ? grace : 0);
    auth.release(name);
    this.#own.drop(session);
    for (const kept of data()) {
      await kept.released?.(name).catch((error: unknown) => log.error({ session: name }, sentence(error)));
    }
  }

  #find(name: string): Session | undefined {
    return this.#own.all().find((one) => one.name === name);
  }

  async #start(session: Session): Promise<void> {
    if (session.record.desired !== 'running') return;
    session.send({ type: 'start' });
    await session.until((it) => it.status !== 'STARTING' || it.isIn('backoff'), this.#options.patience);
  }

  // What is asked of them

  list(): readonly SessionInfo[] {
    const own = this.#own.list();
    const names = new Set(own.map(({ name }) => name));
    return [...own, ...this.#options.ownership.others.list().filter(({ name }) => !names.has(name))];
  }

  get(name: string): SessionInfo {
    if (this.#own.has(name)) return this.#own.get(name);
    return this.#options.ownership.others.get(name) ?? this.#own.get(name);
  }

  has(name: string): boolean {
    return this.#own.has(name) || this.#options.ownership.others.get(name) !== undefined;
  }

  isHere(name: string): boolean {
    return this.#own.has(name);
  }

  me(name: string): MeInfo | null {
    return this.get(name).me;
  }

  async create(input: CreateSession): Promise<SessionInfo> {
    const { ownership } = this.#options;
    const { name = newSessionName() } = input;
    if (!isSessionName(name)) return this.#own.create(input);
    // What is known of others may be of a session that was deleted a moment ago.
    if (this.#own.has(name)) throw sessionExists(name);
    await this.#found(name);
    try {
      return await this.#own.create({ ...input, name });
    } catch (error) {
      if (!this.#own.has(name)) await ownership.forget(name);
      throw error;
    }
  }

  /** A row without a session is of one that another process is making or removing, or has left half done when it died. */
  async #found(name: string): Promise<void> {
    const { ownership, store } = this.#options;
    try {
      await ownership.found(name);
    } catch (error) {
      const isLeft = isRuntimeError(error, 'SESSION_EXISTS') && (await store.get(name)) === null;
      throw isLeft ? sessionElsewhere(name) : error;
    }
  }

  /** Who asks while it is being removed waits for the same end: a session that is made anew after it is another one. */
  remove(name: string): Promise<void> {
    const removing = this.#removing.get(name) ?? this.#remove(name).finally(() => this.#removing.delete(name));
    this.#removing.set(name, removing);
    return removing;
  }

  async #remove(name: string): Promise<void> {
    const had = this.#own.has(name);
    await this.#here(name).remove(name);
    if (had) await this.#options.ownership.forget(name);
  }

  update(name: string, config: SessionInfo['config']): Promise<SessionInfo> {
    return this.#at(name, (own) => own.update(name, config));
  }

  start(name: string): Promise<SessionInfo> {
    return this.#at(name, (own) => own.start(name));
  }

  stop(name: string): Promise<SessionInfo> {
    return this.#at(name, (own) => own.stop(name));
  }

  restart(name: string): Promise<SessionInfo> {
    return this.#at(name, (own) => own.restart(name));
  }

  logout(name: string): Promise<LogoutReport> {
    return this.#at(name, (own) => own.logout(name));
  }

  transitions(name: string): ReturnType<Sessions['transitions']> {
    return this.#here(name).transitions(name);
  }

  reconnects(): ReturnType<Sessions['reconnects']> {
    return this.#own.reconnects();
  }

  qr(name: string): Promise<QrCode> {
    return this.#at(name, (own) => own.qr(name));
  }

  pairingCode(name: string, phoneNumber: string): Promise<PairingCode> {
    return this.#at(name, (own) => own.pairingCode(name, phoneNumber));
  }

  passkey(name: string): Passkey {
    return this.#here(name).passkey(name);
  }

  client(name: string): ReturnType<Sessions['client']> {
    return this.#at(name, (own) => own.client(name));
  }

  capability: Sessions['capability'] = (name, capability) => this.#at(name, (own) => own.capability(name, capability));

  /** The sessions of this process, unless another one has this one. */
  #here(name: string): ActorSessions {
    if (!this.#own.has(name) && this.#options.ownership.others.get(name)) throw sessionElsewhere(name);
    return this.#own;
  }

  async #at<T>(name: string, work: (own: ActorSessions) => Promise<T>): Promise<T> {
    return work(this.#here(name));
  }
}
