import type Libsql from 'libsql';
import {
  type Change,
  type Collection,
  CollectionFormat,
  type CollectionSchema,
  type Column,
  type Database,
  isRuntimeError,
  type RowOf,
  type Stored,
  sentence,
  storageFailed,
  testsOf,
} from 'waha-runtime';
import { SqliteCollection } from './collection.ts';
import { GroupCommit } from './group-commit.ts';
import { migrate } from './migrate.ts';
import { putting, remove, type Statement } from './sql.ts';
import type { WriteAheadLog } from './write-ahead-log.ts';

/** How many prepared statements are kept. */
const statementLimit = 500;

/** The `Database` on one SQLite connection. */
export class SqliteDatabase implements Database {
  readonly driver: string;
  readonly #connection: Libsql.Database;
  readonly #commits: GroupCommit;
  readonly #formats = new Map<string, CollectionFormat>();
  readonly #statements = new Map<string, Libsql.Statement<Stored[]>>();
  #closed = false;

  readonly #log: WriteAheadLog | null;

  /** With `log`, a call resolves when that is on disk; without it, when the connection has committed. */
  constructor(driver: string, connection: Libsql.Database, log: WriteAheadLog | null = null) {
    this.driver = driver;
    this.#connection = connection;
    this.#log = log;
    this.#commits = new GroupCommit(connection, log && (() => log.sync()));
  }

  async open<C extends Record<string, Column>>(
    schema: CollectionSchema<C>,
  ): Promise<Collection<RowOf<CollectionSchema<C>>>> {
    const format = new CollectionFormat(this.driver, schema);
    await this.write([schema.name], () => migrate(this.#connection, format));
    this.#formats.set(schema.name, format);
    return new SqliteCollection<RowOf<CollectionSchema<C>>>(this, format);
  }

  async batch(changes: readonly Change[]): Promise<void> {
    this.#assertOpen();
    const steps = changes.map((change) => this.#statementOf(change));
    if (steps.length === 0) return;
    const tables = changes.map(({ collection }) => collection);
    await this.#commit(tables, steps.length, () => {
      for (const step of steps) this.run(step);
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#commits.flush();
    await this.#commits.synced();
    this.#log?.close();
    this.#statements.clear();
    this.#releaseLock();
    this.#connection.close();
  }

  /**
   * libsql closes the file when its last prepared statement is garbage, and would hold the lock until then. SQLite gives
   * an exclusive lock back only outside of WAL; leaving WAL also makes the database a single file that can be copied.
   */
  #releaseLock(): void {
    try {
      this.#connection.pragma('journal_mode = DELETE');
      this.#connection.pragma('locking_mode = NORMAL');
      this.#connection.prepare('SELECT count(*) FROM sqlite_schema').all();
    } catch {
      // Nothing is lost: what was acknowledged is in the write-ahead log.
    }
  }

  /** Runs work that writes; resolves when it is committed. */
  write<T>(tables: readonly string[], work: () => T): Promise<T> {
    return this.#commit(tables, Number.POSITIVE_INFINITY, work);
  }

  /** Runs one statement that changes rows; resolves with how many when it is committed. */
  change(table: string, statement: Statement): Promise<number> {
    return this.#commit([table], 1, () => this.run(statement));
  }

  /** Runs work that reads. */
  async read<T>(table: string, work: () => T): Promise<T> {
    this.#assertOpen();
    try {
      return await this.#commits.read(table, work);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  /** Runs a statement that changes rows, and says how many. */
  run({ text, values }: Statement): number {
    return this.#prepared(text).run(values as unknown as Stored).changes;
  }

  /** Runs a statement that answers with rows: the values of the selected columns. */
  rows({ text, values }: Statement): unknown[][] {
    return this.#prepared(text)
      .raw()
      .all(values as unknown as Stored) as unknown[][];
  }

  async #commit<T>(tables: readonly string[], statements: number, work: () => T): Promise<T> {
    this.#assertOpen();
    try {
      return await this.#commits.write(tables, work, statements);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  #statementOf(change: Change): Statement {
    const format = this.#formats.get(change.collection);
    if (format === undefined) throw storageFailed(this.driver, `collection '${change.collection}' is not open`);
    if ('put' in change) return putting(format, change.put);
    return remove(format, testsOf(format, change.remove));
  }

  #prepared(text: string): Libsql.Statement<Stored[]> {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    const oldest = this.#statements.size < statementLimit ? undefined : this.#statements.keys().next().value;
    if (oldest !== undefined) this.#statements.delete(oldest);
    const statement = this.#connection.prepare<Stored[]>(text);
    this.#statements.set(text, statement);
    return statement;
  }

  #assertOpen(): void {
    if (this.#closed) throw storageFailed(this.driver, 'the database is closed');
  }

  #failure(error: unknown): Error {
    return isRuntimeError(error) ? error : storageFailed(this.driver, sentence(error), error);
  }
}
