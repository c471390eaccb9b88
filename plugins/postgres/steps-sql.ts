import { type Test, testsOf } from 'waha-runtime/storage';
import { Values, whereOf } from './conditions.ts';
import type { CountOp, Numbers, RowOp } from './ops.ts';
import type { Statement } from './sql.ts';
import { quoted, type Sent, sent, type Table, typeOf } from './table.ts';

/** What PostgreSQL says when a condition of a batch does not hold: a division by zero made for it, or a key that is there. */
export const unheldCodes: ReadonlySet<string> = new Set(['22012', '23505']);

/**
 * Fails unless each of these conditions finds a row, and keeps those rows as they are until the commit. `changed`: the transaction
 * writes to the table itself; taking the weaker lock first could then deadlock with another one that does the same.
 */
export const requiring = (table: Table, conditions: readonly (readonly Test[])[], changed: boolean): Statement => {
  const values = new Values();
  const lock = changed ? 'FOR UPDATE' : 'FOR SHARE';
  const alike = conditions.length > 1 ? asTable(table, conditions, values) : null;
  if (alike !== null) {
    const found = `SELECT 1 FROM ${table.name} AS t JOIN ${alike.source} ON ${alike.on} ORDER BY ${alike.order} ${lock} OF t`;
    return { text: allOf(`SELECT count(*) FROM (${found}) AS found`, conditions.length), values: values.list };
  }
  const found = conditions.map(
    (tests) =>
      `(SELECT count(*) FROM (SELECT 1 FROM ${table.name}${whereOf(table, tests, values)} LIMIT 1 ${lock}) AS found)`,
  );
  return { text: allOf(`SELECT ${found.join(' + ')}`, conditions.length), values: values.list };
};

const allOf = (counting: string, needed: number): string =>
  `SELECT 1 / (CASE WHEN (${counting}) = ${needed} THEN 1 ELSE 0 END)`;

/** The conditions as rows to join with, when all of them name the same columns, the key among them, and a value for each. */
const asTable = (table: Table, conditions: readonly (readonly Test[])[], values: Values) => {
  const columns = (conditions[0] ?? []).map(({ column }) => column);
  const { key } = table.format.schema;
  const isAlike = conditions.every(
    (tests) =>
      tests.length === columns.length &&
      tests.every((test, place) => test.is === 'equal' && test.value !== null && test.column === columns[place]),
  );
  if (!isAlike || !key.every((column) => columns.includes(column))) return null;
  const lists = columns.map((column, place) => {
    const { type } = table.format.column(column);
    const list = conditions.map((tests) => {
      const test = tests[place];
      return test?.is === 'equal' ? sent(type, test.value) : null;
    });
    return values.add(list, `${typeOf(table, column)}[]`);
  });
  return {
    source: `unnest(${lists.join(', ')}) AS v(${columns.map(quoted).join(', ')})`,
    on: columns.map((column) => `t.${quoted(column)} = v.${quoted(column)}`).join(' AND '),
    order: key.map((column) => `t.${quoted(column)}`).join(', '),
  };
};

/** A row, and where the numbers of it come from. */
export interface PlannedRow extends RowOp {
  readonly numbers: Numbers | null;
}

const numberIn = ({ counted, numbers }: PlannedRow, place: number): number | null => {
  const value = counted?.get(place);
  return value === undefined ? null : value.number + (numbers?.offset ?? 0);
};

/** Inserts rows, or replaces those with the same keys. */
export const puttingAll = (table: Table, rows: readonly PlannedRow[]): Statement => {
  const { schema, columns } = table.format;
  const others = columns.filter((name) => !schema.key.includes(name));
  const update = others.map((name) => `${quoted(name)} = excluded.${quoted(name)}`).join(', ');
  const { text, values } = addingAll(table, rows);
  const key = schema.key.map(quoted).join(', ');
  return { text: `${text} ON CONFLICT (${key}) DO ${update === '' ? 'NOTHING' : `UPDATE SET ${update}`}`, values };
};

/** Inserts rows; fails when there is one with such a key. */
export const addingAll = (table: Table, rows: readonly PlannedRow[]): Statement => {
  const values = new Values();
  const { columns } = table.format;
  const numbers = rows.find((row) => row.numbers !== null)?.numbers ?? null;
  const lists: string[] = [];
  const names: string[] = [];
  const list = (name: string, type: string, of: (row: PlannedRow) => string | number | Buffer | null): string => {
    lists.push(values.add(rows.map(of), `${type}[]`));
    names.push(quoted(name));
    return `v.${quoted(name)}`;
  };
  const terms = columns.map((name, place) => {
    const plain = list(name, typeOf(table, name), ({ values: row }) => row[place] ?? null);
    if (!rows.some(({ counted }) => counted?.has(place))) return plain;
    const number = `(b.base + ${list(`${name} n`, 'int8', (row) => numberIn(row, place))})`;
    const before = `${name} b`;
    const filled =
      table.format.column(name).type === 'integer'
        ? number
        : `${list(before, 'text', (row) => row.counted?.get(place)?.before ?? null)} || lpad(${number}::text, 16, '0') || ` +
          list(`${name} a`, 'text', (row) => row.counted?.get(place)?.after ?? null);
    return `CASE WHEN v.${quoted(`${name} n`)} IS NULL THEN ${plain} ELSE ${filled} END`;
  });
  const source = `unnest(${lists.join(', ')}) AS v(${names.join(', ')})`;
  const base = numbers === null ? '' : `, (${taken(numbers, values)}) AS b`;
  const into = `${table.name} (${columns.map(quoted).join(', ')})`;
  return { text: `INSERT INTO ${into} SELECT ${terms.join(', ')} FROM ${source}${base}`, values: values.list };
};

/** The number before the first one that this transaction took. */
const taken = ({ from, total }: Numbers, values: Values): string => {
  const { table, key, column } = from;
  const by = values.add(total.by, 'int8');
  return `SELECT ${quoted(column)} - ${by} AS base FROM ${table.name}${whereOf(table, testsOf(table.format, key), values)}`;
};

/** Raises a column, of a row that it makes when there is none, and answers with the number before. */
export const counting = ({ table, column, row }: CountOp, by: number): Statement => {
  const { columns, schema } = table.format;
  const values = new Values();
  const terms = columns.map((name, place) => {
    const value: Sent = name === column ? by : (row[place] ?? null);
    return values.add(value, typeOf(table, name));
  });
  const name = quoted(column);
  const text =
    `INSERT INTO ${table.name} AS t (${columns.map(quoted).join(', ')}) VALUES (${terms.join(', ')}) ` +
    `ON CONFLICT (${schema.key.map(quoted).join(', ')}) DO UPDATE SET ${name} = t.${name} + excluded.${name} ` +
    `RETURNING t.${name} - ${values.add(by, 'int8')}`;
  return { text, values: values.list };
};
