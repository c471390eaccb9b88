import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { TableDatabase } from 'waha-runtime/storage';
import { createTestHost } from 'waha-runtime/testing';
import { describeDatabase } from 'waha-runtime/testing/conformance';
import snapshotDatabase from '../index.ts';
import { SnapshotFile } from '../snapshot-file.ts';

let folder = '';
const newFolder = (): void => {
  folder = mkdtempSync(join(tmpdir(), 'snapshot-'));
};
const openAgain = async () => new TableDatabase('snapshot', await SnapshotFile.open(join(folder, 'db')));
const removeFolder = (): void => rmSync(folder, { recursive: true });

describeDatabase(
  'snapshot',
  () => {
    newFolder();
    return openAgain();
  },
  { reopen: openAgain, afterEach: removeFolder },
);

it('keeps the sessions of a whole runtime over a restart', async () => {
  newFolder();
  const plugins = [{ use: snapshotDatabase, config: { file: join(folder, 'db') } }];
  const before = await createTestHost({ plugins, sessions: ['sales'] });
  await before.close();
  const after = await createTestHost({ plugins, sessions: [] });
  expect(after.sessions.list().map(({ name }) => name)).toEqual(['sales']);
  await after.close();
  removeFolder();
});
