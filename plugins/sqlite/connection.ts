import type Libsql from 'libsql';
import type { Stored } from 'waha-runtime/storage';
import type { Executor, Question, Statement } from './executor.ts';
import { GroupCommit } from './group-commit.ts';
import type { WriteAheadLog } from './write-ahead-log.ts';

/** How many prepared statements are kept. */
const statementLimit = 500;

/** Which columns of the collections ever could hold null (`migrate.ts`). No collection's name begins with `_`. */
const createNullable =
  'CREATE TABLE IF NOT EXISTS _nullable (collection TEXT, name TEXT, PRIMARY KEY (collection, name))';

/** The one connection to a file. */
export class SqliteConnection implements Executor {
  readonly #connection: Libsql.Database;
  readonly #log: WriteAheadLog | null;
  readonly #commits: GroupCommit;
  readonly #statements = new Map<string, Libsql.Statement<unknown[]>>();

  /** With `log`, a write resolves when that is on disk; without it, when the connection has committed. */
  constructor(connection: Libsql.Database, log: WriteAheadLog | null = null) {
    connection.exec(createNullable);
    this.#connection = connection;
    this.#log = log;
    this.#commits = new GroupCommit(connection, log && (() => log.sync()));
  }

  /** Whether a sync of the log failed: nothing more is written. */
  get unsynced(): boolean {
    return this.#commits.broken;
  }

  write(tables: readonly string[], statements: readonly Statement[]): Promise<number[]> {
    const work = () => statements.map((statement, place) => this.#run(statement, place));
    return this.#commits.write(tables, work, statements.length);
  }

  read(table: string, question: Question): Promise<Stored[][]> {
    return this.#commits.read(table, () => this.#rows(question));
  }

  async close(): Promise<void> {
    this.#commits.flush();
    await this.#commits.synced();
    this.#log?.close();
    this.#statements.clear();
    this.#releaseLock();
    this.#connection.close();
  }

  #run({ text, values, must }: Statement, place: number): number {
    const prepared = this.#prepared(text);
    if (must === undefined) return prepared.run(values).changes;
    const [found] = must === 'change' ? [prepared.run(values).changes || null] : firstOf(prepared.raw().get(values));
    if (typeof found === 'number') return found;
    throw Object.assign(new Error('a condition does not hold'), { code: 'NOT_HELD', place });
  }

  #rows({ text, values, texts }: Question): Stored[][] {
    const rows = this.#prepared(text).raw().all(values) as Stored[][];
    for (const row of rows) for (const place of texts) row[place] = textOf(row[place]);
    return rows;
  }

  #prepared(text: string): Libsql.Statement<unknown[]> {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    const oldest = this.#statements.size < statementLimit ? undefined : this.#statements.keys().next().value;
    if (oldest !== undefined) this.#statements.delete(oldest);
    const statement = this.#connection.prepare<unknown[]>(text);
    this.#statements.set(text, statement);
    return statement;
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
}

const firstOf = (row: unknown): readonly unknown[] => (Array.isArray(row) ? row : []);

const textOf = (value: Stored | undefined): Stored =>
  value instanceof Uint8Array
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString()
    : (value ?? null);
