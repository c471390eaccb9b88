import type { CollectionFormat, Stored, StoredRow } from './format.ts';
import { compareStored } from './order.ts';

const comparisons = ['gt', 'gte', 'lt', 'lte'] as const;
type Comparison = (typeof comparisons)[number];

/** One condition on one column, checked, its value in stored form. A null in `in` is allowed where the column is nullable. */
export type Test =
  | { readonly column: string; readonly is: 'equal' | 'not'; readonly value: Stored }
  | { readonly column: string; readonly is: Comparison; readonly value: Exclude<Stored, null> }
  | { readonly column: string; readonly is: 'in'; readonly values: readonly Stored[] };

/** A `Query` that was checked. */
export interface Selection {
  readonly tests: readonly Test[];
  readonly order: readonly { readonly column: string; readonly descending: boolean }[];
  readonly limit: number | null;
  readonly offset: number;
}

/** How many values one `in` may list. */
export const inLimit = 10_000;

/** A `where` as a list of tests that must all hold. An undefined condition is a fault: it would match everything. */
export const testsOf = (format: CollectionFormat, where: Readonly<Record<string, unknown>> = {}): Test[] =>
  Object.entries(where).flatMap(([column, condition]) => {
    format.column(column);
    if (condition === undefined) throw format.fault(`is asked for an undefined '${column}'`);
    return isComparison(condition)
      ? comparisonTests(format, column, condition)
      : [equality(format, column, 'equal', condition)];
  });

/** A query, checked. */
export const selectionOf = (
  format: CollectionFormat,
  query: {
    readonly where?: Readonly<Record<string, unknown>>;
    readonly orderBy?: readonly { readonly column: string; readonly descending?: boolean }[];
    readonly limit?: number;
    readonly offset?: number;
  } = {},
): Selection => {
  for (const { column } of query.orderBy ?? []) format.column(column);
  for (const bound of [query.limit, query.offset]) {
    if (bound !== undefined && !(Number.isSafeInteger(bound) && bound >= 0)) {
      throw format.fault('takes whole numbers from 0 as limit and offset');
    }
  }
  return {
    tests: testsOf(format, query.where),
    order: (query.orderBy ?? []).map(({ column, descending }) => ({ column, descending: descending === true })),
    limit: query.limit ?? null,
    offset: query.offset ?? 0,
  };
};

/** Whether a row in stored form passes a test. Null is equal to null only, and neither smaller nor greater than anything. */
export const holds = (test: Test, row: StoredRow): boolean => {
  const value = row[test.column] ?? null;
  if (test.is === 'in') return test.values.some((one) => compareStored(value, one) === 0);
  const order = compareStored(value, test.value);
  if (test.is === 'equal') return order === 0;
  if (test.is === 'not') return order !== 0;
  if (value === null) return false;
  return { gt: order > 0, gte: order >= 0, lt: order < 0, lte: order <= 0 }[test.is];
};

const isComparison = (condition: unknown): condition is Readonly<Record<string, unknown>> =>
  typeof condition === 'object' && condition !== null && !(condition instanceof Uint8Array);

const comparisonTests = (
  format: CollectionFormat,
  column: string,
  condition: Readonly<Record<string, unknown>>,
): Test[] => {
  const entries = Object.entries(condition);
  if (entries.length === 0 || Array.isArray(condition)) {
    throw format.fault(`takes a value, in, gt, gte, lt, lte or not as condition on '${column}'`);
  }
  return entries.map(([operator, value]) => {
    if (value === undefined) throw format.fault(`is asked for an undefined '${column}'`);
    if (operator === 'in') return membership(format, column, value);
    if (operator === 'not') return equality(format, column, 'not', value);
    const is = comparisons.find((known) => known === operator);
    if (is === undefined) throw format.fault(`knows no condition '${operator}' on '${column}'`);
    refuseJson(format, column);
    const stored = value === null ? null : format.value(column, value);
    if (stored === null) throw format.fault(`cannot compare '${column}' with null`);
    return { column, is, value: stored };
  });
};

const membership = (format: CollectionFormat, column: string, value: unknown): Test => {
  if (!Array.isArray(value)) throw format.fault(`takes a list in the condition on '${column}'`);
  if (value.length > inLimit) throw format.fault(`takes at most ${inLimit} values in the condition on '${column}'`);
  refuseJson(format, column);
  if (value.includes(undefined)) throw format.fault(`is asked for an undefined '${column}'`);
  return { column, is: 'in', values: value.map((one) => format.value(column, one)) };
};

const equality = (format: CollectionFormat, column: string, is: 'equal' | 'not', value: unknown): Test => {
  if (value === null) return { column, is, value: null };
  refuseJson(format, column);
  return { column, is, value: format.value(column, value) };
};

/** Two JSON texts may differ and mean the same, so json is only ever compared with null. */
const refuseJson = (format: CollectionFormat, column: string): void => {
  if (format.column(column).type === 'json') throw format.fault(`compares the json column '${column}' with null only`);
};
