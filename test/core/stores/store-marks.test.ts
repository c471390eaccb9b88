import { describe, expect, it } from 'vitest';
import type { Database } from '../../../core/index.ts';
import { checkForLoss } from '../../../core/stores/store-marks.ts';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';

/** A database in memory that says it is a file. */
const file = (location: string, missing: readonly string[] = []): Database => {
  const database = memoryDatabase();
  return {
    ...{ location, missing, driver: 'memory' },
    open: (schema) => database.open(schema),
    batch: (changes) => database.batch(changes),
    close: () => database.close(),
  };
};
const named = (databases: Readonly<Record<string, Database>>) =>
  Object.entries(databases).map(([plugin, value]) => ({ plugin, value }));
const check = (databases: Readonly<Record<string, Database>>, accept = false) => checkForLoss(named(databases), accept);

describe('databases that know each other', () => {
  it('start as new, and again, in any order', async () => {
    const [a, b, c] = [file('/a'), file('/b'), file('/c')];
    await expect(check({ a, b, c })).resolves.not.toThrow();
    await expect(check({ c, a, b })).resolves.not.toThrow();
    await expect(check({ a, b })).resolves.not.toThrow();
    // They do know each other now.
    await expect(check({ a: file('/a'), b, c })).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
  });

  it('miss one that was emptied, and say where it was and what to do', async () => {
    const [a, b] = [file('/data/a.db'), file('/data/b')];
    await check({ a, b });
    await expect(check({ a: file('/data/a.db'), b })).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringMatching(
        /'a', \/data\/a.db, is empty, but it has held data before: put the data back .* --accept-data-loss/,
      ),
    });
  });

  it('miss one that is another than before', async () => {
    const [a, b, c] = [file('/a'), file('/b'), file('/c')];
    await check({ a, b });
    await check({ c });
    await expect(check({ a: c, b })).rejects.toThrow("'a', /c, is not the one that was here before");
  });

  it('go on without it when told so, and need not be told again', async () => {
    const [a, b, fresh] = [file('/a'), file('/b'), file('/a')];
    await check({ a, b });
    await check({ a: fresh, b }, true);
    await check({ a: fresh, b });
    await expect(check({ a, b })).rejects.toThrow('is not the one');
  });

  it('take one that is added for what it is', async () => {
    const a = file('/a');
    const b = file('/b');
    await check({ a });
    await expect(check({ a, b })).resolves.not.toThrow();
    await expect(check({ a, b: file('/b') })).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
  });

  it('expect nothing of one that is in memory alone', async () => {
    const a = file('/a');
    await check({ a, b: memoryDatabase() });
    await check({ a, b: memoryDatabase() });
  });

  it('tell of all that a database misses by itself', async () => {
    const a = file('/a', ['/a/x.json is gone', '/a/y.json is gone']);
    await expect(check({ a })).rejects.toThrow('/a/x.json is gone; /a/y.json is gone: put the data back');
    await check({ a }, true);
  });
});

describe('a database with a witness of its own', () => {
  /** A mark beside the data, which stays where they go. */
  const witness = () => {
    let mark: string | null = null;
    const write = async (next: string): Promise<void> => {
      mark = next;
    };
    return { read: async () => mark, write };
  };

  it('is missed without any other, until somebody says to go on', async () => {
    const beside = witness();
    await check({ only: { ...file('/data/waha.db'), witness: beside } });
    await expect(check({ only: { ...file('/data/waha.db'), witness: beside } })).rejects.toThrow(
      "the database of 'only', /data/waha.db, is empty, but it has held data before",
    );
    const fresh = { ...file('/data/waha.db'), witness: beside };
    await check({ only: fresh }, true);
    await check({ only: fresh });
  });

  it('may lose its witness', async () => {
    const data = file('/data/waha.db');
    await check({ only: { ...data, witness: witness() } });
    await check({ only: { ...data, witness: witness() } });
  });
});
