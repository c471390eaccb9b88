import PQueue from 'p-queue';
import { isRuntimeError, type Log, type SessionHost, type SessionInfo, sentence } from 'waha-runtime';
import type { Placements } from './placements.ts';
import { winnerOf } from './rendezvous.ts';
import type { NodeRow } from './tables.ts';

export interface TakeoverOptions {
  readonly placements: Placements;
  readonly log: Log;
  /** The nodes that take sessions. */
  nodes(): readonly string[];
  /** How long a session is left to the one that it falls to (ms). */
  readonly patience: number;
  host(): SessionHost | null;
}

/** Sessions that are taken, or handed over, at a time. */
const atATime = { take: 16, give: 64 };

/** Who has this much more than its share gives some away. */
const excess = 1.05;

/** Sessions that come to this process and go from it. */
export class Takeovers {
  readonly #options: TakeoverOptions;
  readonly #taking = new PQueue({ concurrency: atATime.take });
  /** What is under way for a session: the next thing waits for it. */
  readonly #turns = new Map<string, Promise<void>>();
  #lastDeath = Number.NEGATIVE_INFINITY;
  takeovers = 0;
  losses = 0;

  constructor(options: TakeoverOptions) {
    this.#options = options;
  }

  sawDeath(now: number): void {
    this.#lastDeath = now;
  }

  async claim(owners: readonly string[], now: number): Promise<void> {
    const { placements, nodes, patience } = this.#options;
    for (const name of await placements.claim(owners, nodes(), now, patience)) this.#take(name);
  }

  /** Takes what was given to us, and lets go of what was taken. */
  async follow(hastily: boolean): Promise<void> {
    const { given, lost } = await this.#options.placements.compare(hastily);
    for (const name of given) this.#take(name);
    for (const name of lost) void this.lose(name);
  }

  /** Ours no more: nothing more is written or sent on its behalf, from this moment on, whatever its turn waits for. */
  lose(name: string): Promise<void> {
    this.#options.placements.drop(name);
    this.#options.host()?.cut(name);
    this.losses += 1;
    return this.#inTurn(name, async () => {
      if (!this.#options.placements.has(name)) await this.#options.host()?.release(name, false);
    });
  }

  async loseAll(): Promise<void> {
    await Promise.all(this.#options.placements.names().map((name) => this.lose(name)));
  }

  /** Hands every session to one of these nodes, or leaves it to whoever comes. */
  async giveAll(targets: readonly string[]): Promise<void> {
    const giving = new PQueue({ concurrency: atATime.give });
    const { placements } = this.#options;
    await giving.addAll(placements.names().map((name) => () => this.#give(name, winnerOf(name, targets) ?? '')));
  }

  /** Gives one session to the emptiest node when there is more here than elsewhere. Not soon after a death. */
  async balance(nodes: readonly NodeRow[], now: number, quiet: number): Promise<void> {
    const { placements, host } = this.#options;
    const ready = nodes.filter(({ state }) => state === 'ready');
    const others = ready.filter(({ id }) => id !== placements.node).sort((a, b) => a.sessions - b.sessions);
    const [emptiest] = others;
    if (!emptiest || now - this.#lastDeath < quiet) return;
    const total = placements.size + others.reduce((sum, { sessions }) => sum + sessions, 0);
    if (placements.size <= (excess * total) / ready.length || placements.size - emptiest.sessions < 2) return;
    const movable = (host()?.infos() ?? []).filter(isMovable).sort(byActivity);
    const [quietest] = movable;
    if (quietest) await this.#give(quietest.name, emptiest.id);
  }

  #take(name: string): void {
    this.takeovers += 1;
    void this.#taking.add(() =>
      this.#inTurn(name, async () => {
        const { placements, host } = this.#options;
        if (!placements.has(name)) return;
        const isThere = await host()?.take(name);
        // A row that is left of a session whose making, or removal, was cut short.
        if (isThere === false) await placements.forget(name, []);
        if (!placements.has(name)) await host()?.release(name, false);
      }),
    );
  }

  #give(name: string, to: string): Promise<void> {
    return this.#inTurn(name, async () => {
      await this.#options.host()?.release(name, true);
      await this.#options.placements.give(name, to).catch((error: unknown) => {
        if (!isRuntimeError(error, 'NOT_HELD')) throw error;
      });
    });
  }

  async #inTurn(name: string, work: () => Promise<void>): Promise<void> {
    const before = this.#turns.get(name) ?? Promise.resolve();
    const turn = before.then(work).catch((error: unknown) => {
      this.#options.log.warn({ session: name }, `a session could not be moved: ${sentence(error)}`);
      // Its row still says that it is ours: it is taken once more.
      this.#options.placements.drop(name);
    });
    this.#turns.set(name, turn);
    await turn;
    if (this.#turns.get(name) === turn) this.#turns.delete(name);
  }
}

/** Nobody is looking at a code of it, and it is not about to be connected. */
const isMovable = ({ status }: SessionInfo): boolean =>
  status === 'WORKING' || status === 'STOPPED' || status === 'FAILED';

const byActivity = (a: SessionInfo, b: SessionInfo): number =>
  (a.timestamps?.activity ?? 0) - (b.timestamps?.activity ?? 0);
