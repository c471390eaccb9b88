import pg from 'pg';
import { sentence, unprocessable } from 'waha-runtime';

/** A row of somebody else's table. */
export type PostgresRow = Readonly<Record<string, unknown>>;

/** How many rows are fetched at once. */
const atOnce = 500;
const connectTimeoutMs = 10_000;

/**
 * A PostgreSQL database of another program, to be read. Everything is read within one transaction, as it was at its beginning, and nothing can be
 * written by it.
 */
export class PostgresReader {
  /** Host, port and database, for messages. */
  readonly place: string;
  readonly database: string;
  readonly #client: pg.Client;

  private constructor(client: pg.Client) {
    this.#client = client;
    this.database = client.database ?? '';
    this.place = `${client.host}:${client.port}/${this.database}`;
  }

  /** `database`: in place of the URL's. Rejects with `UNPROCESSABLE` that names the place, never the password. */
  static async open(url: string, database?: string): Promise<PostgresReader> {
    const reader = new PostgresReader(clientOf(url, database));
    try {
      await reader.#client.connect();
      await reader.#client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      return reader;
    } catch (error) {
      await reader.close();
      throw unprocessable(`the database ${reader.place} cannot be read: ${sentence(error)}`);
    }
  }

  async rows(text: string, values: readonly unknown[] = []): Promise<PostgresRow[]> {
    return (await this.#client.query<Record<string, unknown>>(text, [...values])).rows;
  }

  /** As `rows`, some at a time. One at a time may be read. */
  async *each(text: string): AsyncGenerator<PostgresRow> {
    await this.#client.query(`DECLARE rows NO SCROLL CURSOR FOR ${text}`);
    try {
      for (let found = await this.#fetch(); found.length > 0; found = await this.#fetch()) yield* found;
    } finally {
      await this.#client.query('CLOSE rows');
    }
  }

  /** How many other programs have the database open. */
  async otherClients(): Promise<number> {
    const text = `SELECT count(*)::int AS n FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid() AND client_port IS NOT NULL`;
    return Number((await this.rows(text))[0]?.['n'] ?? 0);
  }

  async close(): Promise<void> {
    await this.#client.end().catch(() => undefined);
  }

  async #fetch(): Promise<PostgresRow[]> {
    return this.rows(`FETCH ${atOnce} FROM rows`);
  }
}

const clientOf = (url: string, database?: string): pg.Client => {
  try {
    const address = new URL(url);
    if (database !== undefined) address.pathname = `/${encodeURIComponent(database)}`;
    const client = new pg.Client({ connectionString: address.href, connectionTimeoutMillis: connectTimeoutMs });
    // A connection that is lost is told by the query that waits for it.
    client.on('error', () => undefined);
    return client;
  } catch {
    throw unprocessable('the address of the database is no URL like postgres://user:password@host:5432/database');
  }
};

/** A name as it stands in a statement. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
