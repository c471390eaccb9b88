import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { systemClock } from '../../../core/deadline.ts';
import { openSqlite } from '../../../plugins/sqlite/open.ts';
import { expectWholeBatches, killWriter } from '../../contract/database-crash.ts';

const child = fileURLToPath(new URL('writing-child.ts', import.meta.url));

it('keeps every acknowledged batch whole over kill -9, refuses a second process and opens again at once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'waha-sqlite-'));
  const open = (busyTimeoutMs: number) =>
    openSqlite({ driver: 'sqlite', folder, file: 'waha.db', synchronous: 'full', busyTimeoutMs, clock: systemClock });
  try {
    const first = await killWriter(child, folder, 40, async () => {
      await expect(open(10)).rejects.toThrow(/waha\.db is in use by another process/);
    });
    const second = await killWriter(child, folder, 67);
    const database = await open(0);
    await expectWholeBatches(database, [...first, ...second]);
    await database.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 60_000); // starts two processes
