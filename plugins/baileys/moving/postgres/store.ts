import type { BaileysLibrary } from '../library.ts';
import { pieceSize, type StoreRead, storeTables } from '../waha-store.ts';
import { type PostgresReader, quoted } from './reader.ts';

/** How many messages and chats are in the store of a database of one session; null where there is none. */
export const countStore = async (
  reader: PostgresReader,
): Promise<{ readonly messages: number; readonly chats: number } | null> => {
  const tables = await columnsOf(reader);
  if (!tables.has('messages') || !tables.has('chats')) return null;
  const count = async (table: string): Promise<number> =>
    Number((await reader.rows(`SELECT count(*)::int AS n FROM ${quoted(table)}`))[0]?.['n'] ?? 0);
  return { messages: await count('messages'), chats: await count('chats') };
};

/** The store of a session, piece by piece, as of a folder (`waha-store.ts`). */
export async function* readStore(reader: PostgresReader): AsyncGenerator<BaileysLibrary> {
  const tables = await columnsOf(reader);
  for (const [list, table, read] of storeTables([...tables.keys()], (name) => tables.get(name) ?? [])) {
    if (tables.has(table)) yield* pieces(reader, { list, table, read });
  }
}

interface Part {
  readonly list: keyof BaileysLibrary;
  readonly table: string;
  readonly read: StoreRead;
}

async function* pieces(reader: PostgresReader, { list, table, read }: Part): AsyncGenerator<BaileysLibrary> {
  let piece: unknown[] = [];
  for await (const row of reader.each(`SELECT * FROM ${quoted(table)}`)) {
    const value = read(row);
    if (value !== null) piece.push(value);
    if (piece.length < pieceSize) continue;
    yield { [list]: piece };
    piece = [];
  }
  if (piece.length > 0) yield { [list]: piece };
}

/** The columns of the tables that are found without a schema. */
const columnsOf = async (reader: PostgresReader): Promise<Map<string, string[]>> => {
  const rows = await reader.rows(
    'SELECT table_name AS table, column_name AS name FROM information_schema.columns WHERE table_schema = ANY(current_schemas(false))',
  );
  const tables = new Map<string, string[]>();
  for (const { table, name } of rows) tables.set(String(table), [...(tables.get(String(table)) ?? []), String(name)]);
  return tables;
};
