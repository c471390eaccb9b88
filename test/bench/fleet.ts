import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Package } from './package.ts';
import type { Pair } from './report/statistics.ts';
import { BareBaileys } from './sides/bare-baileys.ts';
import { Receiver } from './sides/receiver.ts';
import type { Sandbox } from './sides/sandbox.ts';
import { Waha } from './sides/waha.ts';

/** How many sessions are linked at a time, on both sides. */
const chunk = 10;
/** How many sessions may be connecting at once, on both sides. */
export const atOnce = 8;

/** Both sides with linked sessions: bare Baileys and the runtime, each in a process of its own, and a webhook receiver. */
export class Fleet {
  readonly sandbox: Sandbox;
  readonly receiver: Receiver;
  readonly folder = mkdtempSync(join(tmpdir(), 'waha-bench-fleet-'));
  /** How fast sessions were linked, a pair of figures for each chunk. */
  readonly linked: Pair[] = [];
  readonly #package: Package;
  readonly #flags: readonly string[];
  floor!: BareBaileys;
  ours!: Waha;

  private constructor(built: Package, sandbox: Sandbox, receiver: Receiver, flags: readonly string[]) {
    this.#package = built;
    this.sandbox = sandbox;
    this.receiver = receiver;
    this.#flags = flags;
  }

  static async start(built: Package, sandbox: Sandbox, flags: readonly string[]): Promise<Fleet> {
    const fleet = new Fleet(built, sandbox, await Receiver.start(built), flags);
    fleet.floor = await fleet.startFloor();
    fleet.ours = await fleet.startOurs();
    return fleet;
  }

  get size(): number {
    return this.ours.numbers.length;
  }

  /** Links sessions until both sides have this many, in turns. */
  async grow(sessions: number): Promise<void> {
    while (this.size < sessions) {
      const from = this.size;
      const count = Math.min(chunk, sessions - from);
      const numbers = (prefix: string) =>
        Array.from({ length: count }, (_, index) => `${prefix}${String(from + index).padStart(6, '0')}`);
      const floor = await this.floor.link(numbers('55110'), atOnce);
      const ours = await this.ours.link(this.sandbox, numbers('55220'), atOnce);
      // A chunk of few sessions is mostly latency.
      if (count === chunk) this.linked.push({ floor, ours });
    }
  }

  startFloor(): Promise<BareBaileys> {
    return BareBaileys.start(this.#package, this.sandbox, this.receiver.url);
  }

  startOurs(folder = join(this.folder, 'waha')): Promise<Waha> {
    const { sandbox, receiver } = this;
    return Waha.start(this.#package, { folder, sandbox, webhook: receiver.url, atOnce, flags: this.#flags });
  }

  async stop(): Promise<void> {
    await Promise.all([this.floor.stop(), this.ours.stop(), this.receiver.stop()]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
