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
import type { Executor, Question, Statement } from './executor.ts';
import { migrate } from './migrate.ts';
import { putting, remove } from './sql.ts';

/** The `Database` on one SQLite file. What is asked in one turn of the event loop shares a commit. */
export class SqliteDatabase implements Database {
  readonly driver: string;
  readonly #executor: Executor;
  readonly #formats = new Map<string, CollectionFormat>();
  #opening: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(driver: string, executor: Executor) {
    this.driver = driver;
    this.#executor = executor;
  }

  async open<C extends Record<string, Column>>(
    schema: CollectionSchema<C>,
  ): Promise<Collection<RowOf<CollectionSchema<C>>>> {
    const format = new CollectionFormat(this.driver, schema);
    // One after the other: each looks at what is there, and changes it. Who opened hears of a failure; the next goes on.
    const migrated = this.#opening.then(() => this.#guarded(() => migrate(this.#executor, format)));
    this.#opening = migrated.catch(() => undefined);
    await migrated;
    this.#formats.set(schema.name, format);
    return new SqliteCollection<RowOf<CollectionSchema<C>>>(this, format);
  }

  async batch(changes: readonly Change[]): Promise<void> {
    const statements = changes.map((change) => this.#statementOf(change));
    await this.#guarded(async () => {
      if (statements.length === 0) return;
      const tables = changes.map(({ collection }) => collection);
      await this.#executor.write(tables, statements);
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#executor.close();
  }

  /** Runs one statement that changes rows; resolves with how many when it is committed. */
  async change(table: string, statement: Statement): Promise<number> {
    const [changed = 0] = await this.#guarded(() => this.#executor.write([table], [statement]));
    return changed;
  }

  /** Runs a statement that answers with rows: the values of the selected columns. */
  read(table: string, question: Question): Promise<Stored[][]> {
    return this.#guarded(() => this.#executor.read(table, question));
  }

  #statementOf(change: Change): Statement {
    const format = this.#formats.get(change.collection);
    if (format === undefined) throw storageFailed(this.driver, `collection '${change.collection}' is not open`);
    if ('put' in change) return putting(format, change.put);
    return remove(format, testsOf(format, change.remove));
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw storageFailed(this.driver, 'the database is closed');
    try {
      return await work();
    } catch (error) {
      throw isRuntimeError(error) ? error : storageFailed(this.driver, sentence(error), error);
    }
  }
}
