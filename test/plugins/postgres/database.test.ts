import { afterAll, beforeAll, describe } from 'vitest';
import { systemClock } from '../../../core/deadline.ts';
import { openPostgres } from '../../../plugins/postgres/open.ts';
import { describeDatabase } from '../../contract/database.ts';
import { recordingLog } from '../../support/log.ts';
import { hasPostgres, PostgresServer } from '../../support/postgres.ts';

describe.runIf(hasPostgres)('PostgreSQL', () => {
  let server: PostgresServer;
  let schema = 0;
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server?.close());

  const open = () =>
    openPostgres({
      driver: 'postgres',
      connection: { connectionString: server.url },
      schema: `deployment_${schema}`,
      readers: 1,
      pooled: false,
      clock: systemClock,
      log: recordingLog(),
    });
  describeDatabase(
    'postgres',
    () => {
      schema += 1;
      return open();
    },
    { reopen: open },
  );
});
