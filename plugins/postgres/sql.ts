import type { Selection, Test } from 'waha-runtime/storage';
import { Values, whereOf } from './conditions.ts';
import { quoted, type Sent, type Table } from './table.ts';

/** A statement's text and the values bound to it. */
export interface Statement {
  readonly text: string;
  readonly values: readonly Sent[];
}

/** The rows as lists of values, in the order of the format's columns. */
export const select = (table: Table, { tests, order, limit, offset }: Selection): Statement => {
  const values = new Values();
  const { columns, schema } = table.format;
  const sorting = order.length > 0 ? order : schema.key.map((column) => ({ column, descending: false }));
  const parts = [
    `SELECT ${columns.map(quoted).join(', ')} FROM ${table.name}${whereOf(table, tests, values)}`,
    // Null is before everything else, in indexes as well.
    `ORDER BY ${sorting.map(({ column, descending }) => `${quoted(column)} ${descending ? 'DESC NULLS LAST' : 'NULLS FIRST'}`).join(', ')}`,
  ];
  if (limit !== null) parts.push(`LIMIT ${values.add(limit, 'int8')}`);
  if (offset > 0) parts.push(`OFFSET ${values.add(offset, 'int8')}`);
  return { text: parts.join(' '), values: values.list };
};

export const count = (table: Table, tests: readonly Test[]): Statement => {
  const values = new Values();
  return { text: `SELECT count(*) FROM ${table.name}${whereOf(table, tests, values)}`, values: values.list };
};

export const remove = (table: Table, tests: readonly Test[]): Statement => {
  const values = new Values();
  return { text: `DELETE FROM ${table.name}${whereOf(table, tests, values)}`, values: values.list };
};
