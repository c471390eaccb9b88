import { type Change, isRuntimeError, sessionExists } from 'waha-runtime';
import { winnerOf } from './rendezvous.ts';
import type { ClusterTables, PlacementRow } from './tables.ts';

/** How many sessions one transaction claims. */
const chunk = 50;

/** The rows that say whose each session is, and which of them are ours. */
export class Placements {
  readonly #tables: ClusterTables;
  /** Ours, with the epoch of the claim. */
  readonly #owned = new Map<string, number>();
  /** Being made at this moment. */
  readonly #founding = new Set<string>();
  /** Rows that nobody owns, since when (ms, monotonic). */
  readonly #abandoned = new Map<string, number>();
  node: string;

  constructor(tables: ClusterTables, node: string) {
    this.#tables = tables;
    this.node = node;
  }

  get size(): number {
    return this.#owned.size;
  }

  names(): string[] {
    return [...this.#owned.keys()];
  }

  has(session: string): boolean {
    return this.#owned.has(session);
  }

  /** Of one that is not ours it never holds. */
  fence(session: string): Change {
    const epoch = this.#owned.get(session) ?? -1;
    return this.#tables.placements.requiring({ name: session, owner: this.node, epoch });
  }

  async found(session: string): Promise<void> {
    const { database, placements } = this.#tables;
    this.#founding.add(session);
    try {
      await database.batch([placements.adding({ name: session, owner: this.node, epoch: 1 })]);
      this.#owned.set(session, 1);
    } catch (error) {
      throw isRuntimeError(error, 'NOT_HELD') ? sessionExists(session) : error;
    } finally {
      this.#founding.delete(session);
    }
  }

  /** The session is gone. When that cannot be written, its row is found again as one that was given to us, and goes then. */
  async forget(session: string, more: readonly Change[]): Promise<void> {
    const { database, placements } = this.#tables;
    const fence = this.fence(session);
    try {
      await database.batch([fence, placements.removing({ name: session }), ...more]);
    } finally {
      this.#owned.delete(session);
    }
  }

  /** Ours no more, whatever the database says. */
  drop(session: string): void {
    this.#owned.delete(session);
  }

  /** Gives a session away; it must not be in use any more. False when it was not ours. */
  async give(session: string, to: string): Promise<boolean> {
    const epoch = this.#owned.get(session);
    if (epoch === undefined) return false;
    const { database, placements } = this.#tables;
    const row = { name: session, owner: to, epoch: epoch + 1 };
    const fence = this.fence(session);
    this.#owned.delete(session);
    await database.batch([fence, placements.putting(row)]);
    return true;
  }

  /** What was given to us, and what is not ours any more. `hastily`: looks only whether it is as many rows as before. */
  async compare(hastily = false): Promise<{ readonly given: string[]; readonly lost: string[] }> {
    const { placements } = this.#tables;
    const where = { owner: this.node };
    if (hastily && (await placements.count(where)) === this.#owned.size) return { given: [], lost: [] };
    const before = new Set(this.#owned.keys());
    const found = await placements.find({ where });
    const rows = new Map(found.map((row) => [row.name, row.epoch]));
    const isHeld = (name: string) => rows.get(name) === this.#owned.get(name);
    const lost = [...before].filter((name) => this.#owned.has(name) && !isHeld(name));
    const isNew = (name: string) => !this.#owned.has(name) && !before.has(name) && !this.#founding.has(name);
    const fresh = found.filter(({ name }) => isNew(name));
    // Taken by a change of the row: what we asked to be written for it before, when we had it last, ends there.
    const given: string[] = [];
    for (let from = 0; from < fresh.length; from += chunk) {
      given.push(...(await this.#claimAll(fresh.slice(from, from + chunk))));
    }
    return { given, lost };
  }

  /** Which of these are not ours as the database has it. */
  async lost(sessions: readonly string[]): Promise<Set<string>> {
    const rows = await this.#tables.placements.find({ where: { name: { in: sessions } } });
    const stored = new Map(rows.map((row) => [row.name, row]));
    return new Set(
      sessions.filter((name) => {
        const row = stored.get(name);
        return row?.owner !== this.node || row.epoch !== this.#owned.get(name);
      }),
    );
  }

  owner(session: string): Promise<PlacementRow | null> {
    return this.#tables.placements.get({ name: session });
  }

  /** The owners of any session, to find those that are no nodes. Reads every row: not often. */
  async owners(): Promise<Set<string>> {
    return new Set((await this.#tables.placements.find()).map(({ owner }) => owner));
  }

  /**
   * Claims the sessions of these owners that fall to us, and after `patience` (ms) whatever others have left. Answers with those
   * that are ours now.
   */
  async claim(owners: readonly string[], nodes: readonly string[], now: number, patience: number): Promise<string[]> {
    const { placements } = this.#tables;
    const rows = await placements.find({ where: { owner: { in: owners } }, limit: 2_000 });
    const names = new Set(rows.map(({ name }) => name));
    for (const name of this.#abandoned.keys()) if (!names.has(name)) this.#abandoned.delete(name);
    const ours = rows.filter(({ name }) => {
      const since = this.#abandoned.get(name) ?? now;
      this.#abandoned.set(name, since);
      return winnerOf(name, nodes) === this.node || now - since >= patience;
    });
    const claimed: string[] = [];
    for (let from = 0; from < ours.length; from += chunk) {
      claimed.push(...(await this.#claimAll(ours.slice(from, from + chunk))));
    }
    return claimed;
  }

  async #claimAll(rows: readonly PlacementRow[]): Promise<string[]> {
    const { database, placements } = this.#tables;
    const changes = rows.flatMap((row) => [
      placements.requiring({ ...row }),
      placements.putting({ name: row.name, owner: this.node, epoch: row.epoch + 1 }),
    ]);
    try {
      await database.batch(changes);
    } catch (error) {
      if (!isRuntimeError(error, 'NOT_HELD')) throw error;
      if (rows.length === 1) return [];
      // Somebody else was faster with one of them.
      const each = await Promise.all(rows.map((row) => this.#claimAll([row])));
      return each.flat();
    }
    for (const { name, epoch } of rows) this.#owned.set(name, epoch + 1);
    return rows.map(({ name }) => name);
  }
}
