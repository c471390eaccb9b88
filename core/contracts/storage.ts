/** What a column holds. `json` takes any JSON value, `bytes` a Uint8Array, `integer` up to 2^53. */
export type ColumnType = 'text' | 'integer' | 'real' | 'bytes' | 'json';

/** The type of one column of a collection. */
export interface Column {
  readonly type: ColumnType;
  /** May hold null. */
  readonly nullable?: boolean;
}

type ColumnValue = { text: string; integer: number; real: number; bytes: Uint8Array; json: unknown };
type ValueOf<C extends Column> = ColumnValue[C['type']] | (C extends { readonly nullable: true } ? null : never);

/** A collection as its owner declares it: columns, the columns that make up the key, and indexes. */
export interface CollectionSchema<C extends Record<string, Column> = Record<string, Column>> {
  /** `[a-z][a-z0-9_]*`; unique in a database. */
  readonly name: string;
  readonly columns: C;
  readonly key: readonly (keyof C & string)[];
  /** Column lists that `find` filters or sorts by. */
  readonly indexes?: readonly (readonly (keyof C & string)[])[];
  /**
   * A few small rows, such as signs of life: reading and writing them waits for nothing else that the process does, where a driver can
   * do that.
   */
  readonly urgent?: boolean;
}

/** The row type of a collection schema. */
export type RowOf<S> = S extends CollectionSchema<infer C> ? { -readonly [K in keyof C]: ValueOf<C[K]> } : never;

/** Declares a collection; the row type is inferred from the columns. */
export const defineCollection = <const C extends Record<string, Column>>(
  schema: CollectionSchema<C>,
): CollectionSchema<C> => schema;

/** A condition on one column: a value to equal, or a comparison. `in: []` matches nothing. */
export type Condition<V> =
  | V
  | { readonly in: readonly V[] }
  | { readonly gt?: V; readonly gte?: V; readonly lt?: V; readonly lte?: V; readonly not?: V };

/** All conditions must hold. */
export type Where<R> = { readonly [K in keyof R]?: Condition<R[K]> };

/** Which rows of a collection are read, in which order and how many. Without `orderBy` the order is the key's. */
export interface Query<R> {
  readonly where?: Where<R>;
  readonly orderBy?: readonly { readonly column: keyof R & string; readonly descending?: boolean }[];
  readonly limit?: number;
  readonly offset?: number;
}

/**
 * A value that the commit fills in: the `counted`-th number, from 1 on, of those that the last `counting` step before it in the
 * batch took. An integer column gets the number, a text column its 16 digits between `before` and `after`.
 */
export interface Counted {
  readonly counted: number;
  readonly before: string;
  readonly after: string;
}

/** The value of a column that is known at the commit only. */
export const counted = (place: number, before = '', after = ''): Counted => ({ counted: place, before, after });

/** A row in which integers and texts may be filled in by the commit. */
export type Countable<R> = {
  readonly [K in keyof R]: R[K] extends number | string | null ? R[K] | Counted : R[K];
};

/** A step that takes the next `by` numbers from a column. */
export interface Counting {
  readonly key: Readonly<Record<string, unknown>>;
  readonly column: string;
  readonly by: number;
  /** Told the number before the first one taken, when that is committed and before the batch resolves. */
  given?(base: number): void;
}

type Row = Readonly<Record<string, unknown>>;

/** One step of a batch; made by a collection's `putting`, `removing`, `requiring`, `adding` and `counting`. */
export type Change =
  | { readonly collection: string; readonly put: Row }
  | { readonly collection: string; readonly remove: Row }
  | { readonly collection: string; readonly require: Row }
  | { readonly collection: string; readonly add: Row }
  | { readonly collection: string; readonly count: Counting };

/** A typed table. Rows go in and come out as copies: changing one changes nothing stored. */
export interface Collection<R> {
  readonly name: string;
  /** The row with this key, or null. */
  get(key: Partial<R>): Promise<R | null>;
  find(query?: Query<R>): Promise<R[]>;
  count(where?: Where<R>): Promise<number>;
  /**
   * The values of an indexed text column behind `after`, in their order, `limit` of them at most: for looking through a
   * collection without reading its rows. Absent where the driver has no cheap way.
   */
  texts?(column: keyof R & string, after: string, limit: number): Promise<string[]>;
  /** Inserts the row or replaces the one with the same key. */
  put(row: R): Promise<void>;
  /** Removes what matches and says how many rows that were. `{}` removes all. */
  remove(where: Where<R>): Promise<number>;
  /** The same as `put`, as a step of `Database.batch`. */
  putting(row: Countable<R>): Change;
  /** The same as `remove`, as a step of `Database.batch`. */
  removing(where: Where<R>): Change;
  /** A step that changes nothing: the batch is applied only if some row matches, and that stays so until it is committed. */
  requiring(where: Where<R>): Change;
  /** As `putting`, and the batch is applied only if there is no row with this key. */
  adding(row: Countable<R>): Change;
  /**
   * A step that raises an integer column of the row with this key by `by`; a row that is not there is made, empty otherwise.
   * Rows behind it in the batch may have the numbers as values (`counted`).
   */
  counting(key: Partial<R>, column: keyof R & string, by: number, given?: (base: number) => void): Change;
}

/** Where a database keeps a mark apart from its data. */
export interface StoreWitness {
  /** Null for none. */
  read(): Promise<string | null>;
  write(mark: string): Promise<void>;
}

/**
 * What a storage plugin implements; every store of the runtime is built on it.
 * A driver passes `describeDatabase` of `waha-runtime/testing/conformance`.
 * All promises reject with `STORAGE_FAILED` (the driver named, the cause kept) when the medium fails. Nobody knows then
 * whether a change was made, whole, or not at all: who makes it again does so with the same keys.
 */
export interface Database {
  /** The driver's name, first word of its errors. */
  readonly driver: string;
  /** Several processes may use it at once. Absent or false: one process at a time, and whoever comes second is refused. */
  readonly shared?: boolean | undefined;
  /** The file or folder that keeps the data over a restart, for messages; absent when nothing does. */
  readonly location?: string | undefined;
  /** What was there at the last start and is gone now, a sentence each. Known before the first collection is opened. */
  readonly missing?: readonly string[] | undefined;
  /** A mark that is kept beside the data, and outlives them: a database that was emptied or removed is missed by it, also where it is the only one. */
  readonly witness?: StoreWitness | undefined;
  /** Where a text stands in what people edit by hand, as `file:line`; null when there is no such place. */
  locate?(collection: string, text: string): Promise<string | null>;
  /**
   * Opens a collection, creating it when new and adding columns and indexes that are missing. Indexes that are declared no more
   * go.
   * An added column that is not nullable needs the driver to fill it with the type's empty value.
   */
  open<C extends Record<string, Column>>(schema: CollectionSchema<C>): Promise<Collection<RowOf<CollectionSchema<C>>>>;
  /**
   * Applies all changes or none, across collections, in order. Durable when it resolves. Rejects with `NOT_HELD` when a
   * `requiring` or an `adding` among them does not hold; then nothing was changed.
   */
  batch(changes: readonly Change[]): Promise<void>;
  /**
   * Writes a copy into a folder, which a start on that folder finds as it finds the original. It holds everything that was
   * acknowledged before the call; reading and writing go on meanwhile. Absent where the database's own tools do that.
   */
  copyTo?(folder: string): Promise<void>;
  /** Flushes and closes; later calls reject. Safe to call twice. */
  close(): Promise<void>;
}
