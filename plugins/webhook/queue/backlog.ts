import type { PageQuery } from '../delivery-log/outbox.ts';
import type { DeliveryRow } from '../delivery-log/outbox-schema.ts';

/**
 * What waits for one endpoint, as far as it is in memory. The rest is in the database, and `wantsPage` says when to
 * read on there. However much waits, no more than `limit` deliveries are held here.
 */
export interface Backlog {
  readonly size: number;
  /** A delivery that was committed just now, or that is to be sent again. */
  arrive(row: DeliveryRow): void;
  /** A delivery that was under way and waits again, until its `dueAt`. */
  retry(row: DeliveryRow): void;
  /** Takes out what may go now. */
  take(now: number): DeliveryRow | undefined;
  /** A delivery that was taken out is through. */
  ended(row: DeliveryRow): void;
  /** When something may go, or is to be read: 0 when at once, Infinity when nothing waits. */
  nextAt(): number;
  wantsPage(now: number): boolean;
  /** A page is being read: what comes until it is there must not be missed. */
  beginPage(): PageQuery;
  /** The page; `full`: there may be more behind it. `isKnown`: it is under way, or was until a moment ago. */
  endPage(rows: readonly DeliveryRow[], full: boolean, isKnown: (id: string) => boolean): void;
  /** The page could not be read. */
  failPage(): void;
  /** Forgets some deliveries. */
  remove(ids: ReadonlySet<string>): void;
}

/** How many deliveries of one endpoint are in memory. */
export const backlogLimit = 500;

const earlier = (a: DeliveryRow, b: DeliveryRow): boolean => a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.id < b.id);

/** By time: what is due first goes first, a retry or not. */
export class BacklogByTime implements Backlog {
  readonly #limit: number;
  readonly #rows: DeliveryRow[] = [];
  /** What waits and is not here is due at this time or later. */
  #boundary: number;
  #reading = false;

  constructor(stored: boolean, limit = backlogLimit) {
    this.#boundary = stored ? 0 : Number.POSITIVE_INFINITY;
    this.#limit = limit;
  }

  get size(): number {
    return this.#rows.length;
  }

  arrive(row: DeliveryRow): void {
    if (!this.#reading && row.dueAt >= this.#boundary) return;
    this.#insert(row);
    if (!this.#reading) this.#trim();
  }

  retry(row: DeliveryRow): void {
    this.arrive(row);
  }

  take(now: number): DeliveryRow | undefined {
    const [first] = this.#rows;
    if (!first || first.dueAt > now || first.dueAt > this.#boundary) return undefined;
    return this.#rows.shift();
  }

  ended(): void {}

  nextAt(): number {
    return Math.min(this.#rows[0]?.dueAt ?? Number.POSITIVE_INFINITY, this.#boundary);
  }

  wantsPage(now: number): boolean {
    const nothingHere = (this.#rows[0]?.dueAt ?? Number.POSITIVE_INFINITY) > this.#boundary;
    return !this.#reading && this.#boundary <= now && nothingHere;
  }

  beginPage(): PageQuery {
    this.#reading = true;
    return { by: 'dueAt', limit: this.#limit };
  }

  endPage(rows: readonly DeliveryRow[], full: boolean, isKnown: (id: string) => boolean): void {
    this.#reading = false;
    const here = new Set(this.#rows.map(({ id }) => id));
    for (const row of rows) if (!here.has(row.id) && !isKnown(row.id)) this.#insert(row);
    this.#boundary = full ? (rows.at(-1)?.dueAt ?? 0) : Number.POSITIVE_INFINITY;
    this.#trim();
  }

  failPage(): void {
    this.#reading = false;
    this.#trim();
  }

  remove(ids: ReadonlySet<string>): void {
    const kept = this.#rows.filter(({ id }) => !ids.has(id));
    this.#rows.splice(0, this.#rows.length, ...kept);
  }

  #insert(row: DeliveryRow): void {
    let index = this.#rows.length;
    for (; index > 0 && earlier(row, this.#rows[index - 1]!); index -= 1);
    this.#rows.splice(index, 0, row);
  }

  #trim(): void {
    while (this.#rows.length > this.#limit) {
      this.#boundary = Math.min(this.#boundary, this.#rows.pop()!.dueAt);
    }
  }
}
