import type { Counting } from '../../contracts/storage.ts';
import { countingRow, filled } from './counted.ts';
import type { CollectionFormat, StoredRow } from './format.ts';
import type { Table, Undo } from './table.ts';

/** What the counting steps of one batch on tables in memory took. */
export class Counts {
  #base: number | null = null;
  #counts = false;
  readonly #taken: (() => void)[] = [];

  /** The step that takes numbers. */
  step(
    { table, format }: { readonly table: Table; readonly format: CollectionFormat },
    counting: Counting,
  ): () => Undo {
    const first = format.encode(countingRow(format, counting));
    const { column, by } = counting;
    this.#counts = true;
    return () => {
      const former = table.under(first);
      const base = Number(former?.[column] ?? 0);
      this.#base = base;
      this.#taken.push(() => counting.given?.(base));
      return table.put(former === undefined ? first : { ...former, [column]: base + by });
    };
  }

  /** A row in stored form, once its numbers are known. It is checked and copied now. */
  row(format: CollectionFormat, row: Readonly<Record<string, unknown>>): () => StoredRow {
    const plain = filled(format, row, this.#counts ? 0 : null);
    const stored = format.encode(plain);
    if (plain === row) return () => stored;
    const counted = Object.entries(row).filter(([name, value]) => plain[name] !== value);
    return () => ({ ...stored, ...format.pick(filled(format, Object.fromEntries(counted), this.#base)) });
  }

  /** Tells who counted which numbers they got. */
  tell(): void {
    for (const tell of this.#taken) tell();
  }
}
