import { ulid } from 'ulid';
import type { Timings } from '../config/schema.ts';
import type { Capability, Client } from '../contracts/client.ts';
import type { Clock, Random } from '../contracts/clock.ts';
import type { SessionStatusPayload } from '../contracts/events.ts';
import type { SessionConfig, SessionInfo, SessionStatus, Transition } from '../contracts/session.ts';
import { isSessionName, type MeInfo, type PairingCode, type QrCode } from '../contracts/session.ts';
import type { CreateSession, LogoutReport, Sessions } from '../contracts/sessions.ts';
import type { DesiredState, SessionRecord, SessionStore } from '../contracts/stores.ts';
import {
  badRequest,
  notImplementedByEngine,
  sentence,
  sessionExists,
  sessionNotFound,
  sessionStatus,
} from '../errors.ts';
import { type ConnectionParts, connectSession } from './connect.ts';
import { needsRestart } from './effective-config.ts';
import { KeyedLock } from './keyed-lock.ts';
import { pairingCode } from './pairing.ts';
import { Session } from './session.ts';

export interface SessionsParts extends ConnectionParts {
  readonly store: SessionStore;
  readonly workerId: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly timings: Timings;
}

/** Every session of this process: an actor and a record by name. */
export class ActorSessions implements Sessions {
  readonly #sessions = new Map<string, Session>();
  readonly #lock = new KeyedLock();
  #parts: SessionsParts | null = null;

  /** Gives it what plugins provide; every call before that is a programming error. */
  connect(parts: SessionsParts): void {
    this.#parts = parts;
  }

  /** Takes up a stored session without starting it. */
  adopt(record: SessionRecord): Session {
    const { clock, random, timings, log, workerId, store, auth, bus } = this.#ready;
    const wipe = (keepArchive: boolean) => (keepArchive ? auth.archive(record.name) : auth.clear(record.name));
    const session: Session = new Session(record, {
      machine: {
        timings,
        clock,
        random,
        wipe,
        connect: connectSession(
          () => session,
          () => this.#ready,
        ),
      },
      clock,
      log: log.child({ session: record.name }),
      workerId,
      save: (changed) => store.put(changed),
      announce: (about, payload, me) => announce(bus, about, payload, me, log),
    });
    this.#sessions.set(record.name, session);
    session.begin();
    return session;
  }

  /** Every session, to resume and to close them. */
  all(): readonly Session[] {
    return [...this.#sessions.values()];
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

  me(name: string): MeInfo | null {
    return this.#find(name).me;
  }

  transitions(name: string): readonly Transition[] {
    return [...this.#find(name).transitions];
  }

  async create({ name = `session_${ulid().toLowerCase()}`, config = {}, start = true }: CreateSession) {
    if (!isSessionName(name)) throw badRequest(`name must be ${nameRule}`);
    return this.#lock.run(name, async () => {
      if (this.has(name)) throw sessionExists(name);
      const now = this.#ready.clock.now();
      const engine = this.#ready.engines[0]?.name ?? 'NOWEB';
      const desired = start ? ('running' as const) : ('stopped' as const);
      const record = { name, engine, config, desired, me: null, createdAt: now, updatedAt: now };
      await this.#ready.store.put(record);
      const session = this.adopt(record);
      if (start) session.send({ type: 'start' });
      return session.info();
    });
  }

  update(name: string, config: SessionConfig): Promise<SessionInfo> {
    return this.#command(name, async (session) => {
      const restart = needsRestart(session.config, config);
      await session.amend({ config });
      const running = !session.isIn('stopped') && !session.isIn('failed');
      if (restart && running) session.send({ type: 'restart' });
      else session.send({ type: 'configure', config });
    });
  }

  start(name: string): Promise<SessionInfo> {
    return this.#command(name, async (session) => {
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
      const generation = session.context.generation;
      const again = session.record.desired === 'running';
      session.send({ type: 'logout', next: again ? 'alive' : 'stopped' });
      const { timings } = this.#ready;
      const done = (it: Session) => it.isIn('stopped') || it.isIn('failed') || it.context.generation > generation;
      await session.until(done, timings.close + timings.wipe);
      const remote = session.context.unlinked ? 'unlinked' : linked ? 'offline' : 'not_linked';
      return { session: session.info(), remote };
    });
  }

  remove(name: string): Promise<void> {
    return this.#lock.run(name, async () => {
      const session = this.#sessions.get(name);
      if (!session) return;
      const { auth, messages, store } = this.#ready;
      session.send({ type: 'logout', next: 'stopped' });
      await this.#settled(session);
      await session.end();
      await Promise.all([auth.clear(name), messages.clear(name)]);
      await store.remove(name);
      this.#sessions.delete(name);
    });
  }

  async qr(name: string): Promise<QrCode> {
    const session = this.#find(name);
    await session.until((it) => it.context.qr.code !== null || !isPairingSoon(it.status), this.#ready.timings.qrWait);
    const { code, slotEndsAt } = session.context.qr;
    if (code === null) throw sessionStatus(name, session.status, ['SCAN_QR_CODE']);
    return { value: code, expiresAt: slotEndsAt };
  }

  async pairingCode(name: string, phoneNumber: string): Promise<PairingCode> {
    const session = this.#find(name);
    return this.#lock.run(`${name} pairing`, () => pairingCode(session, phoneNumber, this.#ready));
  }

  async client(name: string): Promise<Client> {
    const session = this.#find(name);
    const waits = (status: SessionStatus) => status === 'STARTING' || status === 'WORKING';
    await session.until((it) => it.context.client !== null || !waits(it.status), this.#ready.timings.client);
    const { client } = session.context;
    if (client === null) throw sessionStatus(name, session.status, ['WORKING']);
    session.touch();
    return client;
  }

  async capability<C extends Capability>(name: string, capability: C): Promise<NonNullable<Client[C]>> {
    const client = await this.client(name);
    const found = client[capability];
    if (!found) throw notImplementedByEngine(this.#find(name).record.engine, capability);
    return found;
  }

  /** Stops every session without changing what is desired of it. Resolves after `grace` ms at the latest. */
  async close(grace: number): Promise<void> {
    await Promise.all(
      this.all().map(async (session) => {
        session.send({ type: 'stop' });
        await session.until((it) => it.isIn('stopped'), grace);
        await session.end();
      }),
    );
  }

  get #ready(): SessionsParts {
    if (!this.#parts) throw new Error('sessions are used before the plugins are set up; do it in onReady');
    return this.#parts;
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
    const { timings } = this.#ready;
    await session.until((it) => it.isIn('stopped') || it.isIn('failed'), timings.close + timings.wipe);
    await session.announced();
  }
}

const nameRule = 'letters, digits, "_", "-" and ".", at most 54 of them, and not "sessions" or "apps"';

const isPairingSoon = (status: SessionStatus): boolean => status === 'STARTING' || status === 'SCAN_QR_CODE';

const announce = async (
  bus: SessionsParts['bus'],
  session: Session,
  payload: SessionStatusPayload,
  me: MeInfo | null,
  log: SessionsParts['log'],
): Promise<void> => {
  try {
    await bus.publish({
      session: session.name,
      event: 'session.status',
      payload,
      metadata: session.config.metadata ?? undefined,
      me,
      engine: session.record.engine,
    });
  } catch (error) {
    log.error({ session: session.name }, `the status ${payload.status} could not be published: ${sentence(error)}`);
  }
};
