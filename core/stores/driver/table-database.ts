import type {
  Change,
  Collection,
  CollectionSchema,
  Column,
  Database,
  Query,
  RowOf,
  Where,
} from '../../contracts/storage.ts';
import { isRuntimeError, storageFailed } from '../../errors.ts';
import { selectionOf, testsOf } from './conditions.ts';
import { CollectionFormat } from './format.ts';
import { Table, type Undo } from './table.ts';

/** Where a `TableDatabase` keeps its tables. */
export interface TableKeeper {
  /** As in `Database`. */
  readonly location?: string | undefined;
  readonly missing?: readonly string[] | undefined;
  locate?(collection: string, text: string): Promise<string | null>;
  /** The table as it was saved last, or null when it never was. */
  load(name: string): Promise<Table | null>;
  /**
   * Saves these tables, all or nothing, durably. Called for one group of changes at a time. After a rejection the
   * tables are as they were before, and what the medium may have kept of the attempt is overwritten by the next save.
   */
  save(tables: readonly Table[]): Promise<void>;
  close(): Promise<void>;
}

/** Changes that are applied in memory and wait to be saved together. */
class Group {
  readonly tables = new Set<Table>();
  readonly undos: Undo[] = [];
  readonly saved: Promise<void>;
  #resolve: () => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor() {
    this.saved = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.saved.catch(() => undefined);
  }

  settle(error?: unknown): void {
    if (error === undefined) this.#resolve();
    else this.#reject(error);
  }

  undo(): void {
    for (const undo of this.undos.splice(0).reverse()) undo();
  }
}

/**
 * A database whose collections are small enough to be in memory whole. Changes are applied there at once and saved by
 * its keeper: one save in flight, everything that comes meanwhile in the next one. A promise resolves when its change
 * is saved; when a save fails, everything that was not saved yet is taken back and rejects.
 */
export class TableDatabase implements Database {
  readonly driver: string;
  readonly #keeper: TableKeeper;
  readonly #tables = new Map<string, Promise<Table>>();
  readonly #open = new Map<string, { readonly table: Table; readonly format: CollectionFormat }>();
  #pending: Group | null = null;
  #saving: Promise<void> | null = null;
  #inFlight: Group | null = null;
  #closed: Promise<void> | null = null;

  constructor(driver: string, keeper: TableKeeper) {
    this.driver = driver;
    this.#keeper = keeper;
  }

  get location(): string | undefined {
    return this.#keeper.location;
  }

  get missing(): readonly string[] | undefined {
    return this.#keeper.missing;
  }

  async locate(collection: string, text: string): Promise<string | null> {
    return (await this.#keeper.locate?.(collection, text)) ?? null;
  }

  async open<C extends Record<string, Column>>(
    schema: CollectionSchema<C>,
  ): Promise<Collection<RowOf<CollectionSchema<C>>>> {
    this.assertOpen();
    const format = new CollectionFormat(this.driver, schema);
    const table = await this.#tableOf(format);
    this.assertOpen();
    table.evolve(format);
    this.#open.set(schema.name, { table, format });
    return new TableCollection<RowOf<CollectionSchema<C>>>(this, table, format);
  }

  async batch(changes: readonly Change[]): Promise<void> {
    this.assertOpen();
    const steps = changes.map((change) => this.#step(change));
    if (steps.length > 0) await this.apply(steps);
  }

  /** Applies steps that cannot fail, and resolves when they are saved. */
  apply(steps: readonly { readonly table: Table; apply(): Undo }[]): Promise<void> {
    this.#pending ??= new Group();
    for (const { table, apply } of steps) {
      this.#pending.tables.add(table);
      this.#pending.undos.push(apply());
    }
    const { saved } = this.#pending;
    this.#saving ??= this.#saveAll();
    return saved;
  }

  close(): Promise<void> {
    this.#closed ??= (async () => {
      await this.#saving;
      await this.#keeper.close();
    })();
    return this.#closed;
  }

  /** Throws once the database is closed. */
  assertOpen(): void {
    if (this.#closed !== null) throw storageFailed(this.driver, 'the database is closed');
  }

  async #tableOf(format: CollectionFormat): Promise<Table> {
    const { name, key, columns } = format.schema;
    const known = this.#tables.get(name);
    if (known !== undefined) return known;
    const loading = this.#keeper.load(name).then((saved) => saved ?? new Table(name, key, columns));
    this.#tables.set(name, loading);
    loading.catch(() => this.#tables.delete(name));
    return loading;
  }

  #step(change: Change): { readonly table: Table; apply(): Undo } {
    const open = this.#open.get(change.collection);
    if (open === undefined) throw storageFailed(this.driver, `collection '${change.collection}' is not open`);
    const { table, format } = open;
    if ('put' in change) {
      const row = format.encode(change.put);
      return { table, apply: () => table.put(row) };
    }
    const tests = testsOf(format, change.remove);
    return { table, apply: () => table.remove(tests).undo };
  }

  async #saveAll(): Promise<void> {
    await Promise.resolve(); // what else this tick brings goes into the same save
    while (this.#pending !== null) {
      this.#inFlight = this.#pending;
      this.#pending = null;
      await this.#save(this.#inFlight);
    }
    this.#inFlight = null;
    this.#saving = null;
  }

  async #save(group: Group): Promise<void> {
    try {
      await this.#keeper.save([...group.tables]);
      group.settle();
    } catch (cause) {
      const error = isRuntimeError(cause) ? cause : storageFailed(this.driver, 'a write failed', cause);
      const later = this.#pending as Group | null;
      this.#pending = null;
      later?.undo();
      group.undo();
      later?.settle(error);
      group.settle(error);
    }
  }
}

/** One collection of a `TableDatabase`. */
class TableCollection<R> implements Collection<R> {
  readonly name: string;
  readonly #database: TableDatabase;
  readonly #table: Table;
  readonly #format: CollectionFormat;

  constructor(database: TableDatabase, table: Table, format: CollectionFormat) {
    this.name = table.name;
    this.#database = database;
    this.#table = table;
    this.#format = format;
  }

  async get(key: Partial<R>): Promise<R | null> {
    this.#database.assertOpen();
    this.#format.key(key);
    const [row] = this.#table.select({ tests: testsOf(this.#format, key), order: [], limit: 1, offset: 0 });
    return row === undefined ? null : (this.#format.decode(row) as R);
  }

  async find(query: Query<R> = {}): Promise<R[]> {
    this.#database.assertOpen();
    return this.#table.select(selectionOf(this.#format, query)).map((row) => this.#format.decode(row) as R);
  }

  async count(where: Where<R> = {}): Promise<number> {
    this.#database.assertOpen();
    return this.#table.count(testsOf(this.#format, where));
  }

  async put(row: R): Promise<void> {
    this.#database.assertOpen();
    const stored = this.#format.encode(row as Record<string, unknown>);
    await this.#database.apply([{ table: this.#table, apply: () => this.#table.put(stored) }]);
  }

  async remove(where: Where<R>): Promise<number> {
    this.#database.assertOpen();
    const tests = testsOf(this.#format, where);
    let count = 0;
    const apply = (): Undo => {
      const { removed, undo } = this.#table.remove(tests);
      count = removed;
      return undo;
    };
    await this.#database.apply([{ table: this.#table, apply }]);
    return count;
  }

  putting(row: R): Change {
    return { collection: this.name, put: row as Record<string, unknown> };
  }

  removing(where: Where<R>): Change {
    return { collection: this.name, remove: where as Record<string, unknown> };
  }
}
