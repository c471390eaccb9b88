import type { CollectionFormat, ColumnType, Stored } from 'waha-runtime/storage';

/** PostgreSQL's type of each column type. JSON is a text: its own types take no NUL, bound the depth, or change the order of keys. */
export const sqlTypes: Readonly<Record<ColumnType, string>> = {
  text: 'text',
  integer: 'int8',
  real: 'float8',
  bytes: 'bytea',
  json: 'text',
};

/** A value as it goes over to PostgreSQL. */
export type Sent = string | number | Buffer | null | readonly (string | number | Buffer | null)[];

/** Quotes a name. Names come from schemas that `CollectionFormat` checked, and from the config, which its schema checks. */
export const quoted = (name: string): string => `"${name}"`;

/** A collection as the table that it is. */
export interface Table {
  readonly format: CollectionFormat;
  /** With its schema, quoted. */
  readonly name: string;
}

/** The type of a column of the table. */
export const typeOf = ({ format }: Table, column: string): string => sqlTypes[format.column(column).type];

/**
 * A text without NUL, which PostgreSQL cannot hold. It and \x01, which stands before what is escaped, become two characters; the
 * order of texts stays.
 */
const withoutNul = (text: string): string =>
  text.includes('\0') || text.includes('\x01')
    ? text.replaceAll('\x01', '\x01\x02').replaceAll('\0', '\x01\x01')
    : text;

/** From the left each pair begins where one was written, so that they are taken back in two steps. */
const withNul = (text: string): string =>
  text.includes('\x01') ? text.replaceAll('\x01\x01', '\0').replaceAll('\x01\x02', '\x01') : text;

/** A stored value as it is sent. */
export const sent = (type: ColumnType, value: Stored): string | number | Buffer | null => {
  if (typeof value === 'string') return type === 'text' ? withoutNul(value) : value;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return value;
};

/** A value that came from PostgreSQL as it was stored. */
export const received = (type: ColumnType, value: Stored | undefined): Stored => {
  if (value === null || value === undefined) return null;
  return type === 'text' && typeof value === 'string' ? withNul(value) : value;
};
