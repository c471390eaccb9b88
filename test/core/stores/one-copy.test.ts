import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Database } from '../../../core/index.ts';
import { claimMarks } from '../../../core/stores/one-copy.ts';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';

const at = (location: string, shared = false): Database => {
  const { open, batch, close } = memoryDatabase();
  return { driver: 'sqlite', location, shared, open, batch, close };
};

// The kernel of macOS and the BSDs has no names that go with their process.
describe.runIf(['linux', 'win32'].includes(process.platform))('two databases with one mark', () => {
  const mark = randomUUID();
  const other = randomUUID();

  it('are not used at once; what was taken with the refused one is free again', async () => {
    const release = await claimMarks([{ database: at('/data/waha.db'), mark }]);
    const copy = [
      { database: at('/copy/lowdb'), mark: other },
      { database: at('/copy/waha.db'), mark },
    ];
    await expect(claimMarks(copy)).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringContaining('/copy/waha.db is a copy of what another server on this machine runs with'),
    });
    await release();
    await (await claimMarks(copy))();
    await (await claimMarks(copy))();
  });

  it('are, where several processes share a database', async () => {
    const releases = await Promise.all([1, 2].map(() => claimMarks([{ database: at('db.example.org', true), mark }])));
    for (const release of releases) await release();
  });
});
