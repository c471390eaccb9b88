import type Libsql from 'libsql';
import { type CollectionFormat, emptyValue } from 'waha-runtime';
import { columnDefinition, createIndexes, createTable, declaredTypes, indexNames, quoted } from './sql.ts';

interface StoredColumn {
  readonly name: string;
  readonly type: string;
  /** The place in the primary key, from 1; 0 outside of it. */
  readonly pk: number;
}

/**
 * Creates the table, or adds what it lacks and drops the indexes that it has no use for any more. A changed type or key is a
 * fault. Runs within a transaction.
 */
export const migrate = (connection: Libsql.Database, format: CollectionFormat): void => {
  const { name } = format.schema;
  const stored = connection.prepare(`PRAGMA table_info(${quoted(name)})`).all() as StoredColumn[];
  const statements = stored.length === 0 ? [createTable(format)] : additions(format, stored);
  for (const statement of [...statements, ...createIndexes(format)]) connection.exec(statement);
  dropIndexes(connection, format);
  fillNulls(connection, format);
};

const additions = (format: CollectionFormat, stored: readonly StoredColumn[]): string[] => {
  const { name, key, columns } = format.schema;
  const inKey = stored.filter(({ pk }) => pk > 0).sort((left, right) => left.pk - right.pk);
  const formerKey = inKey.map((column) => column.name);
  if (formerKey.join() !== key.join()) {
    throw format.fault(`has the key (${formerKey.join(', ')}), which cannot become (${key.join(', ')})`);
  }
  return Object.entries(columns).flatMap(([column, wanted]) => {
    const former = stored.find((one) => one.name === column);
    if (former === undefined) return `ALTER TABLE ${quoted(name)} ADD COLUMN ${columnDefinition(column, wanted)}`;
    if (former.type === declaredTypes[wanted.type]) return [];
    throw format.fault(`has ${former.type} in column '${column}', which cannot become ${declaredTypes[wanted.type]}`);
  });
};

/** Those that SQLite or somebody else made have other names. */
const dropIndexes = (connection: Libsql.Database, format: CollectionFormat): void => {
  const { name } = format.schema;
  const wanted = new Set(indexNames(format));
  const stored = connection.prepare(`PRAGMA index_list(${quoted(name)})`).all() as { name: string }[];
  const ours = stored.filter((index) => index.name.startsWith(`${name}__`));
  for (const index of ours) if (!wanted.has(index.name)) connection.exec(`DROP INDEX ${quoted(index.name)}`);
};

/**
 * Fills the nulls of columns that may hold null no longer. Which columns ever could is noted in a table of its own, so
 * that opening need not search every row. No collection's name begins with `_`.
 */
const fillNulls = (connection: Libsql.Database, { schema }: CollectionFormat): void => {
  connection.exec('CREATE TABLE IF NOT EXISTS _nullable (collection TEXT, name TEXT, PRIMARY KEY (collection, name))');
  const noted = connection.prepare('SELECT name FROM _nullable WHERE collection = ?').all(schema.name);
  const nullable = new Set((noted as { name: string }[]).map(({ name }) => name));
  const table = quoted(schema.name);
  for (const [name, column] of Object.entries(schema.columns)) {
    if (column.nullable && !nullable.has(name)) {
      connection.prepare('INSERT INTO _nullable VALUES (?, ?)').run(schema.name, name);
    } else if (!column.nullable && nullable.has(name)) {
      const fill = `UPDATE ${table} SET ${quoted(name)} = ? WHERE ${quoted(name)} IS NULL`;
      connection.prepare(fill).run([emptyValue(column)]);
      connection.prepare('DELETE FROM _nullable WHERE collection = ? AND name = ?').run(schema.name, name);
    }
  }
};
