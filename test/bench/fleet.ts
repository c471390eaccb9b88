import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Package } from './package.ts';
import { BareBaileys, linkBare } from './sides/bare-baileys.ts';
import { Receiver } from './sides/receiver.ts';
import type { Sandbox } from './sides/sandbox.ts';
import { Waha } from './sides/waha.ts';

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
  /** How long the floor may take to connect its sessions. */
  readonly limitMs: number;
}

/**
 * Both sides with linked sessions: bare Baileys and the runtime, each in a process of its own, and a webhook receiver.
 * Sessions of the floor are linked by other processes; its own only resumes them.
 */
export class Fleet {
  readonly sandbox: Sandbox;
  readonly receiver: Receiver;
  readonly folder = mkdtempSync(join(tmpdir(), 'waha-bench-fleet-'));
  /** The numbers of all sessions that are linked, whether they are connected or not. */
  readonly linked: { readonly floor: string[]; readonly ours: string[] } = { floor: [], ours: [] };
  readonly limitMs: number;
  floor!: BareBaileys;
  ours!: Waha;
  readonly #parts: FleetParts;
  /** A floor that was too slow once is not waited for by every row. */
  #gaveUp: BareBaileys | null = null;

  private constructor(parts: FleetParts, receiver: Receiver) {
    this.#parts = parts;
    this.sandbox = parts.sandbox;
    this.limitMs = parts.limitMs;
    this.receiver = receiver;
    process.once('exit', this.#remove);
  }

  static async start(parts: FleetParts): Promise<Fleet> {
    const fleet = new Fleet(parts, await Receiver.start(parts.package));
    fleet.floor = await fleet.startFloor();
    fleet.ours = await fleet.startOurs();
    return fleet;
  }

  /** Where the floor's sessions are at rest. */
  get saved(): string {
    return join(this.folder, 'bare');
  }

  /** Links sessions until both sides have this many. Those of the floor are not connected then. */
  async link(sessions: number): Promise<void> {
    const [bare, own] = this.#parts.sink === 'webhook' ? ['55110', '55220'] : ['55440', '55550'];
    const missing = (prefix: string, { length }: readonly string[]) =>
      Array.from({ length: Math.max(0, sessions - length) }, (_, index) => numberOf(prefix, length + index));
    const floor = missing(bare, this.linked.floor);
    const ours = missing(own, this.linked.ours);
    // Nobody looks at the clock here (the row `link` does), so both go on at the same time, and both to their end.
    const both = await Promise.allSettled([
      linkBare(this.#parts.package, this.sandbox, floor, { atOnce, folder: this.saved }),
      ours.length > 0 ? this.ours.link(this.sandbox, ours, atOnce) : undefined,
    ]);
    for (const side of both) if (side.status === 'rejected') throw side.reason;
    this.linked.floor.push(...floor);
    this.linked.ours.push(...ours);
  }

  /** Connects what is linked, as far as the floor gets within its limit. Ours is connected whenever it runs. */
  async connect(): Promise<void> {
    if (this.floor === this.#gaveUp) return;
    const there = new Set(this.floor.numbers);
    const missing = this.linked.floor.filter((number) => !there.has(number));
    if (missing.length > 0) await this.resumeFloor(missing);
    if (this.floor.numbers.length < this.linked.floor.length) this.#gaveUp = this.floor;
  }

  /** Resolves with how many sessions a second. */
  resumeFloor(numbers: readonly string[]): Promise<number> {
    return this.floor.resume(numbers, { atOnce, folder: this.saved, limitMs: this.limitMs });
  }

  /** What must be said of figures whose floor did not get all of its sessions back. */
  caveats(sessions: number): string[] {
    const got = this.floor.numbers.length;
    return got < sessions ? [cutOff(got, sessions, this.limitMs)] : [];
  }

  /** Stops both sides in a way that lets them go on later. */
  async park(): Promise<void> {
    if (this.floor.numbers.length > 0) await this.floor.save(this.saved);
    await Promise.all([this.floor.stop(), this.ours.stop()]);
  }

  startFloor(): Promise<BareBaileys> {
    const { sink } = this.#parts;
    return BareBaileys.start(this.#parts.package, this.sandbox, sink === 'webhook' ? this.receiver.url : null);
  }

  startOurs(folder: string = join(this.folder, 'waha')): Promise<Waha> {
    const { sandbox, receiver } = this;
    const sink = this.#parts.sink === 'webhook' ? { webhook: receiver.url } : {};
    return Waha.start(this.#parts.package, { folder, sandbox, atOnce, flags: this.#parts.flags, ...sink });
  }

  async stop(): Promise<void> {
    await Promise.all([this.floor.stop(), this.ours.stop(), this.receiver.stop()]);
    process.off('exit', this.#remove);
    this.#remove();
  }

  readonly #remove = (): void => rmSync(this.folder, { recursive: true, force: true });
}

/** A phone of the bench's, by its place in the fleet. */
export const numberOf = (prefix: string, index: number): string => `${prefix}${String(index).padStart(6, '0')}`;

/** Says that the floor was given up on. */
export const cutOff = (got: number, sessions: number, limitMs: number): string =>
  `the floor had ${got} of ${sessions} sessions after ${Math.round(limitMs / 1000)} s and got no more time`;
