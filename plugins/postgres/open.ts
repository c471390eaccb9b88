import pg from 'pg';
import { type Clock, type Log, sentence } from 'waha-runtime';
import { storageFailed } from 'waha-runtime/storage';
import { PostgresDatabase } from './database.ts';
import { Link } from './link.ts';
import { prepareSchema } from './migrate.ts';

export interface PostgresOptions {
  /** The plugin's name. */
  readonly driver: string;
  readonly connection: pg.ClientConfig;
  readonly schema: string;
  readonly readers: number;
  readonly pooled: boolean;
  readonly clock: Clock;
  readonly log: Pick<Log, 'warn' | 'info'>;
}

/** How long what is urgent may wait for an answer, before another connection is tried (ms). */
const urgentPatience = 3_000;

/** Connects, and makes the schema if it is not there. Rejects with `STORAGE_FAILED` that names the server and says why. */
export const openPostgres = async (options: PostgresOptions): Promise<PostgresDatabase> => {
  const { driver, connection, schema, readers, pooled, clock, log } = options;
  const location = placeOf(connection, schema);
  const link = (patience?: number) => new Link({ connection, pooled, clock, log, ...(patience ? { patience } : {}) });
  const links = {
    writer: link(),
    urgent: link(urgentPatience),
    readers: Array.from({ length: readers }, () => link()),
  };
  try {
    await prepareSchema(links.readers[0]!, schema);
    await links.writer.rows({ text: 'SELECT 1', values: [] });
  } catch (cause) {
    await Promise.all([links.writer, links.urgent, ...links.readers].map((one) => one.close()));
    throw storageFailed(driver, `${location} cannot be opened: ${sentence(cause)}`, cause);
  }
  return new PostgresDatabase(driver, location, schema, links);
};

/** Server, database and schema, without user and password. */
const placeOf = (connection: pg.ClientConfig, schema: string): string => {
  const { host, port, database } = new pg.Client(connection);
  return `postgres://${host}:${port}/${database ?? ''} (schema ${schema})`;
};
