import type { PageQuery } from '../delivery-log/outbox.ts';
import type { DeliveryRow } from '../delivery-log/outbox-schema.ts';
import type { Order } from '../endpoints/order-key.ts';
import { type Backlog, BacklogByTime, backlogLimit } from './backlog.ts';

/** In lines of one order key each: the first of a line goes, and the next one only when that is through. */
class OrderedBacklog implements Backlog {
  readonly #limit: number;
  readonly #lines = new Map<string, DeliveryRow[]>();
  readonly #busy = new Set<string>();
  /** What waits and is not here has a greater id; null when everything is here. */
  #after: string | null;
  /** The greatest id that ever was here. */
  #newest = '';
  #late: DeliveryRow[] | null = null;
  #size = 0;

  constructor(stored: boolean, limit = backlogLimit) {
    this.#after = stored ? '' : null;
    this.#limit = limit;
  }

  get size(): number {
    return this.#size;
  }

  arrive(row: DeliveryRow): void {
    if (this.#late) this.#late.push(row);
    else if (this.#after !== null && row.id > this.#after) return;
    else if (this.#after === null && row.id > this.#newest && this.#size >= this.#limit) this.#after = this.#newest;
    else this.#insert(row);
  }

  retry(row: DeliveryRow): void {
    this.#busy.delete(keyOf(row));
    this.#insert(row);
  }

  take(now: number): DeliveryRow | undefined {
    let first: DeliveryRow | undefined;
    for (const head of this.#heads()) if (head.dueAt <= now && (!first || head.id < first.id)) first = head;
    if (!first) return undefined;
    const key = keyOf(first);
    this.#lines.get(key)?.shift();
    if (this.#lines.get(key)?.length === 0) this.#lines.delete(key);
    this.#busy.add(key);
    this.#size -= 1;
    return first;
  }

  ended(row: DeliveryRow): void {
    this.#busy.delete(keyOf(row));
  }

  nextAt(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { dueAt } of this.#heads()) next = Math.min(next, dueAt);
    return next;
  }

  wantsPage(): boolean {
    return this.#after !== null && this.#late === null && this.#size <= this.#limit / 2;
  }

  beginPage(): PageQuery {
    this.#late = [];
    return { by: 'id', after: this.#after ?? '', limit: this.#limit };
  }

  endPage(rows: readonly DeliveryRow[], full: boolean, isKnown: (id: string) => boolean): void {
    const late = this.#late ?? [];
    this.#late = null;
    for (const row of rows) if (!isKnown(row.id)) this.#insert(row);
    this.#after = full ? (rows.at(-1)?.id ?? '') : null;
    const read = new Set(rows.map(({ id }) => id));
    for (const row of late) if (!read.has(row.id)) this.arrive(row);
  }

  failPage(): void {
    const late = this.#late ?? [];
    this.#late = null;
    for (const row of late) this.arrive(row);
  }

  remove(ids: ReadonlySet<string>): void {
    for (const [key, line] of this.#lines) {
      const kept = line.filter(({ id }) => !ids.has(id));
      this.#size -= line.length - kept.length;
      if (kept.length > 0) this.#lines.set(key, kept);
      else this.#lines.delete(key);
    }
  }

  *#heads(): Generator<DeliveryRow> {
    for (const [key, [head]] of this.#lines) if (head && !this.#busy.has(key)) yield head;
  }

  #insert(row: DeliveryRow): void {
    const line = this.#lines.get(keyOf(row)) ?? [];
    if (line.some(({ id }) => id === row.id)) return;
    let index = line.length;
    for (; index > 0 && row.id < line[index - 1]!.id; index -= 1);
    line.splice(index, 0, row);
    this.#lines.set(keyOf(row), line);
    this.#size += 1;
    if (row.id > this.#newest) this.#newest = row.id;
  }
}

const keyOf = ({ orderKey, id }: DeliveryRow): string => orderKey ?? id;

/** `stored`: deliveries wait in the database. */
export const backlogFor = (order: Order | undefined, stored: boolean): Backlog =>
  (order ?? 'none') === 'none' ? new BacklogByTime(stored) : new OrderedBacklog(stored);
