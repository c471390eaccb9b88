import {
  type Change,
  type Collection,
  type CollectionSchema,
  type Database,
  isRuntimeError,
  type RowOf,
  SerialQueue,
  sentence,
} from 'waha-runtime';
import { CollectionFormat, type Column, type Stored, storageFailed, testsOf } from 'waha-runtime/storage';
import { SqliteCollection, type Statements } from './collection.ts';
import { damaged, isDamage } from './damage.ts';
import type { Executor, Question, Statement } from './executor.ts';
import { migrate } from './migrate.ts';
import { puttingAll, type Row, remove } from './sql.ts';

/** The `Database` on one SQLite file. What is asked in one turn of the event loop shares a commit. */
export class SqliteDatabase implements Database, Statements {
  readonly driver: string;
  readonly location: string | undefined;
  readonly #executor: Executor;
  readonly #formats = new Map<string, CollectionFormat>();
  readonly #opening = new SerialQueue();
  #closed = false;

  /** `location`: the file, for messages; absent for one in memory. */
  constructor(driver: string, executor: Executor, location?: string) {
    this.driver = driver;
    this.location = location;
    this.#executor = executor;
  }

  async open<C extends Record<string, Column>>(
    schema: CollectionSchema<C>,
  ): Promise<Collection<RowOf<CollectionSchema<C>>>> {
    const format = new CollectionFormat(this.driver, schema);
    // One after the other: each looks at what is there, and changes it. Who opened hears of a failure; the next goes on.
    await this.#opening.run(() => this.#guarded(() => migrate(this.#executor, format)));
    this.#formats.set(schema.name, format);
    return new SqliteCollection<RowOf<CollectionSchema<C>>>(this, format);
  }

  async batch(changes: readonly Change[]): Promise<void> {
    const statements = this.#statementsOf(changes);
    await this.#guarded(async () => {
      if (statements.length === 0) return;
      const tables = new Set(changes.map(({ collection }) => collection));
      await this.#executor.write([...tables], statements);
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#executor.close();
  }

  async change(table: string, statement: Statement): Promise<number> {
    const [changed = 0] = await this.#guarded(() => this.#executor.write([table], [statement]));
    return changed;
  }

  read(table: string, question: Question): Promise<Stored[][]> {
    return this.#guarded(() => this.#executor.read(table, question));
  }

  /** Rows of one collection that follow each other go into statements together: each statement costs as much as some rows. */
  #statementsOf(changes: readonly Change[]): Statement[] {
    const statements: Statement[] = [];
    for (let at = 0; at < changes.length; ) {
      const change = changes[at]!;
      const format = this.#formats.get(change.collection);
      if (format === undefined) throw storageFailed(this.driver, `collection '${change.collection}' is not open`);
      if ('put' in change) {
        const rows = rowsFrom(changes, at, change.collection);
        statements.push(...puttingAll(format, rows));
        at += rows.length;
      } else {
        statements.push(remove(format, testsOf(format, change.remove)));
        at += 1;
      }
    }
    return statements;
  }

  #whyOf(error: unknown): string {
    return isDamage(error) && this.location !== undefined ? damaged(this.location) : sentence(error);
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw storageFailed(this.driver, 'the database is closed');
    try {
      return await work();
    } catch (error) {
      throw isRuntimeError(error) ? error : storageFailed(this.driver, this.#whyOf(error), error);
    }
  }
}

/** The rows that are put into this collection from there on, until something else is to be done. */
const rowsFrom = (changes: readonly Change[], from: number, collection: string): Row[] => {
  const rows: Row[] = [];
  for (let at = from; at < changes.length; at += 1) {
    const change = changes[at]!;
    if (change.collection !== collection || !('put' in change)) break;
    rows.push(change.put);
  }
  return rows;
};
