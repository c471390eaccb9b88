import { beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../core/index.ts';
import { CollectionAuthStore } from '../../../core/stores/auth-store.ts';
import { timeLimit } from '../../../core/stores/time-limit.ts';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import { SimulatedClock } from '../../support/clock.ts';
import { recordingLog } from '../../support/log.ts';

let database: Database;
const open = (restoredAt?: number): Promise<CollectionAuthStore> => {
  const within = timeLimit('memory', new SimulatedClock(), 10_000);
  return CollectionAuthStore.open(database, within, recordingLog(), { restoredAt });
};
const credentials = { value: new Uint8Array([1]), linked: true };

beforeEach(async () => {
  database = memoryDatabase();
  const store = await open();
  for (const session of ['a', 'b']) await store.open(session).commit({ credentials });
});

describe('accounts of a copy', () => {
  it('are none in the original, once the copy is made or has failed', async () => {
    const store = await open();
    await store.whileCopied(7, async () => undefined);
    await expect(store.whileCopied(8, () => Promise.reject(new Error('disk full')))).rejects.toThrow('disk full');
    expect([store.open('a').copiedAt, (await open()).open('a').copiedAt]).toEqual([null, null]);
  });

  it('are known in what was copied meanwhile, each until it is renewed, over restarts', async () => {
    const [original] = [await open()];
    await original.whileCopied(7, async () => {
      const copy = await open();
      const [a, b] = [copy.open('a'), copy.open('b')];
      expect([a.copiedAt, b.copiedAt, copy.open('new').copiedAt]).toEqual([7, 7, null]);
      await a.commit({ keys: [{ type: 'session', id: 'x', value: credentials.value }] });
      expect(a.copiedAt).toBe(7);
      await a.commit({ credentials, renewed: true });
      expect(a.copiedAt).toBeNull();
      const again = await open();
      expect([again.open('a').copiedAt, again.open('b').copiedAt]).toEqual([null, 7]);
    });
  });

  it('are no longer once their keys are gone or moved aside', async () => {
    const store = await open(7);
    await store.clear('a');
    await store.archive('b');
    for (const session of ['a', 'b']) await store.open(session).commit({ credentials });
    const again = await open();
    expect([store.open('a').copiedAt, again.open('a').copiedAt, again.open('b').copiedAt]).toEqual([null, null, null]);
  });

  it('are all where somebody says that the database is a copy', async () => {
    expect((await open(9)).open('b').copiedAt).toBe(9);
    expect((await open()).open('b').copiedAt).toBe(9);
  });
});
