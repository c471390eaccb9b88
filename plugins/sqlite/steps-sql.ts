import {
  type CollectionFormat,
  type Counting,
  countedIn,
  countingRow,
  filled,
  type Stored,
  type Test,
  testsOf,
} from 'waha-runtime/storage';
import type { Statement } from './executor.ts';
import { conditions, putting, quoted, type Row, upsert } from './sql.ts';

/** Where numbers were counted. */
export interface CountedFrom {
  readonly format: CollectionFormat;
  readonly counting: Counting;
}

/** The statement that finds whether a row passes the tests. */
export const requiring = ({ schema }: CollectionFormat, tests: readonly Test[]): Statement => {
  const { text, values } = conditions(tests);
  return { text: `SELECT 1 FROM ${quoted(schema.name)}${text} LIMIT 1`, values, must: 'find' };
};

/** The statement that raises a column, of a row that it makes when there is none, and answers with the number before. */
export const counting = (format: CollectionFormat, { key, column, by }: Counting): Statement => {
  const { text, values } = putting(format, countingRow(format, { key, column, by }));
  const name = quoted(column);
  const insert = text.slice(0, text.lastIndexOf(' DO '));
  const update = `DO UPDATE SET ${name} = ${quoted(format.schema.name)}.${name} + excluded.${name}`;
  return { text: `${insert} ${update} RETURNING ${name} - ?`, values: [...values, by], must: 'find' };
};

/** The statement that writes a row whose numbers come from what was counted before: in the transaction they can be read. */
export const puttingCounted = (format: CollectionFormat, row: Row, from: CountedFrom | null): Statement => {
  const { terms, values } = termsOf(format, row, from);
  const text = upsert(format, 1);
  return {
    text: text.replace(` VALUES (${terms.map(() => '?').join(', ')})`, () => ` VALUES (${terms.join(', ')})`),
    values,
  };
};

/** The statement that inserts this row, if there is none with its key. */
export const adding = (format: CollectionFormat, row: Row, from: CountedFrom | null): Statement => {
  const { terms, values } = termsOf(format, row, from);
  const into = `${quoted(format.schema.name)} (${format.columns.map(quoted).join(', ')})`;
  return { text: `INSERT INTO ${into} VALUES (${terms.join(', ')}) ON CONFLICT DO NOTHING`, values, must: 'change' };
};

/** What stands for each column of a row. */
const termsOf = (
  format: CollectionFormat,
  row: Row,
  from: CountedFrom | null,
): { terms: string[]; values: Stored[] } => {
  const places = new Map(from === null ? [] : countedIn(format, row));
  const plain = from === null ? row : filled(format, row, 0);
  const stored = format.values(plain);
  const values: Stored[] = [];
  const terms = format.columns.map((name, column) => {
    const place = places.get(name);
    if (from === null || place === undefined) {
      values.push(stored[column] ?? null);
      return '?';
    }
    const { text: where, values: key } = conditions(testsOf(from.format, from.counting.key));
    const taken = `(SELECT ${quoted(from.counting.column)} FROM ${quoted(from.format.schema.name)}${where}) - ? + ?`;
    const number = [...key, from.counting.by, place.counted];
    const isNumber = format.column(name).type === 'integer';
    values.push(...(isNumber ? number : [place.before, ...number, place.after]));
    return isNumber ? taken : `? || printf('%016d', ${taken}) || ?`;
  });
  return { terms, values };
};
