import type Libsql from 'libsql';
import type { Stored } from 'waha-runtime/storage';
import { copyApart } from './copy-apart.ts';
import { DatabaseLog } from './database-log.ts';
import type { Executor, Question, Statement } from './executor.ts';
import { GroupCommit } from './group-commit.ts';
import type { RedoLog } from './redo-log.ts';
import { textOf } from './stored-text.ts';

/** How many prepared statements are kept. */
const statementLimit = 500;

/** Which columns of the collections ever could hold null (`migrate.ts`). No collection's name begins with `_`. */
const createNullable =
  'CREATE TABLE IF NOT EXISTS _nullable (collection TEXT, name TEXT, PRIMARY KEY (collection, name))';

/** The one connection to a file. */
export class SqliteConnection implements Executor {
  readonly #connection: Libsql.Database;
  readonly #log: DatabaseLog | null;
  readonly #commits: GroupCommit;
  readonly #statements = new Map<string, Libsql.Statement<unknown[]>>();
  /** Copies under way; one that failed is none. */
  #copying: Promise<unknown> = Promise.resolve();

  /**
   * With a log a write resolves when that is on disk; without one, when the connection has committed. What a former process
   * left in the log is run here. Throws when the log is not what belongs to the database.
   */
  constructor(connection: Libsql.Database, log: RedoLog | null = null) {
    connection.exec(createNullable);
    this.#connection = connection;
    this.#log = log && new DatabaseLog(connection, log, (statement) => void this.#run(statement, 0));
    this.#commits = new GroupCommit(connection, this.#log);
  }

  /** Whether a sync failed: nothing more is written. */
  get unsynced(): boolean {
    return this.#commits.broken;
  }

  write(tables: readonly string[], statements: readonly Statement[]): Promise<number[]> {
    const work = () => statements.map((statement, place) => this.#run(statement, place));
    return this.#commits.write(tables, statements, work);
  }

  read(table: string, question: Question): Promise<Stored[][]> {
    return this.#commits.read(table, () => this.#rows(question));
  }

  /** One at a time. Reading and writing go on. */
  copy(target: string): Promise<void> {
    const copying = this.#copying.then(() => this.#copy(target));
    this.#copying = copying.catch(() => undefined);
    return copying;
  }

  async close(): Promise<void> {
    await this.#copying;
    this.#commits.flush();
    await this.#commits.synced();
    this.#finish();
    this.#statements.clear();
    releaseLock(this.#connection);
    this.#connection.close();
  }

  /** Pages that do not fit into SQLite's memory would go to the file before their commit. */
  async #copy(target: string): Promise<void> {
    const [[, , name = ''] = []] = this.#connection.prepare('PRAGMA database_list').raw().all() as string[][];
    await this.#commits.holding(async () => {
      this.#connection.pragma('cache_spill = OFF');
      try {
        await copyApart(name, target);
      } finally {
        this.#connection.pragma('cache_spill = ON');
      }
    });
  }

  #run({ text, values, must }: Statement, place: number): number {
    const prepared = this.#prepared(text);
    if (must === undefined) return prepared.run(values).changes;
    const [found] = must === 'change' ? [prepared.run(values).changes || null] : firstOf(prepared.raw().get(values));
    if (typeof found === 'number') return found;
    throw Object.assign(new Error('a condition does not hold'), { code: 'NOT_HELD', place });
  }

  /** What cannot be committed now is in the log, and is run when the file is opened again. */
  #finish(): void {
    let isDone = false;
    try {
      this.#log?.finish();
      this.#commits.takeOver();
      isDone = !this.#commits.broken;
    } catch {
      // The next one to open the file finds the log.
    }
    this.#log?.close(isDone);
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
}

const firstOf = (row: unknown): readonly unknown[] => (Array.isArray(row) ? row : []);

/**
 * libsql closes the file when its last prepared statement is garbage, and would hold the lock until then. SQLite gives
 * an exclusive lock back with the first read after it was told to. The journal goes: a single file can be copied.
 */
export const releaseLock = (connection: Libsql.Database): void => {
  try {
    if (connection.inTransaction) connection.exec('ROLLBACK');
    connection.pragma('journal_mode = DELETE');
    connection.pragma('locking_mode = NORMAL');
    connection.prepare('SELECT count(*) FROM sqlite_schema').all();
  } catch {
    // Nothing is lost: what was acknowledged is in the database or in the log.
  }
};
