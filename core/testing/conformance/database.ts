import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Collection, type Database, defineCollection, type RowOf } from '../../contracts/storage.ts';
import { isRuntimeError } from '../../errors.ts';
import { describeDurability } from './database-durability.ts';
import { describeSameAsModel } from './database-model.ts';
import { describeQueries } from './database-queries.ts';
import { describeSteps } from './database-steps.ts';
import { type Sample, sample, samples } from './samples.ts';

/** How `describeDatabase` opens a database again and cleans up after it. */
export interface DatabaseSuiteOptions {
  /** Opens what was stored before, again. Absent for a driver that keeps nothing. Called after `close`. */
  readonly reopen?: () => Promise<Database>;
  /** Called after each test, when its database is closed. */
  readonly afterEach?: () => void | Promise<void>;
}

/** What a driver promises, as tests. `open` answers with an empty database each time. */
export const describeDatabase = (
  name: string,
  open: () => Promise<Database>,
  options: DatabaseSuiteOptions = {},
): void => {
  describe(`database ${name}`, () => {
    let database: Database;
    const current = () => database;
    const replace = (next: Database) => {
      database = next;
    };

    beforeEach(async () => {
      database = await open();
    });
    afterEach(async () => {
      await database.close();
      await options.afterEach?.();
    });

    describeRows(current);
    describeQueries(current);
    describeBatches(current);
    describeSteps(current);
    describeFaults(current);
    describeDurability(current, replace, options.reopen);
    describeSameAsModel(current);
  });
};

const describeRows = (database: () => Database): void => {
  describe('rows', () => {
    let rows: Collection<Sample>;
    beforeEach(async () => {
      rows = await database().open(samples);
    });

    const values: [string, Partial<Sample>][] = [
      ['nulls', {}],
      ['empty values', { label: '', size: 0, weight: 0, data: new Uint8Array() }],
      ['unicode', { group: 'łódź 🚀', label: 'é\u0301 שלום \u{1f469}\u200d\u{1f680} \ufffd' }],
      ['a NUL in a text', { group: 'a\0b', label: '\0' }],
      ['quotes and SQL', { group: `'; DROP TABLE samples; --`, label: `"'\`%_\\ --` }],
      ['names of built-in properties', { group: '__proto__', label: 'constructor' }],
      ['the largest integers', { id: 2 ** 53, size: -(2 ** 53) }],
      ['reals', { weight: -1.5e-300 }],
      ['all bytes', { data: Uint8Array.from({ length: 256 }, (_, index) => index) }],
      ['nested json', { extra: { list: [1, 'two', null, { deep: true }], '\u2028': '\0' } }],
      ['json that is a number in a text', { extra: '12' }],
      ['json false', { extra: false }],
      ['json with a __proto__ key', { extra: JSON.parse('{"__proto__":{"polluted":true}}') }],
    ];
    it.each(values)('hold %s', async (_, given) => {
      const row = sample(given);
      await rows.put(row);
      expect(await rows.get({ group: row.group, id: row.id })).toEqual(row);
      expect(await rows.find()).toEqual([row]);
    });

    it('hold a megabyte of bytes', async () => {
      const data = Uint8Array.from({ length: 1_000_000 }, (_, index) => index % 251);
      await rows.put(sample({ data }));
      const row = await rows.get({ group: 'a', id: 1 });
      expect(Buffer.compare(row?.data as Uint8Array, data)).toBe(0);
    });

    it('give null for an unknown key', async () => {
      expect(await rows.get({ group: 'nobody', id: 1 })).toBeNull();
    });

    it('are replaced by a row with the same key', async () => {
      await rows.put(sample({ label: 'old', size: 1 }));
      await rows.put(sample({ label: 'new' }));
      expect(await rows.find()).toEqual([sample({ label: 'new' })]);
    });

    it('with different keys stand side by side', async () => {
      await rows.put(sample({ group: 'a', id: 1 }));
      await rows.put(sample({ group: 'a', id: 2 }));
      await rows.put(sample({ group: 'b', id: 1 }));
      await rows.put(sample({ group: 'A', id: 1 }));
      expect(await rows.count()).toBe(4);
    });

    it('go in and come out as copies', async () => {
      const row = sample({ data: new Uint8Array([1]), extra: { list: [1] } });
      const saving = rows.put(row);
      (row.data as Uint8Array)[0] = 9;
      (row.extra as { list: number[] }).list.push(2);
      await saving;
      const key = { group: 'a', id: 1 };
      const first = (await rows.get(key)) as Sample;
      (first.data as Uint8Array)[0] = 8;
      (first.extra as { list: number[] }).list.push(3);
      expect(await rows.get(key)).toEqual(sample({ data: new Uint8Array([1]), extra: { list: [1] } }));
    });

    it('keep half a surrogate pair as U+FFFD', async () => {
      await rows.put(sample({ label: 'a\ud800b' }));
      expect(await rows.find({ where: { label: 'a\ud800b' } })).toEqual([sample({ label: 'a\ufffdb' })]);
    });

    it('are seen by a read that follows a write that was not awaited', async () => {
      const saving = rows.put(sample({ label: 'here' }));
      const reading = rows.get({ group: 'a', id: 1 });
      expect((await reading)?.label).toBe('here');
      await saving;
    });
  });
};

