import { systemClock } from '../../../core/deadline.ts';
import { openSqlite } from '../../../plugins/sqlite/open.ts';
import { writeUntilKilled } from '../../contract/write-until-killed.ts';

const folder = process.argv[2] ?? '';
await writeUntilKilled(
  await openSqlite({ driver: 'sqlite', folder, file: 'waha.db', synchronous: 'full', clock: systemClock }),
);
