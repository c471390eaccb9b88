import { randomUUID } from 'node:crypto';
import {
  type Clock,
  configInvalid,
  type Directory,
  isRuntimeError,
  type Log,
  type Ownership,
  pause,
  type SessionHost,
  sentence,
} from 'waha-runtime';
import type { ClusterConfig } from './config.ts';
import { Loops } from './loops.ts';
import { Peers } from './peers.ts';
import { Placements } from './placements.ts';
import type { ClusterTables, NodeRow } from './tables.ts';
import { Takeovers } from './takeovers.ts';
import { SessionViews } from './views.ts';

/** What nodes say to each other; one of a lower number does not start beside one of a higher. */
const protocol = 1;

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
  #row: NodeRow;
  #host: SessionHost | null = null;
  /** When the last beat that was answered was sent (ms, monotonic). */
  #answeredAt = 0;
  #cut = false;
  #state: 'joining' | 'ready' | 'draining' | 'ended' = 'joining';
  readonly #loops: Loops;

  constructor(options: NodeOptions) {
    const { config, tables, version, clock } = options;
    this.#options = options;
    const row = { cluster: config.name, url: '', version, protocol, beat: 0, state: 'ready', sessions: 0 };
    this.#row = { ...row, id: randomUUID(), startedAt: clock.now() };
    this.#loops = new Loops(clock, options.log);
    this.peers = new Peers(config.deadAfter);
    this.placements = new Placements(tables, this.#row.id);
    this.#views = new SessionViews(tables);
    const nodes = () => this.peers.alive.filter(({ state }) => state === 'ready').map(({ id }) => id);
    this.#takeovers = new Takeovers({
      ...{ placements: this.placements, log: options.log, nodes, patience: 2 * config.beat },
      host: () => this.#host,
    });
  }

  get node(): string {
    return this.#row.id;
  }

  get others(): Directory {
    return this.#views;
  }

  /** How this process does: for `/health` and metrics. */
  get report() {
    const sinceBeat = this.#answeredAt === 0 ? 0 : Math.round(performance.now() - this.#answeredAt);
    const { size } = this.placements;
    const { takeovers, losses } = this.#takeovers;
    return { node: this.node, state: this.#cut ? 'cut off' : this.#state, sinceBeat, owned: size, takeovers, losses };
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
    this.#row = { ...this.#row, url: config.url ?? url ?? '' };
    await this.#refuseStrangers();
    await this.#join();
    const begun = performance.now();
    while (this.peers.alive.length < config.expect && performance.now() - begun < 30_000) {
      await pause(config.beat, clock);
      await this.#beat();
    }
    await this.#views.read();
    this.#host = host;
    this.#state = 'ready';
    await this.#claim(await this.#strangers());
    log.info(
      { node: this.node, url: this.#row.url },
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
    this.#row = { ...this.#row, state: 'draining' };
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

  /** Who has the same tables under another name, or is newer than this program understands, is told from who was here once. */
  async #refuseStrangers(): Promise<void> {
    const { tables, config, clock } = this.#options;
    const strange = (row: NodeRow) => row.beat >= 0 && (row.cluster !== config.name || row.protocol > protocol);
    const before = (await tables.nodes.find()).filter(strange);
    if (before.length === 0) return;
    await pause(config.deadAfter, clock);
    for (const { id, beat, cluster, url, protocol: theirs } of before) {
      const now = await tables.nodes.get({ id });
      if (!now || now.beat === beat) continue;
      if (cluster === config.name)
        throw configInvalid(`the cluster speaks protocol ${theirs} (${url}), this program ${protocol}: update it`);
      throw configInvalid(
        `name: the cluster '${cluster}' (${url}) uses the same tables; give this one a schema of its own`,
      );
    }
  }

  async #join(): Promise<void> {
    const { tables } = this.#options;
    const sentAt = performance.now();
    await tables.database.batch([tables.nodes.adding({ ...this.#row })]);
    this.#answeredAt = sentAt;
    this.peers.observe(await tables.nodes.find(), this.node, performance.now());
  }

  async #beat(): Promise<void> {
    const { tables, config, log } = this.#options;
    const sentAt = performance.now();
    const next = { ...this.#row, beat: this.#row.beat + 1, sessions: this.placements.size };
    try {
      await tables.database.batch([
        tables.nodes.requiring({ id: this.node, beat: this.#row.beat }),
        tables.nodes.putting(next),
      ]);
    } catch (error) {
      this.peers.observeAnew();
      if (isRuntimeError(error, 'NOT_HELD')) await this.#beginAnew(next.beat);
      else log.warn(`the cluster's database does not take a beat: ${sentence(error)}`);
      return;
    }
    this.#row = next;
    this.#answeredAt = sentAt;
    this.#cut = false;
    if (performance.now() - sentAt > config.beat) this.peers.observeAnew();
    await this.#observe();
  }

  async #observe(): Promise<void> {
    const { tables, log } = this.#options;
    const before = this.peers.alive;
    const dead = this.peers.observe(await tables.nodes.find(), this.node, performance.now());
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

  /** Without an answered beat for so long that the others are about to take over: every socket is cut before they do. */
  async #watch(): Promise<void> {
    const { config, log } = this.#options;
    const isLate = () => !this.#cut && performance.now() - this.#answeredAt >= 0.8 * config.deadAfter;
    // What came while the event loop stood still is read first.
    if (isLate()) await new Promise((resolve) => setImmediate(resolve));
    if (!isLate()) return;
    this.#cut = true;
    log.error('the cluster’s database has not taken a beat for too long: every session is let go of');
    void this.#takeovers.loseAll();
  }

  /** Somebody declared us dead, or the database went back in time: nothing that is in memory counts any more. */
  async #beginAnew(beat: number): Promise<void> {
    const { tables, log, clock } = this.#options;
    const row = await tables.nodes.get({ id: this.node });
    // Our own beat, which nobody said was committed.
    if (row?.beat === beat) {
      this.#row = row;
      return;
    }
    log.error('the others have declared this process dead, or the database went back in time: it begins anew');
    await this.#takeovers.loseAll();
    this.#row = { ...this.#row, id: randomUUID(), beat: 0, sessions: 0, startedAt: clock.now() };
    this.placements.node = this.#row.id;
    this.#views.begin();
    await this.#join();
    this.#cut = false;
  }
}
