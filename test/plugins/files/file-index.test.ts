import { expect, it } from 'vitest';
import type { Change, Database } from '../../../core/index.ts';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import { FileIndex } from '../../../plugins/files/file-index.ts';

/** A database whose batches are made, and fail all the same: nobody heard of their end. */
const unheard = (): Database => {
  const inner = memoryDatabase();
  return {
    driver: 'unheard',
    open: (schema) => inner.open(schema),
    batch: async (changes: readonly Change[]) => {
      await inner.batch(changes);
      throw new Error('its thread has died');
    },
    close: () => inner.close(),
  };
};

it('a session has no files any more when a removal failed and was made all the same', async () => {
  const index = await FileIndex.open(unheard());
  const row = {
    ...{ session: 'ana', name: 'a.txt', mimetype: 'text/plain', filename: null, size: 3, sha256: null },
    ...{ storedAt: 0, since: 0, checkAt: 0 },
  };
  await index.put(row);
  await expect(index.remove([row])).rejects.toThrow('its thread has died');
  expect(index.sessions).toEqual(['ana']);
  expect(await index.ofSession('ana')).toEqual([]);
  expect([index.sessions, index.count, index.bytes]).toEqual([[], 0, 0]);
});
