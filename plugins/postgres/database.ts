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
import { CollectionFormat, type Column, storageFailed } from 'waha-runtime/storage';
import { PostgresCollection, type Statements } from './collection.ts';
import { GroupCommit } from './group-commit.ts';
import type { Link } from './link.ts';
import { migrate } from './migrate.ts';
import { type Step, stepsOf } from './ops.ts';
import type { Statement } from './sql.ts';
import { quoted, type Table } from './table.ts';

export interface Links {
  readonly writer: Link;
  /** For collections that are urgent. */
  readonly urgent: Link;
  /** One at least. */
  readonly readers: readonly Link[];
}

/** The `Database` on a schema of a PostgreSQL database, which several processes may use at once. */
export class PostgresDatabase implements Database, Statements {
  readonly driver: string;
  readonly location: string;
  readonly shared = true;
  readonly #schema: string;
  readonly #links: Links;
  readonly #commits: GroupCommit;
  readonly #urgent: GroupCommit;
  readonly #tables = new Map<string, Table>();
  readonly #opening = new SerialQueue();
  #next = 0;
  #closed: Promise<void> | null = null;

  /** `location`: server, database and schema, for messages. */
  constructor(driver: string, location: string, schema: string, links: Links) {
    this.driver = driver;
    this.location = location;
    this.#schema = schema;
    this.#links = links;
    this.#commits = new GroupCommit(driver, links.writer);
    this.#urgent = new GroupCommit(driver, links.urgent);
  }

  /** Why nothing can be written at present, or null. */
  get failure(): string | null {
    return this.#links.writer.failure;
  }

  /** How many batches wait for a commit. */
  get waiting(): number {
    return this.#commits.depth;
  }

  async open<C extends Record<string, Column>>(
    schema: CollectionSchema<C>,
  ): Promise<Collection<RowOf<CollectionSchema<C>>>> {
    const format = new CollectionFormat(this.driver, schema);
    const { name } = format.schema;
    const table = { format, name: `${quoted(this.#schema)}.${quoted(name)}` };
    await this.#opening.run(() => this.#guarded(() => migrate(this.#links.readers[0]!, this.#schema, table)));
    // Whoever opens again writes to the same table: what it asks for has its place behind what others asked for.
    const known = this.#tables.get(name);
    const same = known !== undefined && isSame(known, table) ? known : table;
    this.#tables.set(name, same);
    return new PostgresCollection<RowOf<CollectionSchema<C>>>(this, same);
  }

  async batch(changes: readonly Change[]): Promise<void> {
    const steps = stepsOf(changes, (collection) => {
      const table = this.#tables.get(collection);
      if (table === undefined) throw storageFailed(this.driver, `collection '${collection}' is not open`);
      return table;
    });
    await this.write(steps);
  }

  async write(steps: readonly Step[]): Promise<void> {
    await this.#guarded(async () => {
      if (steps.length === 0) return;
      const lane = steps.every(({ table }) => isUrgent(table)) ? this.#urgent : this.#commits;
      await lane.write(steps);
    });
  }

  read(table: Table, statement: Statement): Promise<unknown[][]> {
    return this.#guarded(async () => {
      await Promise.all([this.#commits.settled(table), this.#urgent.settled(table)]);
      if (isUrgent(table)) return this.#links.urgent.rows(statement);
      this.#next = (this.#next + 1) % this.#links.readers.length;
      return this.#links.readers[this.#next]!.rows(statement);
    });
  }

  close(): Promise<void> {
    this.#closed ??= (async () => {
      await Promise.all([this.#commits.idle(), this.#urgent.idle()]);
      const { writer, urgent, readers } = this.#links;
      await Promise.all([writer, urgent, ...readers].map((link) => link.close()));
    })();
    return this.#closed;
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed !== null) throw storageFailed(this.driver, 'the database is closed');
    try {
      return await work();
    } catch (error) {
      throw isRuntimeError(error) ? error : storageFailed(this.driver, `${this.location}: ${sentence(error)}`, error);
    }
  }
}

const isUrgent = ({ format }: Table): boolean => format.schema.urgent === true;

const isSame = (left: Table, right: Table): boolean =>
  JSON.stringify(left.format.schema) === JSON.stringify(right.format.schema);
