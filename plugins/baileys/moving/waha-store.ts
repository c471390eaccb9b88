import { ForeignDatabase, type ForeignRow } from './foreign-database.ts';
import type { BaileysLibrary } from './library.ts';

/** WAHA keeps chats, messages and contacts of a NOWEB session here when `noweb.store.enabled` says so. */
export const storeFile = 'store.sqlite3';

/** How many rows travel at once. */
export const pieceSize = 500;

type List = keyof BaileysLibrary;

/** How many messages and chats are in the store. */
export const countStore = (file: string): { readonly messages: number; readonly chats: number } => {
  const database = new ForeignDatabase(file);
  try {
    return { messages: database.count('messages'), chats: database.count('chats') };
  } finally {
    database.close();
  }
};

/** The store of a WAHA session, piece by piece: names and chats before the messages of them. */
export function* readStore(file: string): Generator<BaileysLibrary> {
  const database = new ForeignDatabase(file);
  try {
    const { tables } = database;
    for (const [list, table, read] of storeTables(tables, (name) => database.columns(name)))
      yield* pieces(list, database.rows(table), read);
  } finally {
    database.close();
  }
}

/** What travels of a row; null for one that cannot be read. */
export type StoreRead = (row: ForeignRow) => unknown;

/** Which tables hold what: names and chats before the messages of them. */
export const storeTables = (
  tables: readonly string[],
  columns: (table: string) => readonly string[],
): [List, string, StoreRead][] => [
  // WAHA has renamed this table: it is the one of hidden ids with phone numbers beside them.
  ...tables
    .filter((table) => /lid/i.test(table) && columns(table).includes('pn'))
    .map((table): [List, string, StoreRead] => ['lids', table, lidRow]),
  ['contacts', 'contacts', dataOf],
  ['labels', 'labels', dataOf],
  ['labelled', 'labelAssociations', (row) => row],
  ['chats', 'chats', dataOf],
  ['messages', 'messages', dataOf],
];

function* pieces(list: List, rows: Iterable<ForeignRow>, read: StoreRead): Generator<BaileysLibrary> {
  let piece: unknown[] = [];
  for (const row of rows) {
    const value = read(row);
    if (value !== null) piece.push(value);
    if (piece.length < pieceSize) continue;
    yield { [list]: piece };
    piece = [];
  }
  if (piece.length > 0) yield { [list]: piece };
}

const lidRow: StoreRead = (row) => ({ lid: row['lid'] ?? row['id'], pn: row['pn'] });

const dataOf: StoreRead = ({ data }) => {
  // PostgreSQL's columns of JSON come parsed.
  if (typeof data === 'object') return data;
  try {
    return JSON.parse(String(data)) as unknown;
  } catch {
    return null;
  }
};
