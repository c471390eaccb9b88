import { describe, expect, it } from 'vitest';
import { type Database, defineCollection } from '../../contracts/storage.ts';
import { sample, samples } from './samples.ts';

const columns = { id: { type: 'text' }, body: { type: 'text' } } as const;
const notes = defineCollection({ name: 'notes', columns, key: ['id'] });
const richerNotes = defineCollection({
  name: 'notes',
  columns: {
    ...columns,
    title: { type: 'text' },
    stars: { type: 'integer' },
    score: { type: 'real' },
    picture: { type: 'bytes' },
    tags: { type: 'json' },
    author: { type: 'text', nullable: true },
  },
  key: ['id'],
  indexes: [['author'], ['stars', 'title']],
});
const filled = { title: '', stars: 0, score: 0, picture: new Uint8Array(), tags: null, author: null };

/** What outlives a close, and how a schema may change. */
export const describeDurability = (
  database: () => Database,
  replace: (next: Database) => void,
  reopen: (() => Promise<Database>) | undefined,
): void => {
  const again = async (): Promise<void> => {
    if (reopen === undefined) return;
    await database().close();
    replace(await reopen());
  };

  describe.runIf(reopen !== undefined)('durability', () => {
    it('keeps rows of every type over a close', async () => {
      const row = sample({ group: 'é\0', label: '\u{1f680}', size: -1, weight: 0.1, data: new Uint8Array([0, 255]) });
      const other = sample({ group: '', id: 2 ** 53, extra: [{ a: null }] });
      const rows = await database().open(samples);
      await database().batch([rows.putting(row), rows.putting(other)]);
      await rows.put(sample({ group: 'gone' }));
      await rows.remove({ group: 'gone' });
      await again();
      const reopened = await database().open(samples);
      expect(await reopened.find({ orderBy: [{ column: 'group' }] })).toEqual([other, row]);
    });

    it('flushes what was not awaited before it closes', async () => {
      const rows = await database().open(samples);
      const saving = Array.from({ length: 20 }, (_, id) => rows.put(sample({ id })));
      await again();
      await Promise.all(saving);
      expect(await (await database().open(samples)).count()).toBe(20);
    });
  });

  describe('schemas', () => {
    it('open twice in one process on the same rows', async () => {
      const [first, second] = await Promise.all([database().open(samples), database().open(samples)]);
      await first.put(sample());
      expect(await second.find()).toEqual([sample()]);
    });

    it('gain columns, filled with the empty value of their type, and indexes', async () => {
      await (await database().open(notes)).put({ id: '1', body: 'old' });
      await again();
      const rows = await database().open(richerNotes);
      expect(await rows.find()).toEqual([{ id: '1', body: 'old', ...filled }]);
      expect(await rows.find({ where: { stars: 0, title: '', author: null } })).toHaveLength(1);
      const full = { ...filled, id: '2', body: 'new', title: 't', stars: 3, author: 'me' };
      await rows.put(full);
      await again();
      const reopened = await database().open(richerNotes);
      expect(await reopened.find({ where: { author: 'me' } })).toEqual([full]);
    });

    it('change an index for another, and rows keep their order', async () => {
      const ordered = (column: 'id' | 'stars') =>
        defineCollection({ ...richerNotes, indexes: [['title', column]] as const });
      const rows = await database().open(ordered('id'));
      const stars = [3, 1, 2, 1];
      await database().batch(
        stars.map((count, id) => rows.putting({ ...filled, id: `${id}`, body: '', stars: count })),
      );
      await again();
      const changed = await database().open(ordered('stars'));
      const ids = async (descending: boolean, page: { readonly limit?: number; readonly offset?: number } = {}) => {
        const orderBy = [
          { column: 'stars', descending },
          { column: 'id', descending },
        ] as const;
        return (await changed.find({ where: { title: '' }, orderBy, ...page })).map(({ id }) => id);
      };
      expect(await ids(false)).toEqual(['1', '3', '2', '0']);
      expect(await ids(true, { limit: 2, offset: 1 })).toEqual(['2', '3']);
    });

    it('stay readable for an older program, which loses nothing of the newer one', async () => {
      const full = { ...filled, id: '1', body: 'new', title: 't', stars: 3 };
      await (await database().open(richerNotes)).put(full);
      await again();
      const older = await database().open(notes);
      expect(await older.find()).toEqual([{ id: '1', body: 'new' }]);
      await older.put({ id: '1', body: 'changed' });
      await again();
      expect(await (await database().open(richerNotes)).find()).toEqual([{ ...full, body: 'changed' }]);
    });

    it('may let a column be null, and take that back', async () => {
      const loose = { ...notes, columns: { ...columns, body: { type: 'text', nullable: true } } } as const;
      await (await database().open(notes)).put({ id: '1', body: 'x' });
      await again();
      const rows = await database().open(loose);
      await rows.put({ id: '2', body: null });
      await again();
      const strict = await database().open(notes);
      expect(await strict.find({ where: { body: '' } })).toEqual([{ id: '2', body: '' }]);
    });

    it('refuse another type for a column that is there', async () => {
      await (await database().open(notes)).put({ id: '1', body: 'x' });
      await again();
      const changed = { ...notes, columns: { ...columns, body: { type: 'bytes' } } } as const;
      await expect(database().open(changed)).rejects.toThrow(/notes.*'body'/);
      const json = { ...notes, columns: { ...columns, body: { type: 'json' } } } as const;
      await expect(database().open(json)).rejects.toThrow(/notes.*'body'/);
    });

    it('refuse another key', async () => {
      await (await database().open(notes)).put({ id: '1', body: 'x' });
      await again();
      await expect(database().open({ ...notes, key: ['id', 'body'] })).rejects.toThrow(/notes.*key/);
    });
  });
};
