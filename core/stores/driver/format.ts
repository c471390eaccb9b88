import type { Column, ColumnType } from '../../contracts/storage.ts';
import { sentence, storageFailed } from '../../errors.ts';

/** A value as a medium holds it: json is its text, null is null. */
export type Stored = string | number | Uint8Array | null;

/** A row as a medium holds it. */
export type StoredRow = Record<string, Stored>;

/** A `CollectionSchema` of any columns. */
export interface AnySchema {
  readonly name: string;
  readonly columns: Readonly<Record<string, Column>>;
  readonly key: readonly string[];
  readonly indexes?: readonly (readonly string[])[];
  readonly urgent?: boolean;
}

const collectionName = /^(?!sqlite_)[a-z][a-z0-9_]{0,62}$/;
const columnName = /^[a-zA-Z][a-zA-Z0-9_]{0,62}$/;

/** What a column that may not hold null has in rows that were written before it was added. */
export const emptyValue = (column: Column): Stored => {
  if (column.nullable) return null;
  return { text: () => '', integer: () => 0, real: () => 0, bytes: () => new Uint8Array(), json: () => null }[
    column.type
  ]();
};

/**
 * Turns the rows of one collection into what a driver stores, and back. It checks everything that comes from outside,
 * so that a driver only ever sees names from the schema and values of the column's type. Faults are `STORAGE_FAILED`
 * and name the driver, the collection and the column, never the value.
 */
export class CollectionFormat {
  readonly driver: string;
  readonly schema: AnySchema;
  readonly columns: readonly string[];
  readonly #columns: readonly (readonly [name: string, column: Column])[];

  constructor(driver: string, schema: AnySchema) {
    this.driver = driver;
    this.schema = schema;
    this.columns = Object.keys(schema.columns);
    this.#columns = Object.entries(schema.columns);
    this.#checkSchema();
  }

  /** The column of this name; throws when there is none. */
  column(name: string): Column {
    const column = Object.hasOwn(this.schema.columns, name) ? this.schema.columns[name] : undefined;
    if (column === undefined) throw this.fault(`has no column '${name}'`);
    return column;
  }

  /** A copy of the row in stored form. A nullable column that is absent is null. */
  encode(row: Readonly<Record<string, unknown>>): StoredRow {
    const values = this.values(row);
    const stored: StoredRow = {};
    for (const [place, name] of this.columns.entries()) stored[name] = values[place] ?? null;
    return stored;
  }

  /** The row in stored form as a list, in the order of `columns`. A nullable column that is absent is null. */
  values(row: Readonly<Record<string, unknown>>): Stored[] {
    let known = 0;
    const values = this.#columns.map(([name, column]) => {
      const isGiven = Object.hasOwn(row, name);
      if (isGiven) known += 1;
      return this.#stored(name, column, isGiven ? row[name] : undefined);
    });
    const names = Object.keys(row);
    if (known < names.length) for (const name of names) this.column(name);
    return values;
  }

  /** A row as its owner knows it; the columns of the schema only. */
  decode(stored: StoredRow): Record<string, unknown> {
    const row: Record<string, unknown> = {};
    for (const name of this.columns) {
      const column = this.column(name);
      const value = stored[name] ?? emptyValue(column);
      row[name] = this.#decoded(column.type, name, value);
    }
    return row;
  }

  /** The stored values of a key, in the schema's order; the key has these columns and no others. */
  key(key: Readonly<Record<string, unknown>>): (string | number)[] {
    const names = Object.keys(key);
    if (names.length !== this.schema.key.length || !this.schema.key.every((name) => Object.hasOwn(key, name))) {
      throw this.fault(`is read by its key (${this.schema.key.join(', ')}), not by (${names.join(', ')})`);
    }
    return this.schema.key.map((name) => this.value(name, key[name]) as string | number);
  }

  /** Some columns in stored form. */
  pick(row: Readonly<Record<string, unknown>>): StoredRow {
    return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, this.value(name, value)]));
  }

  /** A row that has the empty value in every column. */
  emptyRow(): Record<string, unknown> {
    return Object.fromEntries(this.#columns.map(([name, column]) => [name, emptyValue(column)]));
  }

  /** The stored form of one value of a column. */
  value(name: string, value: unknown): Stored {
    return this.#stored(name, this.column(name), value);
  }

  /** An error about this collection. */
  fault(what: string, cause?: unknown): Error {
    return storageFailed(this.driver, `collection '${this.schema.name}' ${what}`, cause);
  }

  #stored(name: string, column: Column, value: unknown): Stored {
    if (column.type === 'json') return this.#json(name, value);
    if (value === null || value === undefined) {
      if (column.nullable) return null;
      throw this.fault(`needs a value in column '${name}'`);
    }
    return this.#scalar(column.type, name, value);
  }

  #scalar(type: ColumnType, name: string, value: unknown): Stored {
    // A lone half of a surrogate pair has no UTF-8 form; every driver stores U+FFFD for it.
    if (type === 'text' && typeof value === 'string') return value.toWellFormed();
    if (type === 'bytes' && value instanceof Uint8Array) return new Uint8Array(value);
    if (type === 'integer' && typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= 2 ** 53) {
      return value + 0;
    }
    if (type === 'real' && typeof value === 'number' && Number.isFinite(value)) return value + 0;
    throw this.fault(`takes ${type} in column '${name}', not ${typeof value}`);
  }

  #json(name: string, value: unknown): string | null {
    if (value === null || value === undefined) return null;
    try {
      const text = JSON.stringify(value);
      if (text !== undefined) return text === 'null' ? null : text;
    } catch (error) {
      throw this.fault(`takes JSON in column '${name}': ${sentence(error)}`, error);
    }
    throw this.fault(`takes JSON in column '${name}', not ${typeof value}`);
  }

  #decoded(type: ColumnType, name: string, value: Stored): unknown {
    if (value === null) return null;
    if (type === 'bytes') return new Uint8Array(value as Uint8Array);
    if (type !== 'json') return value;
    try {
      return JSON.parse(value as string);
    } catch (error) {
      throw this.fault(`holds unreadable JSON in column '${name}'`, error);
    }
  }

  #checkSchema(): void {
    const { name, key, indexes = [] } = this.schema;
    if (!collectionName.test(name)) throw storageFailed(this.driver, `'${name}' is no name for a collection`);
    const wrong = this.columns.find((column) => !columnName.test(column));
    if (wrong !== undefined) throw this.fault(`cannot have a column named '${wrong}'`);
    const folded = new Set(this.columns.map((column) => column.toLowerCase()));
    if (folded.size !== this.columns.length) throw this.fault('has columns that differ in case only');
    if (key.length === 0) throw this.fault('needs a key');
    for (const column of [...key, ...indexes.flat()]) this.column(column);
    for (const column of key) {
      const { type, nullable } = this.column(column);
      const fits = (type === 'text' || type === 'integer') && !nullable;
      if (!fits) throw this.fault(`cannot have '${column}' in its key: key columns are text or integer, never null`);
    }
  }
}
