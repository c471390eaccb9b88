import type { NodeRow } from './tables.ts';

interface Seen {
  readonly beat: number;
  /** By this process's own monotonic clock (ms): no other clock tells who is dead. */
  readonly since: number;
}

/**
 * What is known of the other nodes. Dead is whose beat stood still for long enough while our own came through: a sick database
 * kills nobody.
 */
export class Peers {
  readonly #deadAfter: number;
  readonly #seen = new Map<string, Seen>();
  #rows: readonly NodeRow[] = [];

  constructor(deadAfter: number) {
    this.#deadAfter = deadAfter;
  }

  /** All nodes that are not dead, ourselves included. */
  get alive(): readonly NodeRow[] {
    return this.#rows.filter(({ beat }) => beat >= 0);
  }

  find(id: string): NodeRow | undefined {
    return this.alive.find((row) => row.id === id);
  }

  /** Notes what the nodes say now, and answers with those that have to be declared dead. */
  observe(rows: readonly NodeRow[], own: string, now: number): NodeRow[] {
    this.#rows = rows;
    const ids = new Set(rows.map(({ id }) => id));
    for (const id of this.#seen.keys()) if (!ids.has(id)) this.#seen.delete(id);
    return rows.filter(({ id, beat }) => {
      const seen = this.#seen.get(id);
      if (seen?.beat !== beat) this.#seen.set(id, { beat, since: now });
      return id !== own && beat >= 0 && seen?.beat === beat && now - seen.since >= this.#deadAfter;
    });
  }

  /** Our own beat was late or failed: who seems to stand still may be as well as we are. */
  observeAnew(): void {
    this.#seen.clear();
  }
}
