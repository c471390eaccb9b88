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
import { isRuntimeError, notHeld, storageFailed } from '../../errors.ts';
import { selectionOf, testsOf } from './conditions.ts';
import { CollectionFormat } from './format.ts';
import { Steps } from './steps.ts';
import { Table, type Undo } from './table.ts';
import { Counts } from './table-counts.ts';

/** Where a `TableDatabase` keeps its tables. */
export interface TableKeeper {
  /** As in `Database`. */
  readonly location?: string | undefined;
  readonly missing?: readonly string[] | undefined;
  locate?(collection: string, text: string): Promise<string | null>;
  /** The table as it was saved last, or null when it never was. */
  load(name: string): Promise<Table | null>;
  /** Copies what was saved into another folder. No save is under way meanwhile. */
  copy?(folder: string): Promise<void>;
  /**
   * Saves these tables, all or nothing, durably. Called for one group of changes at a time. After a rejection the
   * tables are as they were before, and what the medium may have kept of the attempt is overwritten by the next save.
   */
  save(tables: readonly Table[]): Promise<void>;
  close(): Promise<void>;
}

/** A change of one table that is not made yet; it may throw instead. */
interface Step {
  readonly table: Table;
  apply(): Undo;
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
  /** Absent when its keeper cannot copy. Saves wait until it is done. */
  readonly copyTo?: (folder: string) => Promise<void>;
  readonly #keeper: TableKeeper;
  readonly #tables = new Map<string, Promise<Table>>();
  readonly #open = new Map<string, { readonly table: Table; readonly format: CollectionFormat }>();
  #pending: Group | null = null;
  #saving: Promise<void> | null = null;
  #inFlight: Group | null = null;
  #copying: Promise<void> | null = null;
  #closed: Promise<void> | null = null;

  constructor(driver: string, keeper: TableKeeper) {
    this.driver = driver;
    this.#keeper = keeper;
    if (keeper.copy) this.copyTo = (folder) => this.#copyInTurn(keeper, folder);
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
    const counts = new Counts();
    const steps = changes.map((change, place) => this.#step(change, place, counts));
    if (steps.length === 0) return;
    await this.apply(steps);
    counts.tell();
  }

  /** Applies all steps or, when one of them throws, none. Resolves when they are saved. */
  apply(steps: readonly Step[]): Promise<void> {
    const undos: Undo[] = [];
    try {
      for (const { apply } of steps) undos.push(apply());
    } catch (error) {
      for (const undo of undos.reverse()) undo();
      throw error;
    }
    this.#pending ??= new Group();
    for (const { table } of steps) this.#pending.tables.add(table);
    this.#pending.undos.push(...undos);
    const { saved } = this.#pending;
    this.#saving ??= this.#saveAll();
    return saved;
  }

  close(): Promise<void> {
    this.#closed ??= (async () => {
      await this.#copying;
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

  #step(change: Change, place: number, counts: Counts): Step {
    const open = this.#open.get(change.collection);
    if (open === undefined) throw storageFailed(this.driver, `collection '${change.collection}' is not open`);
    const { table, format } = open;
    if ('count' in change) return { table, apply: counts.step(open, change.count) };
    if ('put' in change || 'add' in change) {
      const row = counts.row(format, 'put' in change ? change.put : change.add);
      const isFree = 'put' in change ? () => true : () => table.under(row()) === undefined;
      return { table, apply: () => this.#heldThen(isFree(), table, place, () => table.put(row())) };
    }
    const tests = testsOf(format, 'remove' in change ? change.remove : change.require);
    if ('remove' in change) return { table, apply: () => table.remove(tests).undo };
    const nothing = (): Undo => () => undefined;
    return { table, apply: () => this.#heldThen(table.count(tests) > 0, table, place, nothing) };
  }

  #heldThen(holds: boolean, { name }: Table, place: number, apply: () => Undo): Undo {
    if (!holds) throw notHeld(this.driver, name, place);
    return apply();
  }

  async #copyInTurn(keeper: TableKeeper, folder: string): Promise<void> {
    this.assertOpen();
    while (this.#copying) await this.#copying;
    const copying = this.#copy(keeper, folder);
    this.#copying = copying.then(
      () => undefined,
      () => undefined,
    );
    this.#copying.finally(() => {
      this.#copying = null;
    });
    await copying;
  }

  async #copy(keeper: TableKeeper, folder: string): Promise<void> {
    await this.#inFlight?.saved.catch(() => undefined);
    await keeper.copy?.(folder);
  }

  async #saveAll(): Promise<void> {
    await Promise.resolve(); // what else this tick brings goes into the same save
    while (this.#pending !== null) {
      while (this.#copying) await this.#copying;
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
class TableCollection<R> extends Steps<R> implements Collection<R> {
  readonly #database: TableDatabase;
  readonly #table: Table;
  readonly #format: CollectionFormat;

  constructor(database: TableDatabase, table: Table, format: CollectionFormat) {
    super(table.name);
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
}
