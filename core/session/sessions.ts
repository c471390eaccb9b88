import { keepSecrets } from '../config/masked-secrets.ts';
import type { Timings } from '../config/schema.ts';
import type { Capability, Client } from '../contracts/client.ts';
import type { ClientPolicy } from '../contracts/client-policy.ts';
import type { Clock, Random } from '../contracts/clock.ts';
import type { Passkey } from '../contracts/passkey.ts';
import type { SessionInfo, SessionStatus, StatusReason, Transition } from '../contracts/session.ts';
import { isSessionName, type MeInfo, type PairingCode, type QrCode, sessionNameRule } from '../contracts/session.ts';
import type { CreateSession, LogoutReport, SessionData, Sessions } from '../contracts/sessions.ts';
import type { DesiredState, SessionRecord, SessionStore } from '../contracts/stores.ts';
import { withDeadline } from '../deadline.ts';
import { badRequest, sessionExists, sessionNotFound, unavailable } from '../errors.ts';
import { KeyedSerialQueue } from '../serial-queue.ts';
import { type ConnectionOptions, connectSession } from './connect.ts';
import { effectiveConfig, needsRestart } from './effective-config.ts';
import { newSessionName } from './new-name.ts';
import { notInStatus } from './not-in-status.ts';
import { isPairingSoon, pairingCode } from './pairing.ts';
import { passkeyOf } from './passkey.ts';
import { publishStatus } from './publish-status.ts';
import { Session } from './session.ts';
import { sessionLog } from './session-log.ts';
import { type ConfigRules, checkConfig } from './session-rules.ts';
import { capabilityOf, withPolicies } from './with-policies.ts';

export interface SessionsOptions extends ConnectionOptions, ConfigRules {
  readonly store: SessionStore;
  readonly workerId: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly timings: Timings;
  /** What every outgoing call goes through; read at each call. */
  readonly policies?: () => readonly ClientPolicy[];
  /** What plugins keep of sessions; read when one is removed. */
  readonly data?: () => readonly SessionData[];
}

/** Every session of this process: an actor and a record by name. */
export class ActorSessions implements Sessions {
  readonly #sessions = new Map<string, Session>();
  readonly #lock = new KeyedSerialQueue();
  readonly #reconnects: Partial<Record<StatusReason, number>> = {};
  readonly #options: SessionsOptions;
  #closing = false;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** Takes up a stored session without starting it. */
  adopt(record: SessionRecord): Session {
    const { clock, random, timings, log, workerId, store, auth, messages, bus } = this.#options;
    // What was kept is of the account that goes: the next one to link may be another's.
    const wipe = async (keepArchive: boolean) => {
      await (keepArchive ? auth.archive(record.name) : auth.clear(record.name));
      await messages.clear(record.name);
    };
    const session: Session = new Session(record, {
      machine: {
        timings,
        clock,
        random,
        wipe,
        connect: connectSession(() => session, this.#options),
      },
      clock,
      log: (debug) => sessionLog(log, { session: record.name }, debug),
      workerId,
      save: (changed) => store.put(changed),
      publishStatus: (about, payload, me) => publishStatus(bus, about, payload, me),
      reconnecting: (reason) => {
        this.#reconnects[reason] = (this.#reconnects[reason] ?? 0) + 1;
      },
    });
    this.#sessions.set(record.name, session);
    session.begin();
    return session;
  }

  /** Every session, to resume and to close them. */
  all(): readonly Session[] {
    return [...this.#sessions.values()];
  }

  /** Forgets a session that another process goes on with. */
  drop(session: Session): void {
    if (this.#sessions.get(session.name) === session) this.#sessions.delete(session.name);
  }

  list(): readonly SessionInfo[] {
    return this.all().map((session) => session.info());
  }

  get(name: string): SessionInfo {
    return this.#find(name).info();
  }

  has(name: string): boolean {
    return this.#sessions.has(name);
  }

  isHere(name: string): boolean {
    return this.has(name);
  }

  me(name: string): MeInfo | null {
    return this.#find(name).info().me;
  }

  transitions(name: string): readonly Transition[] {
    return [...this.#find(name).transitions];
  }

  reconnects(): Readonly<Partial<Record<StatusReason, number>>> {
    return { ...this.#reconnects };
  }

  async create({ name = newSessionName(), config: given = {}, start = true }: CreateSession) {
    if (!isSessionName(name)) throw badRequest(`name must be ${sessionNameRule}`);
    const config = keepSecrets(given, {});
    checkConfig(name, config, this.#options);
    return this.#lock.run(name, async () => {
      this.#refuseWhenClosing();
      if (this.has(name)) throw sessionExists(name);
      const now = this.#options.clock.now();
      const engine = this.#options.engines()[0]?.name ?? 'NOWEB';
      const desired = start ? ('running' as const) : ('stopped' as const);
      const record = { name, engine, config, desired, me: null, createdAt: now, updatedAt: now };
      await this.#options.store.put(record);
      const session = this.adopt(record);
      if (start) session.send({ type: 'start' });
      return session.info();
    });
  }

  update(name: string, given: SessionInfo['config']): Promise<SessionInfo> {
    return this.#command(name, async (session) => {
      const config = keepSecrets(given, session.config);
      checkConfig(name, config, this.#options);
      const restart = needsRestart(session.config, config);
      await session.amend({ config });
      for (const rule of this.#options.rules?.() ?? []) rule.changed?.(name);
      const running = session.isIn('connected') || session.isIn('backoff');
      if (restart && running) session.send({ type: 'restart' });
      else session.send({ type: 'configure', config: effectiveConfig(config, this.#options.defaults) });
    });
  }

  start(name: string): Promise<SessionInfo> {
    return this.#command(name, async (session) => {
      this.#refuseWhenClosing();
      await session.amend({ desired: 'running' });
      session.send({ type: 'start' });
    });
  }

  stop(name: string): Promise<SessionInfo> {
    return this.#command(name, async (session) => {
      await session.amend({ desired: 'stopped' });
      session.send({ type: 'stop' });
      await this.#settled(session);
    });
  }

  restart(name: string): Promise<SessionInfo> {
    return this.#command(name, async (session) => {
      this.#refuseWhenClosing();
      if (!session.mayRestart()) return;
      await session.amend({ desired: 'running' });
      session.send({ type: 'restart' });
    });
  }

  /** Records what is desired without starting anything; stops what shall not run. */
  async desire(name: string, desired: DesiredState): Promise<void> {
    if (this.#find(name).record.desired === desired) return;
    if (desired === 'stopped') await this.stop(name);
    else await this.#command(name, (session) => session.amend({ desired }));
  }

  /** How many sessions there are in each status. */
  counts(): Readonly<Partial<Record<SessionStatus, number>>> {
    const counts: Partial<Record<SessionStatus, number>> = {};
    for (const { status } of this.all()) counts[status] = (counts[status] ?? 0) + 1;
    return counts;
  }

  logout(name: string): Promise<LogoutReport> {
    return this.#lock.run(name, async () => {
      const session = this.#find(name);
      const linked = session.me !== null;
      const again = session.record.desired === 'running' && !this.#closing;
      session.send({ type: 'logout', next: again ? 'alive' : 'stopped' });
      const { timings } = this.#options;
      await session.until((it) => !it.isIn('leaving'), timings.close + timings.wipe);
      const remote = session.context.unlinked ? 'unlinked' : linked ? 'offline' : 'not_linked';
      return { session: session.info(), remote };
    });
  }

