import { openLowdb } from '../../../plugins/lowdb/open.ts';
import { writeUntilKilled } from '../../contract/write-until-killed.ts';
import { silentLog } from '../../support/log.ts';

const folder = process.argv[2] ?? '';
await writeUntilKilled(await openLowdb({ driver: 'lowdb', folder, lock: true, log: silentLog }));
