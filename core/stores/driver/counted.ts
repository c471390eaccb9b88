import type { Counted } from '../../contracts/storage.ts';
import type { CollectionFormat } from './format.ts';

type Row = Readonly<Record<string, unknown>>;

/** Whether a value is one that the commit fills in. */
export const isCounted = (value: unknown): value is Counted =>
  typeof value === 'object' && value !== null && 'counted' in value && Number.isSafeInteger(value.counted);

/** The columns of a row that the commit fills in, integers and texts, each with what it gets. */
export const countedIn = ({ schema }: CollectionFormat, row: Row): [column: string, value: Counted][] =>
  Object.entries(row).flatMap(([name, value]): [string, Counted][] => {
    const type = Object.hasOwn(schema.columns, name) ? schema.columns[name]?.type : undefined;
    return (type === 'integer' || type === 'text') && isCounted(value) ? [[name, value]] : [];
  });

/** The row with its numbers, for a step behind one that counted from `base`; null when none did. */
export const filled = (format: CollectionFormat, row: Row, base: number | null): Row => {
  const places = countedIn(format, row);
  if (places.length === 0) return row;
  if (base === null) throw format.fault(`has a number to fill in where no step before it counts`);
  const values = places.map(([name, value]) => {
    const number = base + value.counted;
    return [name, format.column(name).type === 'integer' ? number : countedText(value, number)];
  });
  return { ...row, ...Object.fromEntries(values) };
};

/** The text that stands for a number. Those with the same `before` are in the order of their numbers. */
const countedText = ({ before, after }: Counted, number: number): string =>
  `${before}${String(number).padStart(16, '0')}${after}`;

/** The step that counts, checked: the row that it makes when there is none, and what it adds to which column. */
export const countingRow = (
  format: CollectionFormat,
  { key, column, by }: { readonly key: Row; readonly column: string; readonly by: number },
): Row => {
  format.key(key);
  const { type, nullable } = format.column(column);
  if (type !== 'integer' || nullable || Object.hasOwn(key, column)) {
    throw format.fault(`cannot count in column '${column}': an integer outside of the key, never null, is needed`);
  }
  if (!Number.isSafeInteger(by) || by < 0) throw format.fault(`counts by whole numbers from 0 in column '${column}'`);
  return { ...format.emptyRow(), ...key, [column]: by };
};
