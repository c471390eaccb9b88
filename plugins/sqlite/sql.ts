import {
  type CollectionFormat,
  type Column,
  emptyValue,
  type Selection,
  type Stored,
  type Test,
} from 'waha-runtime/storage';
import type { Question, Statement } from './executor.ts';

/** Quotes a name. Names come from schemas that `CollectionFormat` checked, never from rows or conditions. */
export const quoted = (name: string): string => `"${name}"`;

/** `JSON TEXT` has text affinity, as the word TEXT is in it: SQLite never takes the text `12` for a number. */
export const declaredTypes = {
  text: 'TEXT',
  integer: 'INTEGER',
  real: 'REAL',
  bytes: 'BLOB',
  json: 'JSON TEXT',
} as const;

/** Name, type and default. NOT NULL is not declared: SQLite could not take it back, and rows are checked before. */
export const columnDefinition = (name: string, column: Column): string => {
  const empty = emptyValue(column);
  const literal = empty instanceof Uint8Array ? "x''" : typeof empty === 'string' ? "''" : empty;
  return `${quoted(name)} ${declaredTypes[column.type]}${literal === null ? '' : ` DEFAULT ${literal}`}`;
};

export const createTable = ({ schema }: CollectionFormat): string => {
  const columns = Object.entries(schema.columns).map(([name, column]) => columnDefinition(name, column));
  const key = schema.key.map(quoted).join(', ');
  return `CREATE TABLE ${quoted(schema.name)} (${columns.join(', ')}, PRIMARY KEY (${key}))`;
};

/** The indexes of a collection by their names, each with the statement that creates it. */
export const indexesOf = ({ schema }: CollectionFormat): Map<string, string> =>
  new Map(
    (schema.indexes ?? []).map((columns) => {
      const name = indexName(schema.name, columns);
      return [name, `CREATE INDEX ${quoted(name)} ON ${quoted(schema.name)} (${columns.map(quoted).join(', ')})`];
    }),
  );

/** Holds the columns, so that an index that is there already is known by its name. */
const indexName = (collection: string, columns: readonly string[]): string => `${collection}__${columns.join('__')}`;

const upserts = new WeakMap<CollectionFormat, Map<number, string>>();

/** Made once for each format and number of rows: it is long, and asked for at message rate. */
export const upsert = (format: CollectionFormat, rows: number): string => {
  const made = upserts.get(format) ?? new Map<number, string>();
  const text = made.get(rows) ?? upsertOf(format, rows);
  upserts.set(format, made.set(rows, text));
  return text;
};

const upsertOf = ({ schema, columns }: CollectionFormat, rows: number): string => {
  const others = columns.filter((name) => !schema.key.includes(name));
  const update = others.map((name) => `${quoted(name)} = excluded.${quoted(name)}`).join(', ');
  const row = `(${columns.map(() => '?').join(', ')})`;
  return (
    `INSERT INTO ${quoted(schema.name)} (${columns.map(quoted).join(', ')}) ` +
    `VALUES ${Array(rows).fill(row).join(', ')} ` +
    `ON CONFLICT (${schema.key.map(quoted).join(', ')}) DO ${update === '' ? 'NOTHING' : `UPDATE SET ${update}`}`
  );
};

/** A row as its owner knows it. */
export type Row = Readonly<Record<string, unknown>>;

/** The statement that writes this row. */
export const putting = (format: CollectionFormat, row: Row): Statement => ({
  text: upsert(format, 1),
  values: format.values(row),
});

/** How many rows one statement writes at most. */
const mostRows = 16;

/** The statements that write these rows, in their order: 1, 2, 4, 8 or 16 rows each, so that few different ones are prepared. */
export const puttingAll = (format: CollectionFormat, rows: readonly Row[]): Statement[] => {
  const statements: Statement[] = [];
  for (let from = 0; from < rows.length; ) {
    const count = Math.min(mostRows, 2 ** Math.floor(Math.log2(rows.length - from)));
    const values: Stored[] = [];
    // `flatMap` takes twice as long for all of it.
    for (const row of rows.slice(from, from + count)) values.push(...format.values(row));
    statements.push({ text: upsert(format, count), values });
    from += count;
  }
  return statements;
};

