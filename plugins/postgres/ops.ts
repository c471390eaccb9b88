import type { Change } from 'waha-runtime';
import { countedIn, countingRow, filled, type Stored, type Test, testsOf } from 'waha-runtime/storage';
import { type Sent, sent, type Table } from './table.ts';

/** Where the numbers of a row come from, in a transaction that may count for many batches. */
export interface Numbers {
  readonly from: CountOp;
  /** By how much the whole transaction counts there. */
  readonly total: { by: number };
  /** How many of them the batches before this one took. */
  readonly offset: number;
}

/** A value that the server fills in: the number before the first one that the batch took, and this. */
export interface FilledIn {
  readonly number: number;
  readonly before: string;
  readonly after: string;
}

interface Op {
  readonly table: Table;
  /** Which step of its batch it is. */
  readonly at: number;
}

export interface RowOp extends Op {
  readonly kind: 'put' | 'add';
  readonly values: readonly (string | number | Buffer | null)[];
  /** By the place of the column. */
  readonly counted: ReadonlyMap<number, FilledIn> | null;
  /** The step of the same batch whose numbers they are. */
  readonly source: CountOp | null;
}

export interface CountOp extends Op {
  readonly kind: 'count';
  readonly key: Readonly<Record<string, unknown>>;
  readonly column: string;
  readonly by: number;
  /** The row that is made when there is none. */
  readonly row: readonly Sent[];
  given?(base: number): void;
}

export interface TestOp extends Op {
  readonly kind: 'remove' | 'require';
  readonly tests: readonly Test[];
  /** Told how many rows were removed. */
  removed?(count: number): void;
}

/** A step of a batch, checked, with its values as they are sent. */
export type Step = RowOp | CountOp | TestOp;

/** The steps of a batch. Everything is copied; throws for what does not fit a collection. */
export const stepsOf = (changes: readonly Change[], tableOf: (collection: string) => Table): Step[] => {
  let source: CountOp | null = null;
  return changes.map((change, at) => {
    const table = tableOf(change.collection);
    if ('put' in change) return rowOf(table, at, 'put', change.put, source);
    if ('add' in change) return rowOf(table, at, 'add', change.add, source);
    if ('require' in change) return { kind: 'require', table, at, tests: testsOf(table.format, change.require) };
    if ('remove' in change) return { kind: 'remove', table, at, tests: testsOf(table.format, change.remove) };
    const { key, column, by, given } = change.count;
    const row = sentRow(table, table.format.values(countingRow(table.format, change.count)));
    source = { kind: 'count', table, at, key: { ...key }, column, by, row, ...(given ? { given } : {}) };
    return source;
  });
};

const rowOf = (
  table: Table,
  at: number,
  kind: RowOp['kind'],
  row: Readonly<Record<string, unknown>>,
  source: CountOp | null,
): RowOp => {
  const { format } = table;
  const values = sentRow(table, format.values(filled(format, row, source === null ? null : 0)));
  const places = countedIn(format, row).map(([name, value]): [number, FilledIn] => {
    const part = (text: string) => String(sent('text', text));
    const filledIn = { number: value.counted, before: part(value.before), after: part(value.after) };
    return [format.columns.indexOf(name), filledIn];
  });
  const counted = places.length === 0 ? null : new Map(places);
  return { kind, table, at, values, counted, source: counted === null ? null : source };
};

const sentRow = ({ format }: Table, values: readonly Stored[]) =>
  values.map((value, place) => sent(format.column(format.columns[place] ?? '').type, value));
