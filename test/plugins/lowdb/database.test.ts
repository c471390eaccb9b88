import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLowdb } from '../../../plugins/lowdb/open.ts';
import { describeDatabase } from '../../contract/database.ts';
import { recordingLog } from '../../support/log.ts';

let folder = '';
const openFolder = () => openLowdb({ driver: 'lowdb', folder, lock: true, log: recordingLog() });

describeDatabase(
  'lowdb',
  () => {
    folder = mkdtempSync(join(tmpdir(), 'waha-lowdb-'));
    return openFolder();
  },
  { reopen: openFolder, afterEach: () => rmSync(folder, { recursive: true }) },
);
