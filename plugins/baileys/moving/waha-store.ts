import { ForeignDatabase, type ForeignRow } from './foreign-database.ts';
import type { BaileysLibrary } from './library.ts';

/** WAHA keeps chats, messages and contacts of a NOWEB session here when `noweb.store.enabled` says so. */
export const storeFile = 'store.sqlite3';

/** How many rows travel at once. */
const atOnce = 500;

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
    for (const [list, table, read] of tablesOf(database)) yield* pieces(list, database.rows(table), read);
  } finally {
    database.close();
  }
}

type Read = (row: ForeignRow) => unknown;

const tablesOf = (database: ForeignDatabase): [List, string, Read][] => [
  ...lidTables(database).map((table): [List, string, Read] => ['lids', table, lidRow]),
  ['contacts', 'contacts', dataOf],
  ['labels', 'labels', dataOf],
  ['labelled', 'labelAssociations', (row) => row],
  ['chats', 'chats', dataOf],
  ['messages', 'messages', dataOf],
];

function* pieces(list: List, rows: Iterable<ForeignRow>, read: Read): Generator<BaileysLibrary> {
  let piece: unknown[] = [];
  for (const row of rows) {
    const value = read(row);
    if (value !== null) piece.push(value);
    if (piece.length < atOnce) continue;
    yield { [list]: piece };
    piece = [];
  }
  if (piece.length > 0) yield { [list]: piece };
}

/** WAHA has renamed this table: it is the one of hidden ids with phone numbers beside them. */
const lidTables = (database: ForeignDatabase): string[] =>
  database.tables.filter((table) => /lid/i.test(table) && database.columns(table).includes('pn'));

const lidRow: Read = (row) => ({ lid: row['lid'] ?? row['id'], pn: row['pn'] });

const dataOf: Read = ({ data }) => {
  try {
    return JSON.parse(String(data)) as unknown;
  } catch {
    return null;
  }
};
