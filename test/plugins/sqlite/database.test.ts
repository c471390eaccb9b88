import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqlite } from '../../../plugins/sqlite/open.ts';
import { describeDatabase } from '../../contract/database.ts';

let folder = '';
const openFolder = async () => openSqlite({ driver: 'sqlite', folder, file: 'waha.db', synchronous: 'normal' });

describeDatabase(
  'sqlite',
  () => {
    folder = mkdtempSync(join(tmpdir(), 'waha-sqlite-'));
    return openFolder();
  },
  { reopen: openFolder, afterEach: () => rmSync(folder, { recursive: true }) },
);
