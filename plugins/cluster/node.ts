import { randomUUID } from 'node:crypto';
import {
  type Clock,
  type Directory,
  isRuntimeError,
  type Log,
  type Ownership,
  pause,
  type SessionHost,
  sentence,
} from 'waha-runtime';
import { ClockWatch } from './clock-watch.ts';
import type { ClusterConfig } from './config.ts';
import { Loops } from './loops.ts';
import { Peers } from './peers.ts';
import { Placements } from './placements.ts';
import { Pulse } from './pulse.ts';
import { protocol, refuseStrangers } from './strangers.ts';
import type { ClusterTables, NodeRow } from './tables.ts';
import { Takeovers } from './takeovers.ts';
import { Tasks } from './tasks.ts';
import { SessionViews } from './views.ts';

export interface NodeOptions {
  readonly config: ClusterConfig;
  readonly tables: ClusterTables;
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
  /** A process is dead, which the others reached there. */
  onDeath(url: string): void;
}

/** This process as a member of the cluster: its beats, what it claims, gives away and loses. */
export class ClusterNode implements Ownership {
  readonly #options: NodeOptions;
  readonly peers: Peers;
  readonly placements: Placements;
  readonly #views: SessionViews;
  readonly #takeovers: Takeovers;
  readonly #clocks: ClockWatch;
  readonly #tasks: Tasks;
  readonly #pulse: Pulse;
  #host: SessionHost | null = null;
  #cut = false;
  /** When the last look at our own silence was (ms, monotonic). */
  #watchedAt = performance.now();
  #state: 'joining' | 'ready' | 'draining' | 'ended' = 'joining';
  readonly #loops: Loops;

