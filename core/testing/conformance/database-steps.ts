import { beforeEach, describe, expect, it } from 'vitest';
import { type Collection, counted, type Database, defineCollection, type RowOf } from '../../contracts/storage.ts';
import { isRuntimeError } from '../../errors.ts';
import { type Sample, sample, samples } from './samples.ts';

const heads = defineCollection({
  name: 'heads',
  columns: {
    log: { type: 'text' },
    part: { type: 'integer' },
    cursor: { type: 'integer' },
    note: { type: 'text' },
    extra: { type: 'json', nullable: true },
  },
  key: ['log', 'part'],
});
const numbered = defineCollection({
  name: 'numbered',
  columns: { id: { type: 'text' }, cursor: { type: 'integer' }, body: { type: 'text', nullable: true } },
  key: ['id'],
});

/** What batches promise that depend on what is there: `requiring`, `adding` and `counting`. */
export const describeSteps = (database: () => Database): void => {
  describe('conditional steps', () => {
    let rows: Collection<Sample>;
    beforeEach(async () => {
      rows = await database().open(samples);
    });
    describeRequiring(database, () => rows);
    describeAdding(database, () => rows);
    describeCounting(database);
  });
};

const refusal = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => null,
    (caught: unknown) => caught,
  );
  if (!isRuntimeError(error)) throw new Error(`was not refused: ${error}`);
  return `${error.code} ${error.message}`;
};

const describeRequiring = (database: () => Database, rows: () => Collection<Sample>): void => {
  it('apply a batch while what it requires is so, and no part of it otherwise, naming the step', async () => {
    await rows().put(sample({ label: 'me', size: 1 }));
    const owned = { group: 'a', id: 1, label: 'me', size: 1 };
    await database().batch([rows().requiring(owned), rows().putting(sample({ id: 2 }))]);
    const late = [rows().putting(sample({ id: 3 })), rows().requiring({ ...owned, size: 2 }), rows().removing({})];
    expect(await refusal(database().batch(late))).toMatch(/^NOT_HELD .*step 1 .*'samples'/);
    expect((await rows().find()).map(({ id }) => id).sort()).toEqual([1, 2]);
  });

  it.each([
    ['a comparison', { size: { gte: 3 } }, true],
    ['a comparison that fails', { size: { gt: 3 } }, false],
    ['null', { label: null }, true],
    ['a list', { id: { in: [7, 8, 1] } }, true],
    ['nothing at all', {}, true],
    ['a row that is not there', { group: 'nobody' }, false],
  ] as const)('may require %s', async (_, where, holds) => {
    await rows().put(sample({ size: 3 }));
    const outcome = database().batch([rows().requiring(where), rows().putting(sample({ id: 2 }))]);
    if (holds) await outcome;
    else expect(await refusal(outcome)).toMatch(/^NOT_HELD/);
    expect(await rows().count()).toBe(holds ? 2 : 1);
  });

  it('look at what the steps and the batches before them left', async () => {
    const claim = (owner: string, before: string) =>
      database().batch([rows().requiring({ id: 1, label: before }), rows().putting(sample({ label: owner }))]);
    const outcomes = await Promise.allSettled([
      database().batch([rows().putting(sample({ label: 'a' })), rows().requiring({ label: 'a' })]),
      claim('b', 'a'),
      claim('c', 'a'),
      claim('d', 'b'),
      database().batch([rows().removing({ id: 1 }), rows().requiring({ id: 1 })]),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
    ]);
    expect(await rows().find()).toEqual([sample({ label: 'd' })]);
  });

  it('leave other batches of the same moment alone when they are refused', async () => {
    await rows().put(sample({ id: 0 }));
    const outcomes = await Promise.allSettled(
      Array.from({ length: 30 }, (_, index) =>
        database().batch([
          rows().requiring(index % 3 === 0 ? { id: -1 } : { id: 0 }),
          rows().putting(sample({ id: index + 1 })),
        ]),
      ),
    );
    expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual(outcomes.map((_, index) => index % 3 !== 0));
    expect(await rows().count()).toBe(21);
  });

  it('refuse an unknown column in what is required', async () => {
    const change = rows().requiring({ colour: 'red' } as object);
    expect(await refusal(database().batch([change]))).toMatch(/^STORAGE_FAILED .*colour/);
  });
};

