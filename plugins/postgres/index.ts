import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type pg from 'pg';
import { configInvalid, definePlugin, Points, sentence, Tokens } from 'waha-runtime';
import { PostgresConfig } from './config.ts';
import { openPostgres } from './open.ts';

/** A database on a PostgreSQL server: for data that outgrow one machine, and for several processes. */
export default definePlugin({
  name: 'postgres',
  description: 'Keeps data in PostgreSQL, for one process or several',
  config: PostgresConfig,
  needs: { clock: Tokens.Clock },
  contributesFirst: [Points.Database],
  sharesDatabase: true,
  async setup({ name, config, baseDir, services: { clock }, contribute, onClose, log }) {
    const connection = connectionOf(config, baseDir);
    const { schema, readers, pooled } = config;
    const database = await openPostgres({ driver: name, connection, schema, readers, pooled, clock, log });
    contribute(Points.Database, database);
    contribute(Points.HealthIndicator, {
      name,
      check: () => (database.failure === null ? { status: 'up' } : { status: 'down', message: database.failure }),
    });
    onClose(() => database.close());
  },
});

const connectionOf = ({ url, tls, connectTimeout }: PostgresConfig, baseDir: string): pg.ClientConfig => {
  const address = parsed(url);
  if (tls && address.searchParams.has('sslmode')) {
    throw configInvalid('tls: the URL has a sslmode, too; keep one of them');
  }
  const read = (name: 'ca' | 'cert' | 'key'): Record<string, string> => {
    const file = tls?.[name];
    if (file === undefined) return {};
    try {
      return { [name]: readFileSync(resolve(baseDir, file), 'utf8') };
    } catch (error) {
      throw configInvalid(`tls.${name}: ${sentence(error)}`);
    }
  };
  const ssl = tls && { ssl: { rejectUnauthorized: tls.verify, ...read('ca'), ...read('cert'), ...read('key') } };
  return {
    connectionString: url,
    connectionTimeoutMillis: connectTimeout * 1_000,
    keepAlive: true,
    application_name: 'waha-runtime',
    ...ssl,
  };
};

/** The message never holds the URL: a password is in it. */
const parsed = (url: string): URL => {
  try {
    return new URL(url);
  } catch {
    throw configInvalid('url: is no URL; characters such as @ or / in user and password are written as %40 or %2F');
  }
};
