import { type Column, type ColumnType, type Stored, type StoredRow, Table } from 'waha-runtime/storage';

/** A collection as its file holds it. */
export interface CollectionDocument {
  readonly collection: string;
  readonly key: readonly string[];
  readonly columns: Readonly<Record<string, Column>>;
  /** Values as people read them: json as it is, bytes in base64. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

export const documentOf = (table: Table): CollectionDocument => ({
  collection: table.name,
  key: table.key,
  columns: { ...table.columns },
  rows: [...table.rows].map((row) => mapped(table.columns, (name, type) => readable(type, row[name] ?? null))),
});

/** The table in a document; throws a sentence when it is none, as after a careless edit. */
export const tableOf = (name: string, document: unknown): Table => {
  if (!isDocument(document) || document.collection !== name) throw new Error(`it is not the collection '${name}'`);
  const { key, columns, rows } = document;
  for (const column of key) if (!(column in columns)) throw new Error(`the key '${column}' is no column`);
  const table = new Table(name, key, columns);
  for (const [index, row] of rows.entries()) {
    const stranger = Object.keys(row).find((column) => !(column in columns));
    if (stranger !== undefined) throw new Error(`row ${index + 1} has '${stranger}', which is no column`);
    const stored = mapped(columns, (column, type) => {
      const value = storedValue(type, row[column]);
      if (value === undefined) throw new Error(`row ${index + 1} does not have ${type} in '${column}'`);
      return value;
    });
    table.put(stored as StoredRow);
  }
  return table;
};

const mapped = <T>(
  columns: Readonly<Record<string, Column>>,
  value: (name: string, type: ColumnType) => T,
): Record<string, T> =>
  Object.fromEntries(Object.entries(columns).map(([name, { type }]) => [name, value(name, type)]));

const readable = (type: ColumnType, value: Stored): unknown => {
  if (value === null) return null;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return type === 'json' ? JSON.parse(value as string) : value;
};

/** Undefined when the value is not of the type. */
const storedValue = (type: ColumnType, value: unknown): Stored | undefined => {
  if (value === null || value === undefined) return null;
  if (type === 'json') return JSON.stringify(value);
  if (type === 'text') return typeof value === 'string' ? value : undefined;
  if (type === 'bytes') return typeof value === 'string' ? Uint8Array.from(Buffer.from(value, 'base64')) : undefined;
  return typeof value === 'number' ? value : undefined;
};

const isDocument = (value: unknown): value is CollectionDocument => {
  if (typeof value !== 'object' || value === null) return false;
  const { key, columns, rows } = value as Partial<CollectionDocument>;
  const isObject = (one: unknown): boolean => typeof one === 'object' && one !== null;
  return Array.isArray(key) && isObject(columns) && Array.isArray(rows) && rows.every(isObject);
};
