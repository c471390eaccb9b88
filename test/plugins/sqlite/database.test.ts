import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { systemClock } from '../../../core/deadline.ts';
import { defineCollection } from '../../../core/index.ts';
import { SqliteDatabase } from '../../../plugins/sqlite/database.ts';
import type { Statement } from '../../../plugins/sqlite/executor.ts';
import { openSqlite } from '../../../plugins/sqlite/open.ts';
import { describeDatabase } from '../../contract/database.ts';

let folder = '';
const openFolder = async () =>
  openSqlite({ driver: 'sqlite', folder, file: 'waha.db', synchronous: 'normal', clock: systemClock });

describeDatabase(
  'sqlite',
  () => {
    folder = mkdtempSync(join(tmpdir(), 'waha-sqlite-'));
    return openFolder();
  },
  { reopen: openFolder, afterEach: () => rmSync(folder, { recursive: true }) },
);

it('writes the rows of one collection that follow each other in a batch with few statements, in their order', async () => {
  const batches: (readonly Statement[])[] = [];
  const executor = {
    read: async () => [],
    write: async (_: readonly string[], statements: readonly Statement[]) => {
      batches.push(statements);
      return [];
    },
    copy: async () => undefined,
    close: async () => undefined,
  };
  const database = new SqliteDatabase('sqlite', executor);
  const rows = await database.open(
    defineCollection({ name: 'rows', columns: { id: { type: 'integer' } }, key: ['id'] }),
  );
  const puts = Array.from({ length: 21 }, (_, id) => rows.putting({ id }));
  await database.batch([...puts, rows.removing({ id: 7 }), rows.putting({ id: 7 })]);
  const [sixteen, four, one, removal, last] = batches.at(-1) ?? [];
  expect(batches.at(-1)).toHaveLength(5);
  expect([sixteen, four, one].flatMap((statement) => statement?.values)).toEqual(
    Array.from({ length: 21 }, (_, id) => id),
  );
  expect([sixteen, four, one].map((statement) => statement?.values.length)).toEqual([16, 4, 1]);
  expect(removal?.text).toMatch(/^DELETE/);
  expect(last).toEqual({ text: one?.text, values: [7] });
});
