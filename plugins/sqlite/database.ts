import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
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
import {
  CollectionFormat,
  type Column,
  countedIn,
  filled,
  notHeld,
  type Stored,
  type StoreWitness,
  storageFailed,
  testsOf,
} from 'waha-runtime/storage';
import { SqliteCollection, type Statements } from './collection.ts';
import { damaged, isDamage } from './damage.ts';
import type { Executor, Question, Statement } from './executor.ts';
import { migrate } from './migrate.ts';
import { puttingAll, type Row, remove } from './sql.ts';
import { adding, type CountedFrom, counting, puttingCounted, requiring } from './steps-sql.ts';
import { fileWitness } from './witness.ts';

/** A statement, and which of the batch's steps it is, or the first of. */
interface Step {
  readonly statement: Statement;
  readonly at: number;
}

/** The `Database` on one SQLite file. What is asked in one turn of the event loop shares a commit. */
export class SqliteDatabase implements Database, Statements {
  readonly driver: string;
  readonly location: string | undefined;
  readonly witness: StoreWitness | undefined;
  readonly #executor: Executor;
  readonly #formats = new Map<string, CollectionFormat>();
  readonly #opening = new SerialQueue();
  #closed = false;

  /** `location`: the file, for messages; absent for one in memory. */
  constructor(driver: string, executor: Executor, location?: string) {
    this.driver = driver;
    this.location = location;
    this.witness = location === undefined ? undefined : fileWitness(location);
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
    const steps = this.#stepsOf(changes);
    const results = await this.#guarded(async () => {
      if (steps.length === 0) return [];
      const tables = new Set(changes.map(({ collection }) => collection));
      const statements = steps.map(({ statement }) => statement);
      return this.#executor.write([...tables], statements).catch((error: unknown) => {
        throw this.#unheld(error, changes, steps);
      });
    });
    for (const [place, { at }] of steps.entries()) {
      const change = changes[at];
      if (change !== undefined && 'count' in change) change.count.given?.(results[place] ?? 0);
    }
  }

  /**
   * The copy is of a moment between two commits, and has no log of its own: the word beside it says so to whoever opens it
   * (`database-log.ts`).
   */
  async copyTo(folder: string): Promise<void> {
    if (this.location === undefined) return;
    const target = join(folder, basename(this.location));
    await this.#guarded(() => this.#executor.copy(target));
    await writeFile(`${target}-redo`, 'lost\n', { mode: 0o600 });
    const mark = await this.witness?.read();
    if (mark) await fileWitness(target).write(mark);
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
  #stepsOf(changes: readonly Change[]): Step[] {
    const steps: Step[] = [];
    let from: CountedFrom | null = null;
    for (let at = 0; at < changes.length; ) {
      const change = changes[at]!;
      const format = this.#formats.get(change.collection);
      if (format === undefined) throw storageFailed(this.driver, `collection '${change.collection}' is not open`);
      const rows = rowsFrom(format, changes, at);
      if (rows.length > 0) steps.push(...puttingAll(format, rows).map((statement) => ({ statement, at })));
      else steps.push({ statement: statementOf(format, change, from), at });
      if ('count' in change) from = { format, counting: change.count };
      at += Math.max(1, rows.length);
    }
    return steps;
  }

  #unheld(error: unknown, changes: readonly Change[], steps: readonly Step[]): unknown {
    const { code, place } = error as { readonly code?: unknown; readonly place?: number };
    const at = code === 'NOT_HELD' ? steps[place ?? -1]?.at : undefined;
    return at === undefined ? error : notHeld(this.driver, changes[at]!.collection, at);
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

/** The rows that are put into the same collection from there on, until something else is to be done. */
const rowsFrom = (format: CollectionFormat, changes: readonly Change[], from: number): Row[] => {
  const rows: Row[] = [];
  for (let at = from; at < changes.length; at += 1) {
    const change = changes[at]!;
    if (change.collection !== format.schema.name || !('put' in change)) break;
    if (countedIn(format, change.put).length > 0) break;
    rows.push(change.put);
  }
  return rows;
};

/** The statement of a step that is no row as it stands. */
const statementOf = (format: CollectionFormat, change: Change, from: CountedFrom | null): Statement => {
  if ('remove' in change) return remove(format, testsOf(format, change.remove));
  if ('require' in change) return requiring(format, testsOf(format, change.require));
  if ('count' in change) return counting(format, change.count);
  if (from === null) filled(format, 'put' in change ? change.put : change.add, null);
  return 'put' in change ? puttingCounted(format, change.put, from) : adding(format, change.add, from);
};
