import type { SessionStatus } from '../../../core/contracts/session.ts';
import type { CloseReason } from '../../../core/engine.ts';
import { isRuntimeError } from '../../../core/index.ts';
import type { Session } from '../../../core/session/session.ts';
import { storageFailed } from '../../../core/storage.ts';
import { settle } from '../../support/clock.ts';
import { someone } from '../../support/fake-engine.ts';
import { type FakeWorld, sessionsOnFakes } from '../../support/sessions.ts';
import { countSubscriptions } from '../../support/subscriptions.ts';
import { checkConnections, checkTimers, Deadlines, StatusNews } from './invariants.ts';

export const names = ['ana', 'bo', 'cleo'] as const;
export type Name = (typeof names)[number];

export const commands = ['create', 'start', 'stop', 'restart', 'hot', 'cold', 'logout', 'delete'] as const;
export type Command = (typeof commands)[number];

export const closeReasons: readonly CloseReason[] = [
  ...(['network', 'unavailable', 'restart_required', 'logged_out', 'device_removed', 'replaced', 'banned'] as const),
  ...(['client_outdated', 'bad_session', 'corrupt_auth', 'storage', 'proxy', 'engine_error', 'qr_refs_ended'] as const),
];

export const faults = [
  'qr',
  'refresh',
  'passkey',
  'passkey code',
  'passkey ended',
  'linked',
  'open',
  'hang',
  'deaf',
  'fail logout',
  'restrict',
  'ghost',
  'code',
] as const;
export const outages = ['engine', 'wipe', 'store', 'network', 'none'] as const;

export type Step =
  | { readonly do: Command; readonly session: Name }
  /** A command that comes while we close a connection, which hangs. */
  | { readonly whileClosing: Command; readonly session: Name }
  | { readonly fault: (typeof faults)[number]; readonly session: Name }
  | { readonly drop: CloseReason; readonly session: Name }
  | { readonly outage: (typeof outages)[number] }
  | { readonly pass: number };

interface Issued {
  readonly command: Command;
  readonly session: Name;
  refused: boolean;
  open: boolean;
}

/** Sessions in trouble: commands and faults in any order, and what must be true all the while. */
export class Chaos {
  readonly world: FakeWorld;
  readonly #issued: Issued[] = [];
  readonly #deadlines = new Deadlines();
  readonly #news: StatusNews;
  readonly #subscriptions = countSubscriptions();
  #broken: Error | null = null;
  readonly #wipe: FakeWorld['stores']['auth']['clear'];
  readonly #put: FakeWorld['stores']['sessions']['put'];
  #codes = 0;
  #codeRequests = 0;

  private constructor(world: FakeWorld) {
    this.world = world;
    this.#news = new StatusNews(world.events);
    this.#wipe = world.stores.auth.clear.bind(world.stores.auth);
    this.#put = world.stores.sessions.put.bind(world.stores.sessions);
  }

  static async begin(random: () => number): Promise<Chaos> {
    return new Chaos(await sessionsOnFakes({ random }));
  }

  async step(step: Step): Promise<void> {
    if ('do' in step) this.command(step.do, step.session);
    if ('whileClosing' in step) await this.#collide(step.whileClosing, step.session);
    if ('fault' in step) await this.#fault(step.fault, step.session);
    if ('drop' in step) this.#live(step.session)?.drop(step.drop);
    if ('outage' in step) this.outage(step.outage);
    if ('pass' in step) await this.#pass(step.pass);
    await settle();
    this.check();
  }