const describeAdding = (database: () => Database, rows: () => Collection<Sample>): void => {
  it('add a row only where there is none with its key', async () => {
    await database().batch([rows().adding(sample({ label: 'first' }))]);
    const again = [rows().putting(sample({ id: 2 })), rows().adding(sample({ label: 'second' }))];
    expect(await refusal(database().batch(again))).toMatch(/^NOT_HELD .*step 1 .*'samples'/);
    expect(await rows().find()).toEqual([sample({ label: 'first' })]);
    await database().batch([rows().removing({}), rows().adding(sample({ label: 'third' }))]);
    expect(await rows().find()).toEqual([sample({ label: 'third' })]);
  });

  it('let the first of those that add the same key at one moment win', async () => {
    const outcomes = await Promise.allSettled(
      ['a', 'b', 'c'].map((label) => database().batch([rows().adding(sample({ label }))])),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(await rows().find()).toEqual([sample({ label: 'a' })]);
  });
};

const describeCounting = (database: () => Database): void => {
  let head: Collection<RowOf<typeof heads>>;
  let events: Collection<RowOf<typeof numbered>>;
  const key = { log: 'main', part: 1 };
  beforeEach(async () => {
    head = await database().open(heads);
    events = await database().open(numbered);
  });

  it('count from 0 in a row that was not there, empty otherwise, and then on', async () => {
    const given: number[] = [];
    const take = (by: number) => database().batch([head.counting(key, 'cursor', by, (base) => given.push(base))]);
    await take(3);
    await Promise.all([take(1), take(0), take(2)]);
    expect(given).toEqual([0, 3, 4, 4]);
    expect(await head.find()).toEqual([{ ...key, cursor: 6, note: '', extra: null }]);
    await head.put({ ...key, cursor: 100, note: 'kept', extra: [1] });
    await take(5);
    expect(await head.get(key)).toEqual({ ...key, cursor: 105, note: 'kept', extra: [1] });
    expect(given.at(-1)).toBe(100);
  });

  it('fill the numbers into integers, and with 16 digits into texts and keys', async () => {
    await head.put({ ...key, cursor: 41, note: '', extra: null });
    await database().batch([
      head.counting(key, 'cursor', 2),
      events.putting({ id: 'plain', cursor: 7, body: null }),
      events.putting({ id: 'one', cursor: counted(1), body: counted(1, "a'", '\u{1f680}') }),
      events.adding({ id: counted(2, 'dlv_', '_x'), cursor: counted(2), body: null }),
    ]);
    expect(await events.find({ orderBy: [{ column: 'cursor' }] })).toEqual([
      { id: 'plain', cursor: 7, body: null },
      { id: 'one', cursor: 42, body: "a'0000000000000042\u{1f680}" },
      { id: 'dlv_0000000000000043_x', cursor: 43, body: null },
    ]);
  });

  it('number many batches of one moment without a gap, in their order', async () => {
    const bases: number[] = [];
    await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        database().batch([
          head.counting(key, 'cursor', 2, (base) => bases.push(base)),
          events.putting({ id: `${index}a`, cursor: counted(1), body: null }),
          events.putting({ id: `${index}b`, cursor: counted(2), body: null }),
        ]),
      ),
    );
    expect(bases).toEqual(Array.from({ length: 60 }, (_, index) => 2 * index));
    const found = await events.find({ orderBy: [{ column: 'cursor' }] });
    expect(found.map(({ cursor }) => cursor)).toEqual(Array.from({ length: 120 }, (_, index) => index + 1));
    expect(found.slice(0, 4).map(({ id }) => id)).toEqual(['0a', '0b', '1a', '1b']);
  });

  it('give no number to a batch that is refused', async () => {
    const given: number[] = [];
    const take = (other: string) =>
      database().batch([
        head.counting(key, 'cursor', 1, (base) => given.push(base)),
        head.requiring({ log: other }),
        events.putting({ id: other, cursor: counted(1), body: null }),
      ]);
    const outcomes = await Promise.allSettled([take('main'), take('other'), take('main')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(given).toEqual([0, 1]);
    expect(await events.find()).toEqual([{ id: 'main', cursor: 2, body: null }]);
  });

  it('refuse to count where there is no number, and to fill in what nobody counted', async () => {
    const wrong = [
      [head.counting(key, 'note' as 'cursor', 1)],
      [head.counting(key, 'part', 1)],
      [head.counting({ log: 'main' }, 'cursor', 1)],
      [head.counting(key, 'cursor', 0.5)],
      [events.putting({ id: 'x', cursor: counted(1), body: null })],
      [events.putting({ id: 'x', cursor: counted(1), body: null }), head.counting(key, 'cursor', 1)],
    ];
    for (const changes of wrong) expect(await refusal(database().batch(changes))).toMatch(/^STORAGE_FAILED/);
    expect(await head.count()).toBe(0);
    expect(await events.count()).toBe(0);
  });
};