const describeBatches = (database: () => Database): void => {
  describe('batches', () => {
    const others = defineCollection({
      name: 'others',
      columns: { name: { type: 'text' }, count: { type: 'integer' } },
      key: ['name'],
    });
    let rows: Collection<Sample>;
    let more: Collection<RowOf<typeof others>>;
    beforeEach(async () => {
      rows = await database().open(samples);
      more = await database().open(others);
    });

    it('change several collections', async () => {
      await more.put({ name: 'gone', count: 1 });
      await database().batch([
        rows.putting(sample()),
        more.putting({ name: 'x', count: 1 }),
        more.removing({ name: 'gone' }),
      ]);
      expect(await rows.count()).toBe(1);
      expect(await more.find()).toEqual([{ name: 'x', count: 1 }]);
    });

    it('apply their steps in order: the last one on a row is what is left of it', async () => {
      const many = Array.from({ length: 75 }, (_, step) => sample({ id: step % 20, size: step }));
      const put = many.map((row) => rows.putting(row));
      await database().batch([
        ...put,
        rows.removing({ id: 3 }),
        rows.putting(sample({ id: 3 })),
        rows.removing({ id: 4 }),
      ]);
      const sizes = (await rows.find({ orderBy: [{ column: 'id' }] })).map(({ id, size }) => [id, size]);
      const last = (id: number) => [id, id === 3 ? null : id < 15 ? 60 + id : 40 + id];
      expect(sizes).toEqual(Array.from({ length: 20 }, (_, id) => last(id)).filter(([id]) => id !== 4));
    });

    it('change nothing when one step is refused', async () => {
      await rows.put(sample({ label: 'before' }));
      const bad = { name: 'x', count: 'many' } as unknown as RowOf<typeof others>;
      const changes = [rows.putting(sample({ label: 'after' })), rows.removing({ id: 7 }), more.putting(bad)];
      await expect(database().batch(changes)).rejects.toThrow(/count/);
      expect(await rows.find()).toEqual([sample({ label: 'before' })]);
      expect(await more.count()).toBe(0);
    });

    it('do not disturb each other when one of them is refused', async () => {
      const bad = { name: 'x', count: 0.5 };
      const outcomes = await Promise.allSettled([
        database().batch([rows.putting(sample({ id: 1 }))]),
        database().batch([rows.putting(sample({ id: 2 })), more.putting(bad)]),
        database().batch([rows.putting(sample({ id: 3 }))]),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect((await rows.find({ orderBy: [{ column: 'id' }] })).map(({ id }) => id)).toEqual([1, 3]);
    });

    it('apply their steps in order', async () => {
      await database().batch([
        rows.putting(sample({ label: 'first' })),
        rows.removing({ group: 'a' }),
        rows.putting(sample({ label: 'second' })),
        rows.putting(sample({ id: 2 })),
        rows.removing({ id: 2 }),
      ]);
      expect(await rows.find()).toEqual([sample({ label: 'second' })]);
    });

    it('of no steps resolve', async () => {
      await expect(database().batch([])).resolves.toBeUndefined();
    });

    it('of concurrent writers are all kept, in the order of the calls', async () => {
      const writers = Array.from({ length: 200 }, (_, index) =>
        database().batch([rows.putting(sample({ id: index })), more.putting({ name: 'last', count: index })]),
      );
      await Promise.all(writers);
      expect(await rows.count()).toBe(200);
      expect(await more.get({ name: 'last' })).toEqual({ name: 'last', count: 199 });
    });

    it('refuse a collection that is not open', async () => {
      const change = { collection: 'unheard_of', put: {} };
      await expect(database().batch([change])).rejects.toThrow(/unheard_of/);
    });
  });
};

const describeFaults = (database: () => Database): void => {
  describe('faults', () => {
    const attempts: [string, (rows: Collection<Sample>) => Promise<unknown>, RegExp][] = [
      ['an unknown column in a row', (rows) => rows.put({ ...sample(), colour: 'red' } as Sample), /colour/],
      ['an unknown column in a condition', (rows) => rows.find({ where: { colour: 1 } as object }), /colour/],
      ['a column named like SQL', (rows) => rows.count({ '1=1 --': 1 } as object), /1=1/],
      ['an unknown column to order by', (rows) => rows.find({ orderBy: [{ column: 'toString' as 'id' }] }), /toString/],
      ['a missing key column', (rows) => rows.put({ ...sample(), id: undefined as unknown as number }), /'id'/],
      ['a null where none may be', (rows) => rows.put(sample({ group: null as unknown as string })), /'group'/],
      ['a text in an integer column', (rows) => rows.put(sample({ size: '1' as unknown as number })), /'size'/],
      ['a boolean in an integer column', (rows) => rows.put(sample({ size: true as unknown as number })), /'size'/],
      ['a fraction in an integer column', (rows) => rows.put(sample({ size: 1.5 })), /'size'/],
      ['NaN in a real column', (rows) => rows.put(sample({ weight: Number.NaN })), /'weight'/],
      ['a circle in a json column', (rows) => rows.put(sample({ extra: circle() })), /'extra'/],
      ['half a key', (rows) => rows.get({ group: 'a' }), /key/],
      ['an undefined condition', (rows) => rows.remove({ group: undefined } as object), /undefined/],
      ['an unknown operator', (rows) => rows.find({ where: { id: { like: 1 } } as object }), /like/],
      ['a comparison with null', (rows) => rows.find({ where: { size: { gt: null } } }), /null/],
      ['a condition on json', (rows) => rows.find({ where: { extra: 'x' } }), /'extra'/],
      ['a negative limit', (rows) => rows.find({ limit: -1 }), /limit/],
    ];
    it.each(attempts)('refuse %s, naming driver and culprit', async (_, attempt, culprit) => {
      const rows = await database().open(samples);
      await rows.put(sample({ label: 'untouched' }));
      const error = await attempt(rows).catch((caught: unknown) => caught);
      expect(isRuntimeError(error, 'STORAGE_FAILED')).toBe(true);
      expect((error as Error).message).toMatch(culprit);
      expect((error as Error).message).toContain(`[${database().driver}]`);
      expect(await rows.find()).toEqual([sample({ label: 'untouched' })]);
    });

    it('refuse a schema that makes no sense', async () => {
      const columns = { id: { type: 'text' }, body: { type: 'json' } } as const;
      await expect(database().open({ name: 'No; such', columns, key: ['id'] })).rejects.toThrow(/No; such/);
      await expect(database().open({ name: 'x', columns, key: [] })).rejects.toThrow(/key/);
      await expect(database().open({ name: 'x', columns, key: ['body'] })).rejects.toThrow(/body/);
      await expect(database().open({ name: 'x', columns, key: ['nope' as 'id'] })).rejects.toThrow(/nope/);
    });

    it('refuse every call once closed, and close twice', async () => {
      const rows = await database().open(samples);
      await database().close();
      await database().close();
      const calls = [
        () => rows.get({ group: 'a', id: 1 }),
        () => rows.find(),
        () => rows.count(),
        () => rows.put(sample()),
        () => rows.remove({}),
        () => database().batch([rows.putting(sample())]),
        () => database().open(samples),
      ];
      for (const call of calls) await expect(call()).rejects.toThrow(/closed/);
    });
  });
};

const circle = (): unknown => {
  const round: Record<string, unknown> = {};
  round['self'] = round;
  return round;
};
