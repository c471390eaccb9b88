import type { NodeRow } from './tables.ts';

interface Seen {
  readonly beat: number;
  /** For how long it stood still while we did not (ms). */
  readonly stood: number;
}

/** More than so many beats of our own time do not count between two looks. */
const mostPerLook = 1.5;

/**
 * What is known of the other nodes. Dead is whose beat stood still for long enough by the clock of who looks, while that one's own
 * beats came through. A gap between two looks counts for little, however long it was: who got no processor meanwhile, or waited for a
 * sick database, knows nothing of the others, who may have been as badly off.
 */
export class Peers {
  readonly #deadAfter: number;
  readonly #mostPerLook: number;
  readonly #seen = new Map<string, Seen>();
  #lookedAt = Number.NEGATIVE_INFINITY;
  #rows: readonly NodeRow[] = [];

  constructor({ deadAfter, beat }: { readonly deadAfter: number; readonly beat: number }) {
    this.#deadAfter = deadAfter;
    this.#mostPerLook = mostPerLook * beat;
  }

  /** All nodes that are not dead, ourselves included. */
  get alive(): readonly NodeRow[] {
    return this.#rows.filter(({ beat }) => beat >= 0);
  }

  /** One that has just come: it counts from the next look on. */
  learn(row: NodeRow): void {
    if (!this.#rows.some(({ id }) => id === row.id)) this.#rows = [...this.#rows, row];
  }

  /** Whether one that is not dead is reached there. */
  isAt(place: string): boolean {
    return this.alive.some(({ url }) => url === place);
  }

  find(id: string): NodeRow | undefined {
    return this.alive.find((row) => row.id === id);
  }

  /** Notes what the nodes say, as it was asked for at `now` (ms, monotonic). Answers with those that have to be declared dead. */
  observe(rows: readonly NodeRow[], own: string, now: number): NodeRow[] {
    const passed = Math.min(now - this.#lookedAt, this.#mostPerLook);
    this.#lookedAt = now;
    this.#rows = rows;
    const ids = new Set(rows.map(({ id }) => id));
    for (const id of this.#seen.keys()) if (!ids.has(id)) this.#seen.delete(id);
    return rows.filter(({ id, beat }) => {
      const seen = this.#seen.get(id);
      const stood = seen?.beat === beat ? seen.stood + passed : 0;
      this.#seen.set(id, { beat, stood });
      return id !== own && beat >= 0 && stood >= this.#deadAfter;
    });
  }

  /** Our own beat failed: who seems to stand still may be as well as we are. */
  observeAnew(): void {
    this.#seen.clear();
  }
}
