import { createHash } from 'node:crypto';
import { type CollectionFormat, type Column, emptyValue } from 'waha-runtime/storage';
import type { Link } from './link.ts';
import type { Statement } from './sql.ts';
import { quoted, sent, sqlTypes, type Table } from './table.ts';

interface StoredColumn {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  /** Its place in the key, from 1; 0 outside of it. */
  readonly place: number;
}

/** What other processes do at the same time: the same table, schema or row made twice, or locks taken crosswise. */
const races: ReadonlySet<string> = new Set([
  ...['23505', '42P06', '42P07', '42701', '42710'],
  ...['40P01', '40001', '55P03'],
]);
const mostTries = 10;

/** Runs it again when another process did the same at the same moment. */
const despiteRaces = async <T>(work: () => Promise<T>): Promise<T> => {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries >= mostTries || !races.has(String((error as { readonly code?: unknown }).code))) throw error;
    }
  }
};

const plain = (text: string, values: Statement['values'] = []): Statement => ({ text, values });

/**
 * The table that says what the columns of the collections are: PostgreSQL has one type for texts and JSON, and whether a column
 * ever could hold null is not searched for in every row. No collection's name begins with `_`.
 */
const columnsTable = (schema: string): string => `${quoted(schema)}."_columns"`;

/** Makes the schema, if it is not there. Throws when texts of the database are not UTF-8. */
export const prepareSchema = async (link: Link, schema: string): Promise<void> => {
  const [[encoding] = []] = await link.rows(plain('SHOW server_encoding'));
  if (encoding !== 'UTF8') throw new Error(`the database has the encoding ${encoding}: make it with ENCODING 'UTF8'`);
  const [[there] = []] = await link.rows(plain('SELECT to_regclass($1)::text', [columnsTable(schema)]));
  if (typeof there === 'string') return;
  await despiteRaces(() => link.transaction([plain(`CREATE SCHEMA IF NOT EXISTS ${quoted(schema)}`)]));
  const columns =
    'collection text COLLATE "C", name text COLLATE "C", type text NOT NULL, nullable bool NOT NULL, place int NOT NULL';
  const create = `CREATE TABLE IF NOT EXISTS ${columnsTable(schema)} (${columns}, PRIMARY KEY (collection, name))`;
  await despiteRaces(() => link.transaction([plain(create)]));
};

/**
 * Creates the table, or adds what it lacks and drops the indexes that it has no use for any more. A changed type or key is a fault.
 * Other processes may do the same at the same time.
 */
export const migrate = async (link: Link, schema: string, table: Table): Promise<void> => {
  await despiteRaces(async () => {
    const statements = changesOf(schema, table, await columnsOf(link, schema, table));
    if (statements.length === 0) return;
    // One after the other: whoever had to wait for the lock finds rows that are there, and looks again.
    await link.transaction([plain(`LOCK TABLE ${columnsTable(schema)} IN EXCLUSIVE MODE`), ...statements]);
  });
  await despiteRaces(() => matchIndexes(link, schema, table));
};

const columnsOf = async (link: Link, schema: string, { format }: Table): Promise<StoredColumn[]> => {
  const text = `SELECT name, type, nullable, place FROM ${columnsTable(schema)} WHERE collection = $1`;
  const rows = await link.rows(plain(text, [format.schema.name]));
  return rows.map(([name, type, nullable, place]) => ({
    name: String(name),
    type: String(type),
    nullable: nullable === true,
    place: Number(place),
  }));
};

const changesOf = (schema: string, table: Table, stored: readonly StoredColumn[]): Statement[] => {
  const { format } = table;
  const { name: collection, key, columns } = format.schema;
  const note = (name: string, column: Column): Statement =>
    plain(`INSERT INTO ${columnsTable(schema)} VALUES ($1, $2, $3, $4, $5)`, [
      collection,
      name,
      column.type,
      String(column.nullable === true),
      key.indexOf(name) + 1,
    ]);
  if (stored.length === 0) {
    const notes = Object.entries(columns).map(([name, column]) => note(name, column));
    return [...notes, plain(createTable(table)), ...[...indexesOf(table).values()].map((text) => plain(text(false)))];
  }
  checkKey(format, stored);
  return Object.entries(columns).flatMap(([name, column]) => {
    const former = stored.find((one) => one.name === name);
    if (former === undefined) {
      return [note(name, column), plain(`ALTER TABLE ${table.name} ADD COLUMN ${definition(name, column)}`)];
    }
    if (former.type !== column.type) {
      throw format.fault(`has ${former.type} in column '${name}', which cannot become ${column.type}`);
    }
    return former.nullable === (column.nullable === true) ? [] : nullability(schema, table, name, column);
  });
};

