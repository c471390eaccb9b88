import type { KeyType } from '../../credentials/credential-codec.ts';
import { keyTypes } from '../account.ts';
import { keyNamed } from '../files.ts';
import { type PostgresReader, type PostgresRow, quoted } from './reader.ts';

/**
 * A table in which a program keeps what Baileys' `useMultiFileAuthState` keeps in files: a row for each, under the name of the file, or
 * under type and id. What such tables are called is up to the program, so they are known by what is in them: a row `creds` that holds credentials.
 */
export interface KeyTable {
  /** Quoted, with its schema. */
  readonly table: string;
  /** The column that says whose the row is; null where all rows are one session's. */
  readonly session: string | null;
  /** `creds`, `pre-key-1` and so on; only the type where `id` is a column of its own. */
  readonly name: string;
  readonly id: string | null;
  readonly value: string;
}

/** What one session has in such a table. */
export interface KeyRows {
  readonly creds: unknown;
  readonly keys: Record<string, Record<string, unknown>>;
  /** Names of rows that cannot be read. */
  readonly unreadable: readonly string[];
}

interface Column {
  readonly table: string;
  readonly name: string;
  readonly type: string;
}

const texts = ['text', 'character varying', 'uuid'];
const values = ['jsonb', 'json', 'text', 'character varying', 'bytea'];
/** A table of messages is not looked through. */
const mostColumns = 8;
const owners = ['session', 'instance', 'account', 'bot', 'client', 'device', 'user', 'name'];
const credentialNames = ['creds', 'creds.json'];

/** The tables of a database that hold credentials of Baileys. */
export const findKeyTables = async (reader: PostgresReader): Promise<KeyTable[]> => {
  const found: KeyTable[] = [];
  for (const [table, columns] of await tablesOf(reader)) {
    const known = await keyTable(reader, table, columns);
    if (known) found.push(known);
  }
  return found;
};

/** The names of the sessions in a table; null stands for the one of a table without such a column. */
export const sessionsIn = async (
  reader: PostgresReader,
  { table, session, name }: KeyTable,
): Promise<(string | null)[]> => {
  if (session === null) return [null];
  const text = `SELECT DISTINCT ${quoted(session)}::text AS session FROM ${table} WHERE ${quoted(name)} = ANY($1) ORDER BY 1`;
  return (await reader.rows(text, [credentialNames])).map((row) => String(row['session']));
};

export const readKeyRows = async (reader: PostgresReader, from: KeyTable, session: string | null): Promise<KeyRows> => {
  const keys: Record<string, Record<string, unknown>> = Object.fromEntries(keyTypes.map((type) => [type, {}]));
  const unreadable: string[] = [];
  let creds: unknown = null;
  const columns = [
    `${quoted(from.name)} AS name`,
    `${from.id === null ? 'NULL' : quoted(from.id)} AS id`,
    `${quoted(from.value)} AS value`,
  ];
  const where = from.session === null || session === null ? '' : `WHERE ${quoted(from.session)}::text = $1`;
  const text = `SELECT ${columns.join(', ')} FROM ${from.table} ${where}`;
  for (const row of await reader.rows(text, where === '' ? [] : [session])) {
    const name = String(row['name']).replace(/\.json$/, '');
    const value = decoded(row['value']);
    if (name === 'creds') creds = value;
    const key = name === 'creds' ? null : keyOf(name, row['id']);
    if (!key) continue;
    if (value === null) unreadable.push(`${key.type}-${key.id}`);
    else Object.assign(keys[key.type] ?? {}, { [key.id]: value });
  }
  return { creds, keys, unreadable };
};

const keyOf = (name: string, id: unknown): { type: KeyType; id: string } | null => {
  if (id === null || id === undefined) return keyNamed(name);
  const type = keyTypes.find((one) => one === name);
  return type ? { type, id: String(id) } : null;
};

/** JSON, once or twice encoded, as text, bytes or parsed already; null when it is none. */
export const decoded = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return decoded(Buffer.from(value).toString('utf8'));
  if (typeof value !== 'string') return value ?? null;
  if (!/^\s*[[{"]/.test(value)) return value;
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === 'string' ? decoded(parsed) : parsed;
  } catch {
    return null;
  }
};

/** Whether a value is the credentials of a device, whoever wrote them. */
const isCredentials = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'noiseKey' in value && 'signedIdentityKey' in value;

const tablesOf = async (reader: PostgresReader): Promise<Map<string, Column[]>> => {
  const text = `SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns
    JOIN information_schema.tables USING (table_catalog, table_schema, table_name)
    WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')
      AND has_table_privilege(quote_ident(table_schema) || '.' || quote_ident(table_name), 'SELECT') ORDER BY 1, 2, ordinal_position`;
  const tables = new Map<string, Column[]>();
  for (const row of await reader.rows(text)) {
    const table = `${quoted(String(row['table_schema']))}.${quoted(String(row['table_name']))}`;
    const column = { table, name: String(row['column_name']), type: String(row['data_type']) };
    tables.set(table, [...(tables.get(table) ?? []), column]);
  }
  return tables;
};

const keyTable = async (
  reader: PostgresReader,
  table: string,
  columns: readonly Column[],
): Promise<KeyTable | null> => {
  if (columns.length > mostColumns || !columns.some(({ type }) => values.includes(type))) return null;
  for (const { name } of columns.filter(({ type }) => texts.includes(type))) {
    const text = `SELECT * FROM ${table} WHERE ${quoted(name)}::text = ANY($1) LIMIT 1`;
    const [row] = await reader.rows(text, [credentialNames]);
    const value = row && columns.find((one) => values.includes(one.type) && isCredentials(decoded(row[one.name])));
    if (!row || !value) continue;
    const others = columns.filter((one) => one.name !== name && one.name !== value.name && isName(row, one));
    const id = (await hasTypes(reader, table, name))
      ? (others.find((one) => /^(?:key_?)?(?:id|key|name)$/i.test(one.name)) ?? null)
      : null;
    const session = others.find((one) => one !== id && saysWhose(one.name));
    return { table, name, value: value.name, id: id?.name ?? null, session: session?.name ?? null };
  }
  return null;
};

/** Whether the name of a column says that it holds names of sessions. */
const saysWhose = (column: string): boolean => {
  const name = column.toLowerCase();
  return name.endsWith('id') || owners.some((word) => name.includes(word));
};

/** Whether a column can say whose a row is: numbers of rows cannot. */
const isName = (row: PostgresRow, { name, type }: Column): boolean => texts.includes(type) && row[name] !== null;

const hasTypes = async (reader: PostgresReader, table: string, name: string): Promise<boolean> => {
  const text = `SELECT 1 FROM ${table} WHERE ${quoted(name)}::text = ANY($1) LIMIT 1`;
  return (await reader.rows(text, [[...keyTypes]])).length > 0;
};
