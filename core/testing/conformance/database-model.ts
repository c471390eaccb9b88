import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Collection, type Database, defineCollection, type RowOf, type Where } from '../../contracts/storage.ts';

const things = defineCollection({
  name: 'things',
  columns: {
    kind: { type: 'text' },
    id: { type: 'integer' },
    name: { type: 'text', nullable: true },
    rank: { type: 'integer', nullable: true },
    body: { type: 'json' },
  },
  key: ['kind', 'id'],
  indexes: [['rank'], ['kind', 'name']],
});
type Thing = RowOf<typeof things>;

type Step = { readonly put: Thing } | { readonly remove: Where<Thing> };
type Operation = { readonly batch: readonly Step[] } | { readonly find: Where<Thing>; readonly limit: number };

const kind = fc.constantFrom('a', 'A', 'é', "'", '');
const id = fc.integer({ min: -2, max: 3 });
/** Any characters. `fc.string` with the unit `binary` makes the same, after it has spent a second on a table of all there are. */
const text = fc
  .array(fc.integer({ min: 0, max: 0x10_f7_ff }), { maxLength: 3 })
  .map((points) => String.fromCodePoint(...points.map((point) => (point < 0xd8_00 ? point : point + 0x8_00))));
const name = fc.option(fc.oneof(fc.constantFrom('x', 'y', ''), text));
const rank = fc.option(fc.constantFrom(-(2 ** 53), -1, 0, 1, 2, 2 ** 53));
const thing = fc.record<Thing>({ kind, id, name, rank, body: fc.jsonValue({ maxDepth: 2 }) });

const some = <T>(value: fc.Arbitrary<T>) => fc.record({ in: fc.array(value, { maxLength: 4 }) });
const where: fc.Arbitrary<Where<Thing>> = fc.record(
  {
    kind: fc.oneof(kind, some(kind), fc.record({ not: kind })),
    id: fc.oneof(id, some(id), fc.record({ gte: id, lt: id }, { requiredKeys: ['gte'] })),
    name: fc.oneof(name, some(name), fc.record({ not: name })),
    rank: fc.oneof(rank, fc.record({ gt: fc.integer({ min: -2, max: 2 }) }), fc.record({ not: rank })),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Where<Thing>>;

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ put: thing }) },
  { weight: 1, arbitrary: fc.record({ remove: where }) },
);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ batch: fc.array(step, { maxLength: 5 }) }),
  fc.record({ find: where, limit: fc.nat(6) }),
);

/** The rows as a plain list; slow, short and evidently right. */
class Model {
  rows: Thing[] = [];

  apply(step: Step): void {
    if ('put' in step) {
      this.rows = this.rows.filter((row) => row.kind !== step.put.kind || row.id !== step.put.id);
      this.rows.push(step.put);
    } else {
      this.rows = this.rows.filter((row) => !matches(row, step.remove));
    }
  }

  find(where: Where<Thing>, limit: number): Thing[] {
    const order = (left: Thing, right: Thing) =>
      right.id - left.id || Buffer.compare(Buffer.from(left.kind), Buffer.from(right.kind));
    return this.rows
      .filter((row) => matches(row, where))
      .sort(order)
      .slice(0, limit);
  }
}

const matches = (row: Thing, where: Where<Thing>): boolean =>
  Object.entries(where).every(([column, condition]) => {
    const value = row[column as keyof Thing] as string | number | null;
    if (typeof condition !== 'object' || condition === null) return value === condition;
    return Object.entries(condition).every(([operator, bound]) => {
      if (operator === 'in') return (bound as unknown[]).includes(value);
      if (operator === 'not') return value !== bound;
      if (value === null) return false;
      return { gt: value > bound, gte: value >= bound, lt: value < bound }[operator];
    });
  });

/** The rows as JSON carries them: no -0. */
const plain = (rows: readonly Thing[]): unknown => JSON.parse(JSON.stringify(rows));

const run = async (database: Database, rows: Collection<Thing>, operations: readonly Operation[]): Promise<void> => {
  await rows.remove({});
  const model = new Model();
  const saving: Promise<void>[] = [];
  for (const operation of operations) {
    if ('batch' in operation) {
      const changes = operation.batch.map((step) =>
        'put' in step ? rows.putting(step.put) : rows.removing(step.remove),
      );
      saving.push(database.batch(changes));
      for (const step of operation.batch) model.apply(step);
    } else {
      const { find, limit } = operation;
      const orderBy = [{ column: 'id', descending: true }, { column: 'kind' }] as const;
      expect(plain(await rows.find({ where: find, orderBy, limit }))).toEqual(plain(model.find(find, limit)));
      expect(await rows.count(find)).toBe(model.find(find, Number.POSITIVE_INFINITY).length);
    }
  }
  await Promise.all(saving);
  expect(plain(await rows.find({ orderBy: [{ column: 'id', descending: true }, { column: 'kind' }] }))).toEqual(
    plain(model.find({}, Number.POSITIVE_INFINITY)),
  );
};

/** The same at each run: a driver that has not changed does not fail one day. */
const cases = { numRuns: 60, seed: 20_261_123 };

/** Random operations, awaited or not, leave what they leave in a plain list. */
export const describeSameAsModel = (database: () => Database): void => {
  describe('random operations', () => {
    it('answer as a plain list of rows does', async () => {
      const rows = await database().open(things);
      const operations = fc.array(operation, { maxLength: 30 });
      await fc.assert(
        fc.asyncProperty(operations, (chosen) => run(database(), rows, chosen)),
        cases,
      );
    });
  });
};
