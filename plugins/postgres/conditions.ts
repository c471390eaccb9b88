import type { Test } from 'waha-runtime/storage';
import { quoted, type Sent, sent, type Table, typeOf } from './table.ts';

/** The values of a statement, each with the place that stands for it in the text. */
export class Values {
  readonly list: Sent[] = [];

  /** `$3::text` for a value, which is kept. */
  add(value: Sent, type: string): string {
    return `$${this.list.push(value)}::${type}`;
  }
}

/** ` WHERE` and what all of these tests come to; nothing when there are none. */
export const whereOf = (table: Table, tests: readonly Test[], values: Values): string =>
  tests.length === 0 ? '' : ` WHERE ${tests.map((test) => condition(table, test, values)).join(' AND ')}`;

const operators = { equal: '=', gt: '>', gte: '>=', lt: '<', lte: '<=', not: 'IS DISTINCT FROM' } as const;

const condition = (table: Table, test: Test, values: Values): string => {
  const column = quoted(test.column);
  const type = typeOf(table, test.column);
  const form = table.format.column(test.column).type;
  if (test.is === 'in') {
    const list = test.values.filter((value) => value !== null).map((value) => sent(form, value));
    const within = `${column} = ANY(${values.add(list, `${type}[]`)})`;
    return list.length < test.values.length ? `(${within} OR ${column} IS NULL)` : within;
  }
  if (test.value === null) return `${column} IS ${test.is === 'not' ? 'NOT ' : ''}NULL`;
  return `${column} ${operators[test.is]} ${values.add(sent(form, test.value), type)}`;
};
