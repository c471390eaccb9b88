import type { Column } from '../../contracts/storage.ts';
import { holds, type Selection, type Test } from './conditions.ts';
import { type CollectionFormat, emptyValue, type Stored, type StoredRow } from './format.ts';
import { compareStored } from './order.ts';

/** Takes a change back. */
export type Undo = () => void;

/** The rows of one collection in memory, in stored form. Every change answers with the way back. */
export class Table {
  readonly name: string;
  readonly key: readonly string[];
  /** Every column that any schema of this collection ever had, so that an older program loses nothing. */
  readonly columns: Record<string, Column>;
  readonly #rows = new Map<string, StoredRow>();

  constructor(name: string, key: readonly string[], columns: Readonly<Record<string, Column>>) {
    this.name = name;
    this.key = key;
    this.columns = { ...columns };
  }

  get rows(): IterableIterator<StoredRow> {
    return this.#rows.values();
  }

  /** Takes a schema on: new columns are filled with their empty value, a changed type or key is a fault. */
  evolve(format: CollectionFormat): void {
    const { key, columns } = format.schema;
    if (key.join() !== this.key.join()) {
      throw format.fault(`has the key (${this.key.join(', ')}), which cannot become (${key.join(', ')})`);
    }
    for (const [name, column] of Object.entries(columns)) {
      const former = this.columns[name];
      if (former !== undefined && former.type !== column.type) {
        throw format.fault(`has ${former.type} in column '${name}', which cannot become ${column.type}`);
      }
    }
    for (const [name, column] of Object.entries(columns)) {
      this.columns[name] = column;
      for (const row of this.#rows.values()) row[name] ??= emptyValue(column);
    }
  }

  select({ tests, order, limit, offset }: Selection): StoredRow[] {
    const found = this.#matching(tests);
    if (order.length > 0) {
      found.sort((left, right) => {
        for (const { column, descending } of order) {
          const difference = compareStored(left[column] ?? null, right[column] ?? null);
          if (difference !== 0) return descending ? -difference : difference;
        }
        return 0;
      });
    }
    return found.slice(offset, limit === null ? undefined : offset + limit);
  }

  count(tests: readonly Test[]): number {
    return this.#matching(tests).length;
  }

  put(row: StoredRow): Undo {
    const id = this.#id(this.key.map((name) => row[name] ?? null));
    const former = this.#rows.get(id);
    this.#rows.set(id, { ...(former ?? this.#emptyRow()), ...row });
    return () => {
      if (former === undefined) this.#rows.delete(id);
      else this.#rows.set(id, former);
    };
  }

  /** The row that has the key of this one. */
  under(row: StoredRow): StoredRow | undefined {
    return this.#rows.get(this.#id(this.key.map((name) => row[name] ?? null)));
  }

  remove(tests: readonly Test[]): { readonly removed: number; readonly undo: Undo } {
    const rows = this.#matching(tests).map(
      (row) => [this.#id(this.key.map((name) => row[name] ?? null)), row] as const,
    );
    for (const [id] of rows) this.#rows.delete(id);
    return {
      removed: rows.length,
      undo: () => {
        for (const [id, row] of rows) this.#rows.set(id, row);
      },
    };
  }

  #emptyRow(): StoredRow {
    return Object.fromEntries(Object.entries(this.columns).map(([name, column]) => [name, emptyValue(column)]));
  }

  #matching(tests: readonly Test[]): StoredRow[] {
    const found: StoredRow[] = [];
    for (const row of this.#candidates(tests)) if (tests.every((test) => holds(test, row))) found.push(row);
    return found;
  }

  /** When the tests name the whole key, the rows under those keys; else all. */
  #candidates(tests: readonly Test[]): Iterable<StoredRow> {
    let keys: Stored[][] = [[]];
    for (const name of this.key) {
      const values = keyValues(tests, name);
      if (values === null || values.length * keys.length > this.#rows.size) return this.#rows.values();
      keys = keys.flatMap((start) => values.map((value) => [...start, value]));
    }
    const ids = new Set(keys.map((key) => this.#id(key)));
    return [...ids].map((id) => this.#rows.get(id)).filter((row) => row !== undefined);
  }

  #id(key: readonly Stored[]): string {
    return JSON.stringify(key);
  }
}

/** The values that a key column may have under these tests, or null when they do not say. */
const keyValues = (tests: readonly Test[], column: string): readonly Stored[] | null => {
  for (const test of tests) {
    if (test.column !== column) continue;
    if (test.is === 'equal') return [test.value];
    if (test.is === 'in') return test.values;
  }
  return null;
};