const checkKey = (format: CollectionFormat, stored: readonly StoredColumn[]): void => {
  const inKey = stored.filter(({ place }) => place > 0).sort((left, right) => left.place - right.place);
  const former = inKey.map(({ name }) => name);
  const { key } = format.schema;
  if (former.join() === key.join()) return;
  throw format.fault(`has the key (${former.join(', ')}), which cannot become (${key.join(', ')})`);
};

/** NOT NULL is not declared: rows are checked before. What may hold null no longer is filled. */
const nullability = (schema: string, table: Table, name: string, column: Column): Statement[] => {
  const nullable = column.nullable === true;
  const collection = table.format.schema.name;
  const noted = plain(`UPDATE ${columnsTable(schema)} SET nullable = $1 WHERE collection = $2 AND name = $3`, [
    String(nullable),
    collection,
    name,
  ]);
  const empty = sent(column.type, emptyValue(column));
  if (nullable || empty === null) return [noted];
  const fill = `UPDATE ${table.name} SET ${quoted(name)} = $1 WHERE ${quoted(name)} IS NULL`;
  return [plain(fill, [empty]), noted];
};

const emptyLiterals = { text: "''", integer: '0', real: '0', bytes: "''", json: 'NULL' } as const;

const definition = (name: string, { type, nullable }: Column): string => {
  const collation = type === 'text' ? ' COLLATE "C"' : '';
  return `${quoted(name)} ${sqlTypes[type]}${collation} DEFAULT ${nullable ? 'NULL' : emptyLiterals[type]}`;
};

/** Rows that change often find room beside their former selves, and what is left of those is cleared early. */
const storage = 'fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 500';

const createTable = ({ name, format }: Table): string => {
  const columns = Object.entries(format.schema.columns).map(([column, type]) => definition(column, type));
  const key = format.schema.key.map(quoted).join(', ');
  return `CREATE TABLE ${name} (${columns.join(', ')}, PRIMARY KEY (${key})) WITH (${storage})`;
};

/** The indexes of a collection by their names, each with the statement that creates it. */
const indexesOf = (table: Table): Map<string, (concurrently: boolean) => string> => {
  const { name, indexes = [] } = table.format.schema;
  return new Map(
    indexes.map((columns) => {
      const index = indexName(name, columns);
      const list = columns.map((column) => `${quoted(column)} NULLS FIRST`).join(', ');
      const create = (concurrently: boolean) =>
        `CREATE INDEX ${concurrently ? 'CONCURRENTLY IF NOT EXISTS ' : ''}${quoted(index)} ON ${table.name} (${list})`;
      return [index, create];
    }),
  );
};

const longestName = 63;

/** Holds the columns, so that an index that is there already is known by its name; PostgreSQL cuts names without a word. */
const indexName = (collection: string, columns: readonly string[]): string => {
  const name = `${prefixOf(collection)}${columns.join('__')}`;
  if (name.length <= longestName) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return `${prefixOf(collection)}${hash}`;
};

const prefixOf = (collection: string): string => `${collection.slice(0, 40)}__`;

/** Indexes of tables that have rows are made without keeping anybody from writing; one that was broken off is made anew. */
const matchIndexes = async (link: Link, schema: string, table: Table): Promise<void> => {
  const { name } = table.format.schema;
  const text =
    'SELECT c.relname, i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid ' +
    'WHERE i.indrelid = $1::regclass AND NOT i.indisprimary';
  const rows = await link.rows(plain(text, [table.name]));
  const ours = rows.filter(([index]) => String(index).startsWith(prefixOf(name)));
  const wanted = indexesOf(table);
  for (const [index, isValid] of ours) {
    if (wanted.has(String(index)) && isValid === true) continue;
    await link.transaction([plain(`DROP INDEX IF EXISTS ${quoted(schema)}.${quoted(String(index))}`)]);
  }
  const there = new Set(ours.filter(([, isValid]) => isValid === true).map(([index]) => String(index)));
  for (const [index, create] of wanted) if (!there.has(index)) await link.rows(plain(create(true)));
};