/** The values of one text column, from an index of it alone. */
export const textsOf = (format: CollectionFormat, column: string, after: string, limit: number): Question => {
  if (format.column(column).type !== 'text')
    throw new TypeError(`column '${column}' of '${format.schema.name}' is no text`);
  const name = quoted(column);
  const text = `SELECT CAST(${name} AS BLOB) FROM ${quoted(format.schema.name)} WHERE ${name} > ? ORDER BY ${name} LIMIT ?`;
  return { text, values: [after, limit], texts: [0] };
};

/** Text is read as bytes: see `textOf`. */
export const select = (format: CollectionFormat, { tests, order, limit, offset }: Selection): Question => {
  const isText = (name: string) => ['text', 'json'].includes(format.column(name).type);
  const columns = format.columns.map((name) => (isText(name) ? `CAST(${quoted(name)} AS BLOB)` : quoted(name)));
  const texts = format.columns.flatMap((name, place) => (isText(name) ? [place] : []));
  const { text, values } = conditions(tests);
  const sorting = order.map(({ column, descending }) => `${quoted(column)}${descending ? ' DESC' : ''}`);
  const parts = [`SELECT ${columns.join(', ')} FROM ${quoted(format.schema.name)}${text}`];
  if (sorting.length > 0) parts.push(`ORDER BY ${sorting.join(', ')}`);
  if (limit !== null || offset > 0) {
    parts.push('LIMIT ? OFFSET ?');
    values.push(limit ?? -1, offset);
  }
  return { text: parts.join(' '), values, texts };
};

export const count = ({ schema }: CollectionFormat, tests: readonly Test[]): Question => {
  const { text, values } = conditions(tests);
  return { text: `SELECT count(*) FROM ${quoted(schema.name)}${text}`, values, texts: [] };
};

export const remove = ({ schema }: CollectionFormat, tests: readonly Test[]): Statement => {
  const { text, values } = conditions(tests);
  return { text: `DELETE FROM ${quoted(schema.name)}${text}`, values };
};

/** ` WHERE` and what all of these tests come to; nothing when there are none. */
export const conditions = (tests: readonly Test[]): Condition => {
  const all = tests.map(condition);
  const text = all.length === 0 ? '' : ` WHERE ${all.map((one) => one.text).join(' AND ')}`;
  return { text, values: all.flatMap((one) => one.values) };
};

interface Condition {
  readonly text: string;
  readonly values: Stored[];
}

const operators = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;

const condition = (test: Test): Condition => {
  const column = quoted(test.column);
  if (test.is === 'in') return membership(column, test.values);
  if (test.is === 'not') return { text: `${column} IS NOT ?`, values: [test.value] };
  if (test.is !== 'equal') return { text: `${column} ${operators[test.is]} ?`, values: [test.value] };
  return test.value === null
    ? { text: `${column} IS NULL`, values: [] }
    : { text: `${column} = ?`, values: [test.value] };
};

/** The list is filled up to a power of two by repeating its last value, so that few different statements are prepared. */
const membership = (column: string, list: readonly Stored[]): Condition => {
  const values = list.filter((value) => value !== null);
  const last = values.at(-1);
  const orNull = values.length < list.length;
  if (last === undefined) return { text: orNull ? `${column} IS NULL` : '0', values: [] };
  const padded = 2 ** Math.ceil(Math.log2(values.length));
  while (values.length < padded) values.push(last);
  const within = `${column} IN (${values.map(() => '?').join(', ')})`;
  return { text: orNull ? `(${within} OR ${column} IS NULL)` : within, values };
};
