import type { Change, Collection, Where } from '../../contracts/storage.ts';

/** Rows of one collection as they are, and as they will be after a commit. */
export class RowSet<R extends object> {
  readonly #rows: Collection<R>;
  readonly #key: readonly (keyof R & string)[];
  readonly #known = new Map<string, R>();
  readonly #changed = new Map<string, Change>();

  constructor(rows: Collection<R>, key: readonly (keyof R & string)[]) {
    this.#rows = rows;
    this.#key = key;
  }

  /** Reads what matches; nothing when `where` is null. */
  async load(where: Where<R> | null): Promise<void> {
    if (where === null) return;
    for (const row of await this.#rows.find({ where })) this.#known.set(this.#keyOf(row), row);
  }

  get(key: Partial<R>): R | undefined {
    return this.#known.get(this.#keyOf(key));
  }

  all(): R[] {
    return [...this.#known.values()];
  }

  /** Nothing is written when the row is that already. */
  put(row: R): void {
    const key = this.#keyOf(row);
    const known = this.#known.get(key);
    if (known && isSame(known, row)) return;
    this.#known.set(key, row);
    this.#changed.set(key, this.#rows.putting(row));
  }

  remove(key: Partial<R>): void {
    const name = this.#keyOf(key);
    this.#known.delete(name);
    this.#changed.set(name, this.#rows.removing(key as Where<R>));
  }

  changes(): Change[] {
    return [...this.#changed.values()];
  }

  #keyOf(row: Partial<R>): string {
    return this.#key.map((column) => String(row[column])).join('\n');
  }
}

const isSame = <R extends object>(left: R, right: R): boolean =>
  (Object.keys(right) as (keyof R)[]).every((column) => left[column] === right[column]);
