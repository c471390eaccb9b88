import { beforeEach, describe, expect, it } from 'vitest';
import { type Collection, defineCollection } from '../../../core/index.ts';
import { type Table, TableDatabase } from '../../../core/storage.ts';

const notes = defineCollection({
  name: 'notes',
  columns: { id: { type: 'text' }, body: { type: 'text' } },
  key: ['id'],
});

/** A keeper whose saves a test ends by hand. */
class HeldKeeper {
  readonly saves: { rows: unknown[]; done(): void; fail(): void }[] = [];
  load = async (): Promise<Table | null> => null;
  close = async (): Promise<void> => undefined;
  save = (tables: readonly Table[]): Promise<void> =>
    new Promise((resolve, reject) => {
      const rows = tables.flatMap((table) => [...table.rows].map((row) => `${row['id']}=${row['body']}`));
      this.saves.push({ rows, done: () => resolve(), fail: () => reject(new Error('disk full')) });
    });
}

let keeper: HeldKeeper;
let database: TableDatabase;
let rows: Collection<{ id: string; body: string }>;
const soon = () => new Promise((resolve) => setImmediate(resolve));

beforeEach(async () => {
  keeper = new HeldKeeper();
  database = new TableDatabase('held', keeper);
  rows = await database.open(notes);
});

describe('a table database', () => {
  it('saves what one tick brings at once, and what comes meanwhile in one more save', async () => {
    const first = [rows.put({ id: '1', body: 'a' }), rows.put({ id: '2', body: 'b' })];
    await soon();
    const second = [rows.put({ id: '1', body: 'c' }), rows.remove({ id: '2' }), rows.put({ id: '3', body: 'd' })];
    await soon();
    expect(keeper.saves.map(({ rows: saved }) => saved)).toEqual([['1=a', '2=b']]);
    keeper.saves[0]?.done();
    await Promise.all(first);
    await soon();
    expect(keeper.saves[1]?.rows).toEqual(['1=c', '3=d']);
    keeper.saves[1]?.done();
    expect(await Promise.all(second)).toEqual([undefined, 1, undefined]);
    expect(keeper.saves).toHaveLength(2);
  });

  it('takes back everything that is not saved when a save fails, and goes on', async () => {
    const saved = rows.put({ id: '1', body: 'kept' });
    await soon();
    keeper.saves[0]?.done();
    await saved;
    const lost = [rows.put({ id: '1', body: 'lost' }), rows.put({ id: '2', body: 'lost' })];
    await soon();
    const later = [rows.remove({}), rows.put({ id: '2', body: 'later' })];
    keeper.saves[1]?.fail();
    for (const outcome of await Promise.allSettled([...lost, ...later])) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'STORAGE_FAILED' } });
    }
    expect(await rows.find()).toEqual([{ id: '1', body: 'kept' }]);
    const again = rows.put({ id: '3', body: 'again' });
    await soon();
    expect(keeper.saves[2]?.rows).toEqual(['1=kept', '3=again']);
    keeper.saves[2]?.done();
    await again;
  });

  it('is copied between two saves, and copies nothing when its keeper cannot', async () => {
    expect(database.copyTo).toBeUndefined();
    const steps: string[] = [];
    let done = (): void => undefined;
    const copy = (folder: string) => {
      steps.push(`copies to ${folder}`);
      return new Promise<void>((resolve) => {
        done = resolve;
      });
    };
    const copying = new TableDatabase('held', Object.assign(keeper, { copy }));
    const table = await copying.open(notes);
    const first = table.put({ id: '1', body: 'a' });
    await soon();
    const copied = copying.copyTo?.('/copy');
    const second = table.put({ id: '2', body: 'b' });
    await soon();
    expect(steps).toEqual([]);
    keeper.saves[0]?.done();
    await first;
    await soon();
    expect([steps, keeper.saves.length]).toEqual([['copies to /copy'], 1]);
    done();
    await copied;
    await soon();
    expect(keeper.saves[1]?.rows).toEqual(['1=a', '2=b']);
    keeper.saves[1]?.done();
    await second;
  });

  it('closes when the last save is done', async () => {
    let closed = false;
    const saving = rows.put({ id: '1', body: 'a' });
    const closing = database.close().then(() => {
      closed = true;
    });
    await soon();
    expect(closed).toBe(false);
    keeper.saves[0]?.done();
    await Promise.all([saving, closing]);
    expect(closed).toBe(true);
  });
});
