import { setTimeout as pause } from 'node:timers/promises';
import type { ClusterProcess, ClusterWorld } from './cluster-world.ts';

/** What happens to a cluster. */
export const faultKinds = ['kill', 'stop', 'delay', 'swallow', 'cut', 'database', 'join', 'roll'] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface FaultOptions {
  readonly longestStop: number;
  readonly kinds?: readonly FaultKind[];
}

/** Faults of all kinds, one after the other; what takes its time goes on beside the next ones. */
export class Faults {
  readonly counts: Record<string, number> = {};
  readonly #world: ClusterWorld;
  readonly #random: () => number;
  readonly #options: FaultOptions;
  readonly #under = new Set<Promise<void>>();
  /** Processes that something happens to, or has just happened to. */
  readonly #busy = new Set<ClusterProcess>();
  #still = 0;

  constructor(world: ClusterWorld, random: () => number, options: FaultOptions) {
    this.#world = world;
    this.#random = random;
    this.#options = options;
  }

  /** Whether some process stands still, or has just gone on. */
  get isSomebodyStill(): boolean {
    return this.#still > 0;
  }

  /** Does the next one; says which. */
  async next(): Promise<FaultKind> {
    const { kinds = faultKinds } = this.#options;
    const kind = kinds[Math.floor(this.#random() * kinds.length)] ?? 'kill';
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
    await this.#do(kind);
    return kind;
  }

  /** Everything goes on as it should. */
  async end(): Promise<void> {
    await Promise.all(this.#under);
  }

  async #do(kind: FaultKind): Promise<void> {
    if (kind === 'database') {
      await this.#world.server.stop('SIGQUIT');
      await pause(this.#random() * 2_000);
      return this.#world.server.start();
    }
    if (kind === 'join' && this.#world.processes.length < 4) return void (await this.#world.join());
    const process = await this.#pick();
    if (kind === 'kill') await this.#replace(() => this.#world.kill(process));
    else if (kind === 'roll' || kind === 'join') await this.#replace(() => this.#world.terminate(process));
    else if (kind === 'cut') process.database.cut();
    else this.#beside(process, kind === 'stop' ? () => this.#stop(process) : () => this.#slow(process, kind));
  }

  /** One that nothing happens to, so that one is left that can work. */
  async #pick(): Promise<ClusterProcess> {
    while (this.#busy.size > 1) await Promise.race(this.#under);
    const free = this.#world.processes.filter((process) => !this.#busy.has(process));
    return free[Math.floor(this.#random() * free.length)] ?? this.#world.any;
  }

  /** Three are left, whoever goes. */
  async #replace(end: () => Promise<void>): Promise<void> {
    await end();
    if (this.#world.processes.length < 3) await this.#world.join();
  }

  #beside(process: ClusterProcess, work: () => Promise<void>): void {
    this.#busy.add(process);
    const under = work().finally(() => {
      this.#busy.delete(process);
      this.#under.delete(under);
    });
    this.#under.add(under);
  }

  async #stop({ running }: ClusterProcess): Promise<void> {
    this.#still += 1;
    running.child.kill('SIGSTOP');
    await pause(1_000 + this.#random() * (this.#options.longestStop - 1_000));
    running.child.kill('SIGCONT');
    // It finds out that others took over, and lets go.
    await pause(3_000);
    this.#still -= 1;
  }

  async #slow({ database }: ClusterProcess, kind: 'delay' | 'swallow'): Promise<void> {
    database.passage = kind === 'swallow' ? 'swallowed' : { delay: 100 + this.#random() * 900 };
    await pause(1_000 + this.#random() * (this.#options.longestStop / 2));
    database.passage = { delay: 0 };
    // What was swallowed is missed in the middle of the connection.
    if (kind === 'swallow') database.cut();
  }
}
