import type { CountOp, Numbers, RowOp, Step, TestOp } from './ops.ts';
import { remove, type Statement } from './sql.ts';
import { addingAll, counting, type PlannedRow, puttingAll, requiring } from './steps-sql.ts';
import type { Table } from './table.ts';

/** What a statement answered: how many rows it concerned, and the first value of the first row. */
export interface Answer {
  readonly rows: number;
  readonly first: unknown;
}

/** A statement of a transaction and the step that it is, or the first of them. */
export interface Planned {
  readonly statement: Statement;
  readonly step: Step;
  /** Hands the answer to those who asked, once it is committed. */
  tell?(answer: Answer): void;
}

/** Steps of one table that become one statement. */
interface Segment {
  readonly kind: Step['kind'];
  readonly table: Table;
  readonly steps: { readonly step: Step; readonly numbers: Numbers | null }[];
}

/** The statements of one batch, in its order; rows of one table that follow each other go together. */
export const planAlone = (steps: readonly Step[]): Planned[] => {
  const segments: Segment[] = [];
  for (const step of steps) {
    const source = 'source' in step ? step.source : null;
    const numbers = source && { from: source, total: { by: source.by }, offset: 0 };
    const last = segments.at(-1);
    if (last?.kind === 'put' && step.kind === 'put' && last.table === step.table && sameSource(last, source)) {
      last.steps.push({ step, numbers });
    } else segments.push({ kind: step.kind, table: step.table, steps: [{ step, numbers }] });
  }
  const totals = new Map(steps.filter((step) => step.kind === 'count').map((step) => [step, { by: step.by }]));
  return segments.map((segment) => plannedOf(segment, true, totals));
};

const sameSource = ({ steps }: Segment, source: CountOp | null): boolean => {
  const others = steps.map(({ numbers }) => numbers?.from ?? null).filter((from) => from !== null);
  return source === null || others.every((other) => other === source);
};

/**
 * The statements of many batches in one transaction, one for all rows of a table where their order allows it; null when it does
 * not. What each table sees is in the order of the batches; between tables nothing depends on it but numbers.
 */
export const planTogether = (batches: readonly (readonly Step[])[]): Planned[] | null => {
  const tables = new Map<string, Segment[]>();
  const heads = new Map<string, Head>();
  for (const steps of batches) {
    const numbersOf = new Map<CountOp, Numbers>();
    for (const step of steps) {
      if (step.kind === 'count') numbersOf.set(step, numbersAt(heads, step));
      const numbers = 'source' in step && step.source ? (numbersOf.get(step.source) ?? null) : null;
      append(tables, step, step.kind === 'count' ? (numbersOf.get(step) ?? null) : numbers);
    }
  }
  return inOrder(tables, heads);
};

/** A row whose numbers the transaction takes. */
interface Head {
  readonly from: CountOp;
  readonly total: { by: number };
}

const numbersAt = (heads: Map<string, Head>, step: CountOp): Numbers => {
  const id = JSON.stringify([step.table.name, step.column, step.key]);
  const head = heads.get(id) ?? { from: step, total: { by: 0 } };
  heads.set(id, head);
  const offset = head.total.by;
  head.total.by += step.by;
  return { ...head, offset };
};

const append = (tables: Map<string, Segment[]>, step: Step, numbers: Numbers | null): void => {
  const segments = tables.get(step.table.name) ?? [];
  tables.set(step.table.name, segments);
  const last = segments.at(-1);
  if (last?.kind === step.kind && last.table === step.table && step.kind !== 'remove')
    last.steps.push({ step, numbers });
  else segments.push({ kind: step.kind, table: step.table, steps: [{ step, numbers }] });
};

/** First what is required, then what takes no numbers, then the numbers, then the rows that have them: the heads are locked last. */
const inOrder = (
  tables: ReadonlyMap<string, readonly Segment[]>,
  heads: ReadonlyMap<string, Head>,
): Planned[] | null => {
  const phases: Segment[][] = [[], [], [], []];
  const byName = [...tables].sort(([left], [right]) => (left < right ? -1 : 1));
  const changing = new Set<string>();
  for (const [table, segments] of byName) {
    const [first, ...others] = segments;
    const rest = first?.kind === 'require' ? others : segments;
    if (first?.kind === 'require') phases[0]?.push(first);
    if (rest.length > 0) changing.add(table);
    const counts = rest.filter(({ kind }) => kind === 'count');
    const takes = rest.some(({ steps }) =>
      steps.some(({ step, numbers }) => step.kind !== 'count' && numbers !== null),
    );
    if (counts.length > 1 || (counts.length > 0 && takes)) return null;
    if (!sourcesAgree(rest)) return null;
    phases[counts.length > 0 ? 2 : takes ? 3 : 1]?.push(...rest);
  }
  const totals = new Map([...heads.values()].map(({ from, total }) => [from, total]));
  return phases.flat().map((segment) => plannedOf(segment, changing.has(segment.table.name), totals));
};

/** Whether the numbers of each statement come from one row. */
const sourcesAgree = (segments: readonly Segment[]): boolean =>
  segments.every(({ steps }) => new Set(steps.flatMap(({ numbers }) => numbers?.from ?? [])).size <= 1);

const plannedOf = (
  { kind, table, steps }: Segment,
  changed: boolean,
  totals: ReadonlyMap<Step, { readonly by: number }>,
): Planned => {
  const first = steps[0]?.step as Step;
  const rows = () => steps.map(({ step, numbers }): PlannedRow => ({ ...(step as RowOp), numbers }));
  if (kind === 'put') return { step: first, statement: puttingAll(table, lastOfEach(rows())) };
  if (kind === 'add')
    return {
      step: first,
      statement: addingAll(
        table,
        inKeyOrder(rows()).map(([, row]) => row),
      ),
    };
  if (kind === 'require') return { step: first, statement: requiring(table, conditionsOf(steps), changed) };
  if (kind === 'remove') {
    const { tests, removed } = first as TestOp;
    return { step: first, statement: remove(table, tests), tell: ({ rows: count }) => removed?.(count) };
  }
  const total = totals.get(first)?.by ?? (first as CountOp).by;
  const tell = ({ first: base }: Answer): void => {
    for (const { step, numbers } of steps) (step as CountOp).given?.(Number(base) + (numbers?.offset ?? 0));
  };
  return { step: first, statement: counting(first as CountOp, total), tell };
};

/** The same condition of many batches is one. */
const conditionsOf = (steps: Segment['steps']): TestOp['tests'][] => {
  const different = new Map<string, TestOp['tests']>();
  for (const { step } of steps) different.set(JSON.stringify((step as TestOp).tests), (step as TestOp).tests);
  return [...different.values()];
};

const inKeyOrder = (rows: readonly PlannedRow[]): [key: string, row: PlannedRow][] => {
  const keyed = rows.map((row): [string, PlannedRow] => {
    const { columns, schema } = row.table.format;
    const places = schema.key.map((name) => columns.indexOf(name));
    return [JSON.stringify(places.map((place) => row.counted?.get(place) ?? row.values[place])), row];
  });
  // Everybody locks rows in one order.
  return keyed.sort(([left], [right]) => (left < right ? -1 : Number(left > right)));
};

/** A key may be in one statement once: its last row is what would be left. */
const lastOfEach = (rows: readonly PlannedRow[]): PlannedRow[] => {
  const keyed = new Map<string, PlannedRow>();
  for (const [key, row] of inKeyOrder(rows)) keyed.set(row.counted ? `${keyed.size} ${key}` : key, row);
  return [...keyed.values()];
};