  remove(name: string): Promise<void> {
    return this.#lock.run(name, async () => {
      const session = this.#sessions.get(name);
      if (!session) return;
      const { auth, messages, store, data = () => [] } = this.#options;
      session.send({ type: 'logout', next: 'stopped' });
      await this.#settled(session);
      // Only what fails can be tried again: the session is there until nothing of it is.
      await Promise.all([auth.clear(name), messages.clear(name), ...data().map((kept) => kept.remove(name))]);
      session.removing = true;
      await store.remove(name).catch((error) => {
        session.removing = false;
        throw error;
      });
      this.#sessions.delete(name);
      await session.end();
    });
  }

  async qr(name: string): Promise<QrCode> {
    const session = this.#find(name);
    const { clock, timings } = this.#options;
    const shown = ({ context: { qr } }: Session) => qr.code !== null && qr.slotEndsAt > clock.now();
    const inTime = await session.until((it) => shown(it) || !isPairingSoon(it.status), timings.qrWait);
    const { code, slotEndsAt } = session.context.qr;
    if (code === null || !inTime || !shown(session)) throw notInStatus(session, 'SCAN_QR_CODE');
    return { value: code, expiresAt: slotEndsAt };
  }

  async pairingCode(name: string, phoneNumber: string): Promise<PairingCode> {
    const session = this.#find(name);
    return this.#lock.run(`${name} pairing`, () => pairingCode(session, phoneNumber, this.#options));
  }

  passkey(name: string): Passkey {
    return passkeyOf(this.#find(name));
  }

  async client(name: string): Promise<Client> {
    const session = this.#find(name);
    const waits = (status: SessionStatus) => status === 'STARTING' || status === 'WORKING';
    await session.until((it) => it.context.client !== null || !waits(it.status), this.#options.timings.client);
    const { client } = session.context;
    if (client === null) throw notInStatus(session, 'WORKING');
    session.touch();
    return withPolicies(client, name, this.#options.policies ?? (() => []));
  }

  async capability<C extends Capability>(name: string, capability: C): Promise<NonNullable<Client[C]>> {
    const client = await this.client(name);
    return capabilityOf(client, this.#find(name).record.engine, capability);
  }

  /**
   * Stops every session without changing what is desired of it, and takes no more starts. Resolves after `grace` ms at
   * the latest.
   */
  async close(grace: number): Promise<void> {
    this.#closing = true;
    const closed = this.all().map(async (session) => {
      session.send({ type: 'stop' });
      await session.until((it) => it.isIn('stopped'), grace);
      await session.end();
    });
    const late = () => unavailable('the sessions did not stop in time');
    await withDeadline(Promise.all(closed), grace + 100, this.#options.clock, late).catch(() => undefined);
  }

  /** The machine under us slept: what waits for a time is due. */
  wake(): void {
    for (const session of this.all()) session.send({ type: 'wake' });
  }

  #refuseWhenClosing(): void {
    if (this.#closing) throw unavailable('the server is stopping');
  }

  #find(name: string): Session {
    const session = this.#sessions.get(name);
    if (!session) throw sessionNotFound(name);
    return session;
  }

  #command(name: string, work: (session: Session) => Promise<void>): Promise<SessionInfo> {
    return this.#lock.run(name, async () => {
      const session = this.#find(name);
      await work(session);
      return session.info();
    });
  }

  /** Waits until the session rests, for as long as its deadlines allow. */
  async #settled(session: Session): Promise<void> {
    const { timings, clock } = this.#options;
    await session.until((it) => it.isIn('stopped') || it.isIn('failed'), timings.close + timings.wipe);
    const late = () => unavailable('the status could not be published in time');
    await withDeadline(session.statusesPublished(), timings.close, clock, late).catch(() => undefined);
  }
}
