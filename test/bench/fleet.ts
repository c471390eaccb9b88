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

/** Where the messages of all sessions go. */
export type FleetSink = 'webhook' | 'websocket';

export interface FleetParts {
  readonly package: Package;
  readonly sandbox: Sandbox;
  readonly sink: FleetSink;
  /** Flags of Node for the runtime. */
  readonly flags: readonly string[];
}

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

  readonly #sink: FleetSink;

  private constructor(parts: FleetParts, receiver: Receiver) {
    this.#package = parts.package;
    this.sandbox = parts.sandbox;
    this.receiver = receiver;
    this.#flags = parts.flags;
    this.#sink = parts.sink;
  }

  static async start(parts: FleetParts): Promise<Fleet> {
    const fleet = new Fleet(parts, await Receiver.start(parts.package));
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
      const [bare, own] = this.#sink === 'webhook' ? ['55110', '55220'] : ['55440', '55550'];
      const floor = await this.floor.link(numbers(bare), atOnce);
      const ours = await this.ours.link(this.sandbox, numbers(own), atOnce);
      // A chunk of few sessions is mostly latency.
      if (count === chunk) this.linked.push({ floor, ours });
    }
  }

  startFloor(): Promise<BareBaileys> {
    return BareBaileys.start(this.#package, this.sandbox, this.#sink === 'webhook' ? this.receiver.url : null);
  }

  startOurs(folder: string = join(this.folder, 'waha')): Promise<Waha> {
    const { sandbox, receiver } = this;
    const sink = this.#sink === 'webhook' ? { webhook: receiver.url } : {};
    return Waha.start(this.#package, { folder, sandbox, atOnce, flags: this.#flags, ...sink });
  }

  async stop(): Promise<void> {
    await Promise.all([this.floor.stop(), this.ours.stop(), this.receiver.stop()]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