  /** Issues a command without waiting for it. */
  command(command: Command, session: Name): Issued {
    const issued: Issued = { command, session, refused: false, open: true };
    this.#issued.push(issued);
    this.#run(command, session)
      .then(() => this.#checkOutcome(issued))
      .catch((error: unknown) => {
        if (!isRuntimeError(error)) throw error;
        issued.refused = true;
      })
      .finally(() => {
        issued.open = false;
      });
    return issued;
  }

  /** From now on everything works: whatever is connected opens, and so does every new connection. */
  async peace(): Promise<void> {
    this.outage('none');
    this.world.engine.prepare = (connection) => queueMicrotask(() => connection.open());
    for (const connection of this.world.engine.live()) connection.open();
    await settle();
  }

  outage(kind: (typeof outages)[number]): void {
    const { engine, stores } = this.world;
    const refuse = () => Promise.reject(storageFailed('fake', 'the disk is full'));
    engine.failure = kind === 'engine' ? new Error('the engine is broken') : null;
    stores.auth.clear = kind === 'wipe' ? refuse : this.#wipe;
    stores.sessions.put = kind === 'store' ? refuse : this.#put;
    engine.prepare = kind === 'network' ? (one) => queueMicrotask(() => one.drop('network')) : () => undefined;
  }

  /** Lets a long time pass, and every deadline with it. */
  async quiet(): Promise<void> {
    for (let minute = 0; minute < 12; minute++) await this.#pass(60_000);
  }

  /** What the commands that were not refused ask for, in the order in which they were given. */
  desired(session: Name): 'none' | 'running' | 'stopped' {
    let desired: 'none' | 'running' | 'stopped' = 'none';
    for (const { command, refused, ...issued } of this.#issued) {
      if (issued.session !== session || refused) continue;
      if (command === 'create' || command === 'start' || command === 'restart') desired = 'running';
      if (command === 'stop') desired = 'stopped';
      if (command === 'delete') desired = 'none';
    }
    return desired;
  }

  status(session: Name): SessionStatus | 'none' {
    return this.world.sessions.has(session) ? this.world.sessions.get(session).status : 'none';
  }

  waiting(): number {
    return this.#issued.filter(({ open }) => open).length;
  }

  /** Subscriptions to sessions that nobody ended, beyond the one that each has of its own. */
  subscriptions(): number {
    return this.#subscriptions.open() - this.world.sessions.all().length;
  }

  /** Counts no more. */
  end(): void {
    this.#subscriptions.stop();
  }

  /** What must be true at any moment. Throws when it is not. */
  check(): void {
    if (this.#broken) throw this.#broken;
    for (const name of names) {
      const session = this.#session(name);
      checkConnections(this.world, name, session);
      const opened = this.world.engine.connections.filter(({ input }) => input.session === name).length;
      this.#deadlines.check(name, session, { now: this.world.clock.now(), opened });
    }
    this.#news.check();
    checkTimers(this.world, this.waiting() + this.#codeRequests);
  }

  /** A command that came through, and is the last one so far, left what it asked for. */
  #checkOutcome({ command, session }: Issued): void {
    if (this.#issued.findLast((one) => one.session === session)?.command !== command) return;
    const { status, reason } = this.world.sessions.has(session) ? this.world.sessions.get(session) : { status: 'none' };
    const fine =
      (command !== 'stop' || status === 'STOPPED' || reason === 'storage') &&
      (command !== 'delete' || status === 'none') &&
      ((command !== 'start' && command !== 'restart') || status !== 'STOPPED');
    if (!fine) this.#broken = new Error(`${session} is ${status} after ${command}`);
  }

  async #pass(milliseconds: number): Promise<void> {
    const { clock } = this.world;
    const end = clock.now() + milliseconds;
    while (clock.now() < end) {
      const due = Math.min(end, ...clock.pending.values());
      await clock.pass(Math.max(0, due - clock.now()));
      this.check();
    }
  }

  async #fault(fault: (typeof faults)[number], name: Name): Promise<void> {
    if (fault === 'ghost') return this.#haunt(name);
    const connection = this.#live(name);
    if (!connection) return;
    if (fault === 'qr') connection.qr(1 + (this.#codes++ % 7));
    if (fault === 'refresh') connection.refresh(1 + (this.#codes++ % 7));
    if (fault === 'passkey') connection.askForPasskey();
    if (fault === 'passkey code') connection.signal({ type: 'engine.passkey.code', code: 'ABCD-EFGH' });
    if (fault === 'passkey ended')
      connection.signal({ type: 'engine.passkey.ended', reason: 'passkey_refused', message: 'refused' });
    if (fault === 'linked') connection.linked();
    if (fault === 'open') connection.open();
    if (fault === 'hang') connection.closes = false;
    if (fault === 'deaf') connection.peer = this.#codes++ % 2 ? 'fails' : 'is silent';
    if (fault === 'fail logout') connection.reachable = false;
    if (fault === 'restrict') connection.restrict(this.world.clock.now() + 30_000);
    if (fault === 'code') {
      connection.codeExpiresAt = this.world.clock.now() + 180_000;
      this.#codeRequests++;
      const asked = this.world.sessions.pairingCode(name, '5511999990001').catch(() => undefined);
      void asked.then(() => this.#codeRequests--);
    }
  }

  /** The command wins over what the closing was for: a new attempt after a deaf connection, or the end of the QR codes. */
  async #collide(command: Command, name: Name): Promise<void> {
    const connection = this.#live(name);
    if (!connection) return;
    connection.closes = false;
    connection.peer = 'fails';
    connection.qr(7);
    if (this.status(name) === 'SCAN_QR_CODE') await this.#pass(180_000);
    else this.world.sessions.wake();
    await settle();
    const isClosing = this.#session(name)?.isIn('leaving') === true;
    const issued = this.command(command, name);
    if (!isClosing) return;
    await settle();
    await this.#pass(6_000);
    if (issued.refused || (command !== 'start' && command !== 'restart') || !this.world.sessions.has(name)) return;
    const { status, reason } = this.world.sessions.get(name);
    const lost = status === 'STOPPED' || (status === 'FAILED' && reason === 'qr_timeout');
    if (lost) throw new Error(`${name} is ${status} (${reason}) after a ${command} while it was closing`);
  }

  /** A connection that is over speaks up: nobody may hear it. */
  async #haunt(name: Name): Promise<void> {
    const dead = this.world.engine.connections.filter(({ closed, input }) => closed && input.session === name);
    const before = [this.#session(name)?.state, this.world.events.length];
    for (const { input } of dead.slice(-3)) {
      input.signal({ type: 'engine.closed', reason: 'banned' });
      input.signal({ type: 'engine.linked', me: someone });
      await input.publish('presence.update', { id: 'x', presences: [] }).catch(() => undefined);
    }
    const after = [this.#session(name)?.state, this.world.events.length];
    if (before.join() !== after.join()) throw new Error(`a dead connection of ${name} was heard: ${before} ${after}`);
  }

  #live(name: Name) {
    return this.world.engine.live(name).at(-1);
  }

  #session(name: Name): Session | undefined {
    return this.world.sessions.all().find((session) => session.name === name);
  }

  #run(command: Command, session: Name): Promise<unknown> {
    const { sessions } = this.world;
    const marker = String(this.#issued.length);
    switch (command) {
      case 'create':
        return sessions.create({ name: session });
      case 'hot':
        return sessions.update(session, { metadata: { marker } });
      case 'cold':
        return sessions.update(session, { client: { deviceName: marker } });
      case 'delete':
        return sessions.remove(session);
      default:
        return sessions[command](session);
    }
  }
}
