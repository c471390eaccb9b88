import { type CollectionFormat, emptyValue } from 'waha-runtime/storage';
import type { Executor, Statement } from './executor.ts';
import { columnDefinition, createTable, declaredTypes, indexesOf, quoted } from './sql.ts';

interface StoredColumn {
  readonly name: string;
  readonly type: string;
  /** The place in the primary key, from 1; 0 outside of it. */
  readonly pk: number;
}

/** The table of `SqliteConnection` that says which columns ever could hold null: opening need not search every row. */
const nullable = {
  list: 'SELECT CAST(name AS BLOB) FROM _nullable WHERE collection = ?',
  add: 'INSERT INTO _nullable VALUES (?, ?)',
  remove: 'DELETE FROM _nullable WHERE collection = ? AND name = ?',
};

/**
 * Creates the table, or adds what it lacks and drops the indexes that it has no use for any more, all or nothing. A changed
 * type or key is a fault.
 */
export const migrate = async (executor: Executor, format: CollectionFormat): Promise<void> => {
  const { name } = format.schema;
  const read = (text: string, texts: number[] = []) => executor.read(name, { text, values: [name], texts });
  const names = async (text: string, texts?: number[]) => (await read(text, texts)).map(([one]) => String(one));
  const columns = (await read('SELECT name, type, pk FROM pragma_table_info(?)')).map(
    ([column, type, pk]): StoredColumn => ({ name: String(column), type: String(type), pk: Number(pk) }),
  );
  const indexes = await names('SELECT name FROM pragma_index_list(?)');
  const everNullable = await names(nullable.list, [0]);
  const statements = [
    ...(columns.length === 0 ? [createTable(format)] : additions(format, columns)).map(plain),
    ...changedIndexes(format, indexes).map(plain),
    ...filledNulls(format, new Set(everNullable)),
  ];
  if (statements.length > 0) await executor.write([name], statements);
};

const plain = (text: string): Statement => ({ text, values: [] });

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
const changedIndexes = (format: CollectionFormat, stored: readonly string[]): string[] => {
  const wanted = indexesOf(format);
  const ours = stored.filter((index) => index.startsWith(`${format.schema.name}__`));
  return [
    ...[...wanted].flatMap(([index, creating]) => (ours.includes(index) ? [] : [creating])),
    ...ours.filter((index) => !wanted.has(index)).map((index) => `DROP INDEX ${quoted(index)}`),
  ];
};

/** Fills the nulls of columns that may hold null no longer. */
const filledNulls = ({ schema }: CollectionFormat, everNullable: ReadonlySet<string>): Statement[] =>
  Object.entries(schema.columns).flatMap(([name, column]): Statement[] => {
    const values = [schema.name, name];
    if (column.nullable) return everNullable.has(name) ? [] : [{ text: nullable.add, values }];
    if (!everNullable.has(name)) return [];
    const fill = `UPDATE ${quoted(schema.name)} SET ${quoted(name)} = ? WHERE ${quoted(name)} IS NULL`;
    return [
      { text: fill, values: [emptyValue(column)] },
      { text: nullable.remove, values },
    ];
  });
