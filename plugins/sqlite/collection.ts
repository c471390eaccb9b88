import { type Collection, mapInTurns, type Where } from 'waha-runtime';
import {
  type CollectionFormat,
  type Query,
  type Selection,
  Steps,
  type Stored,
  type StoredRow,
  selectionOf,
  testsOf,
} from 'waha-runtime/storage';
import type { Question, Statement } from './executor.ts';
import { count, putting, remove, select, textsOf } from './sql.ts';

/** The database, as far as one of its tables needs it. */
export interface Statements {
  /** Runs one statement that changes rows; resolves with how many when it is committed. */
  change(table: string, statement: Statement): Promise<number>;
  /** Runs a statement that answers with rows: the values of the selected columns. */
  read(table: string, question: Question): Promise<Stored[][]>;
}

/** One table of a `SqliteDatabase`. */
export class SqliteCollection<R> extends Steps<R> implements Collection<R> {
  readonly #database: Statements;
  readonly #format: CollectionFormat;

  constructor(database: Statements, format: CollectionFormat) {
    super(format.schema.name);
    this.#database = database;
    this.#format = format;
  }

  async get(key: Partial<R>): Promise<R | null> {
    this.#format.key(key);
    const tests = testsOf(this.#format, key);
    const [row] = await this.#select({ tests, order: [], limit: null, offset: 0 });
    return row ?? null;
  }

  async find(query: Query<R> = {}): Promise<R[]> {
    return this.#select(selectionOf(this.#format, query));
  }

  async count(where: Where<R> = {}): Promise<number> {
    const statement = count(this.#format, testsOf(this.#format, where));
    const [row] = await this.#database.read(this.name, statement);
    return Number(row?.[0]);
  }

  async texts(column: keyof R & string, after: string, limit: number): Promise<string[]> {
    const rows = await this.#database.read(this.name, textsOf(this.#format, column, after, limit));
    return rows.map(([value]) => String(value));
  }

  async put(row: R): Promise<void> {
    const statement = putting(this.#format, row as Record<string, unknown>);
    await this.#database.change(this.name, statement);
  }

  async remove(where: Where<R>): Promise<number> {
    const statement = remove(this.#format, testsOf(this.#format, where));
    return this.#database.change(this.name, statement);
  }

  async #select(selection: Selection): Promise<R[]> {
    const rows = await this.#database.read(this.name, select(this.#format, selection));
    return mapInTurns(rows, (values) => this.#row(values));
  }

  #row(values: readonly Stored[]): R {
    const stored: StoredRow = {};
    for (const [place, name] of this.#format.columns.entries()) stored[name] = values[place] ?? null;
    return this.#format.decode(stored) as R;
  }
}
