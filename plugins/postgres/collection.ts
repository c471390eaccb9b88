import { type Collection, mapInTurns, type Where } from 'waha-runtime';
import {
  type Query,
  type Selection,
  Steps,
  type Stored,
  type StoredRow,
  selectionOf,
  testsOf,
} from 'waha-runtime/storage';
import type { Step } from './ops.ts';
import { stepsOf } from './ops.ts';
import { count, type Statement, select } from './sql.ts';
import { received, type Table } from './table.ts';

/** The database, as far as one of its tables needs it. */
export interface Statements {
  write(steps: readonly Step[]): Promise<void>;
  read(table: Table, statement: Statement): Promise<unknown[][]>;
}

/** One table of a `PostgresDatabase`. */
export class PostgresCollection<R> extends Steps<R> implements Collection<R> {
  readonly #database: Statements;
  readonly #table: Table;

  constructor(database: Statements, table: Table) {
    super(table.format.schema.name);
    this.#database = database;
    this.#table = table;
  }

  async get(key: Partial<R>): Promise<R | null> {
    const { format } = this.#table;
    format.key(key);
    const [row] = await this.#select({ tests: testsOf(format, key), order: [], limit: 1, offset: 0 });
    return row ?? null;
  }

  async find(query: Query<R> = {}): Promise<R[]> {
    return this.#select(selectionOf(this.#table.format, query));
  }

  async count(where: Where<R> = {}): Promise<number> {
    const statement = count(this.#table, testsOf(this.#table.format, where));
    const [row] = await this.#database.read(this.#table, statement);
    return Number(row?.[0]);
  }

  async put(row: R): Promise<void> {
    await this.#database.write(stepsOf([this.putting(row as never)], () => this.#table));
  }

  async remove(where: Where<R>): Promise<number> {
    let count = 0;
    const removed = (rows: number): void => {
      count = rows;
    };
    const tests = testsOf(this.#table.format, where);
    await this.#database.write([{ kind: 'remove', table: this.#table, at: 0, tests, removed }]);
    return count;
  }

  async #select(selection: Selection): Promise<R[]> {
    const rows = await this.#database.read(this.#table, select(this.#table, selection));
    return mapInTurns(rows, (values) => this.#row(values as Stored[]));
  }

  #row(values: readonly Stored[]): R {
    const { format } = this.#table;
    const stored: StoredRow = {};
    for (const [place, name] of format.columns.entries())
      stored[name] = received(format.column(name).type, values[place]);
    return format.decode(stored) as R;
  }
}