  constructor(options: NodeOptions) {
    const { config, tables, version, clock } = options;
    this.#options = options;
    const row = { cluster: config.name, url: '', version, protocol, beat: 0, state: 'ready', sessions: 0 };
    this.#pulse = new Pulse(tables, clock, { ...row, id: randomUUID(), startedAt: clock.now(), clock: 0, needs: 0 });
    this.#loops = new Loops(clock, options.log);
    this.peers = new Peers(config);
    this.placements = new Placements(tables, this.node);
    this.#views = new SessionViews(tables);
    this.#tasks = new Tasks(tables);
    this.#clocks = new ClockWatch(config.deadAfter, clock, options.log);
    const nodes = () => this.peers.alive.filter(({ state }) => state === 'ready').map(({ id }) => id);
    this.#takeovers = new Takeovers({
      ...{ placements: this.placements, log: options.log, nodes, patience: 2 * config.beat },
      host: () => this.#host,
    });
  }

  get node(): string {
    return this.#pulse.row.id;
  }

  get others(): Directory {
    return this.#views;
  }

  /** How this process does: for `/health` and metrics. */
  get report() {
    const sinceBeat = Math.round(this.#pulse.silence);
    const { size } = this.placements;
    const { takeovers, losses } = this.#takeovers;
    return { node: this.node, state: this.#cut ? 'cut off' : this.#state, sinceBeat, owned: size, takeovers, losses };
  }

  /** What is known of others, before anything may ask whether there is a session. */
  async open(): Promise<this> {
    await this.#views.read();
    return this;
  }

  /** A process that has a session already, and that was not there at the last look. */
  readonly learn = async (id: string): Promise<NodeRow | null> => {
    const row = await this.#options.tables.nodes.get({ id });
    if (row === null || row.beat < 0) return null;
    this.peers.learn(row);
    return row;
  };

  async exists(session: string): Promise<boolean> {
    return this.placements.has(session) || (await this.placements.owner(session)) !== null;
  }

  async does(task: string): Promise<boolean> {
    if (this.#state !== 'ready' || this.#cut) return false;
    return this.#tasks.does(task, this.node, (owner) => this.peers.find(owner)?.state === 'ready');
  }

  async prunes(needed: number): Promise<number | null> {
    const { alive } = this.peers;
    this.#pulse.row = { ...this.#pulse.row, needs: needed };
    if (!(await this.does('event log'))) return null;
    // What waits in a session that nobody has is nobody's need yet.
    const owners = await this.placements.owners();
    const known = alive.filter(({ id }) => id !== this.node).map(({ needs }) => needs);
    const isKnown = [...owners].every((owner) => this.peers.find(owner)) && known.every((cursor) => cursor > 0);
    return isKnown ? Math.min(needed, ...known) : null;
  }

  owned(): readonly string[] {
    return this.placements.names();
  }

  owns(session: string): boolean {
    return this.placements.has(session);
  }

  fence(session: string) {
    return this.placements.fence(session);
  }

  found(session: string): Promise<void> {
    return this.placements.found(session);
  }

  forget(session: string): Promise<void> {
    return this.placements.forget(session, this.#views.forgetting(this.node, session));
  }

  async lost(sessions: readonly string[]): Promise<ReadonlySet<string>> {
    const lost = await this.placements.lost(sessions);
    for (const name of lost) void this.#takeovers.lose(name);
    return lost;
  }

  async begin(host: SessionHost, { url }: { readonly url: string | null }): Promise<void> {
    const { config, tables, clock, log } = this.#options;
    this.#pulse.row = { ...this.#pulse.row, url: config.url ?? url ?? '' };
    await refuseStrangers(tables, config, clock);
    await this.#join();
    const begun = performance.now();
    while (this.peers.alive.length < config.expect && performance.now() - begun < 30_000) {
      await pause(config.beat, clock);
      await this.#beat();
    }
    this.#host = host;
    this.#state = 'ready';
    await this.#claim(await this.#strangers());
    log.info(
      { node: this.node, url: this.#pulse.row.url },
      `joined the cluster '${config.name}' of ${this.peers.alive.length}`,
    );
    this.#loops.every(config.beat, () => this.#beat());
    this.#loops.every(config.beat / 4, () => this.#follow(true));
    this.#loops.every(config.beat, () => this.#follow(false));
    this.#loops.every(config.beat, () => this.#show(tables));
    this.#loops.every(30 * config.beat, async () => this.#claim(await this.#strangers()));
    this.#loops.every(config.beat / 4, () => this.#watch());
  }

  async end(): Promise<void> {
    if (this.#state !== 'ready') return;
    this.#state = 'draining';
    this.#pulse.row = { ...this.#pulse.row, state: 'draining' };
    const { tables, log } = this.#options;
    try {
      await this.#beat();
      const targets = this.peers.alive.filter(({ id, state }) => id !== this.node && state === 'ready');
      await this.#takeovers.giveAll(targets.map(({ id }) => id));
      await this.#show(tables);
      await tables.nodes.remove({ id: this.node });
    } catch (error) {
      log.warn(`sessions could not be handed over, the others will claim them: ${sentence(error)}`);
    }
    this.#state = 'ended';
    await this.#loops.end();
  }

  async #join(): Promise<void> {
    const { tables } = this.#options;
    await this.#pulse.join();
    const now = performance.now();
    this.peers.observe(await tables.nodes.find(), this.node, now);
  }

  async #beat(): Promise<void> {
    const outcome = await this.#pulse.beat(this.placements.size);
    if (outcome === 'taken') {
      this.#cut = false;
      return this.#observe();
    }
    this.peers.observeAnew();
    if (outcome === 'refused') return this.#beginAnew();
    this.#options.log.warn(`the cluster's database does not take a beat: ${sentence(outcome.failure)}`);
  }

  async #observe(): Promise<void> {
    const { tables, log } = this.#options;
    const before = this.peers.alive;
    const now = performance.now();
    const rows = await tables.nodes.find();
    const dead = this.peers.observe(rows, this.node, now);
    this.#clocks.compare(rows, this.node);
    const reachable = new Set(this.peers.alive.map(({ url }) => url));
    for (const { state, url } of before) if (state === 'ready' && !reachable.has(url)) this.#options.onDeath(url);
    for (const row of dead) {
      const changes = [
        tables.nodes.requiring({ id: row.id, beat: row.beat }),
        tables.nodes.putting({ ...row, beat: -1, state: 'dead' }),
      ];
      await tables.database.batch(changes).catch((error: unknown) => {
        if (!isRuntimeError(error, 'NOT_HELD')) throw error;
      });
      log.warn(
        { dead: row.id, url: row.url },
        'a process of the cluster gives no sign of life: its sessions are taken over',
      );
      this.#takeovers.sawDeath(performance.now());
    }
    if (this.#state !== 'ready') return;
    await this.#claim([]);
    await this.#takeovers.balance(this.peers.alive, performance.now(), 6 * this.#options.config.deadAfter);
  }

  /** Claims what belongs to nobody: to no node, to one that is dead, or to one of these. */
  async #claim(strangers: readonly string[]): Promise<void> {
    const { tables } = this.#options;
    if (this.#state !== 'ready' || this.#cut) return;
    const dead = (await tables.nodes.find({ where: { beat: { lt: 0 } } })).map(({ id }) => id);
    await this.#takeovers.claim(['', ...dead, ...strangers], performance.now());
    for (const id of dead) {
      if ((await tables.placements.count({ owner: id })) === 0) await tables.nodes.remove({ id });
    }
  }

  /** Owners that are no nodes any more. */
  async #strangers(): Promise<string[]> {
    const owners = await this.placements.owners();
    const rows = await this.#options.tables.nodes.find();
    for (const { id } of rows) owners.delete(id);
    return [...owners];
  }

  async #follow(hastily: boolean): Promise<void> {
    if (this.#state === 'ready' && !this.#cut) await this.#takeovers.follow(hastily);
  }

  async #show(tables: ClusterTables): Promise<void> {
    if (this.#host)
      await this.#views.write(this.node, this.#host.infos(), (session) =>
        tables.placements.requiring({ name: session, owner: this.node }),
      );
    await this.#views.read();
  }

  /** Without a beat that was taken for so long that the others are about to take over: every socket is cut before they do. */
  async #watch(): Promise<void> {
    const { config, log, clock } = this.#options;
    const now = performance.now();
    const stoodStill = now - this.#watchedAt > config.deadAfter / 2;
    this.#watchedAt = now;
    const isLate = () => !this.#cut && this.#pulse.silence >= 0.8 * config.deadAfter;
    if (!isLate()) return;
    // We got no processor: only the database knows whether we were declared dead meanwhile.
    if (stoodStill) await Promise.race([this.#pulse.beat(this.placements.size), pause(config.beat, clock)]);
    if (!isLate()) return;
    this.#cut = true;
    log.error('the cluster’s database has not taken a beat for too long: every session is let go of');
    void this.#takeovers.loseAll();
  }

  /** Somebody declared us dead, or the database went back in time: nothing that is in memory counts any more. */
  async #beginAnew(): Promise<void> {
    const { log, clock } = this.#options;
    log.error('the others have declared this process dead, or the database went back in time: it begins anew');
    await this.#takeovers.loseAll();
    const startedAt = clock.now();
    this.#pulse.row = { ...this.#pulse.row, id: randomUUID(), beat: 0, sessions: 0, startedAt };
    this.placements.node = this.node;
    this.#views.begin();
    await this.#join();
    this.#cut = false;
  }
}
