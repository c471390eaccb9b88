import type { Ownership } from '../contracts/ownership.ts';
import type { Change, Collection, CollectionSchema, Column, Database, RowOf } from '../contracts/storage.ts';
import { isRuntimeError } from '../errors.ts';

type Row = Readonly<Record<string, unknown>>;

/**
 * The database itself, in which every write on a session's behalf carries the session's fence in its own transaction. A write is
 * that of a session when its collection has a column `session`, or is the one of the sessions; what is removed by another column
 * is upkeep, and concerns no session.
 */
export const fencedDatabase = (database: Database, ownership: Ownership): Database => {
  const columns = new Map<string, string>();
  const sessionsOf = (changes: readonly Change[]): string[] => {
    const sessions = new Set<string>();
    for (const change of changes) {
      const session = sessionOf(change, columns.get(change.collection));
      if (session !== null) sessions.add(session);
    }
    return [...sessions].sort();
  };
  const batch = async (changes: readonly Change[]): Promise<void> => {
    const sessions = sessionsOf(changes);
    if (sessions.length === 0) return database.batch(changes);
    try {
      await database.batch([...sessions.map((session) => ownership.fence(session)), ...changes]);
    } catch (error) {
      // Whoever lost a session lets go of it now, and does not open another connection for it first.
      if (isRuntimeError(error, 'NOT_HELD')) await ownership.lost(sessions).catch(() => undefined);
      throw error;
    }
  };
  const { driver, shared, location } = database;
  return {
    driver,
    shared,
    location,
    open: async <C extends Record<string, Column>>(schema: CollectionSchema<C>) => {
      const rows = await database.open(schema);
      if (schema.name === 'sessions') columns.set(schema.name, 'name');
      else if (Object.hasOwn(schema.columns, 'session')) columns.set(schema.name, 'session');
      return fencedCollection(rows, batch, (change) => sessionsOf([change]).length > 0);
    },
    batch,
    close: () => database.close(),
    locate: async (collection, text) => (await database.locate?.(collection, text)) ?? null,
  };
};

/** Whose write it is; null when it is nobody's in particular. */
const sessionOf = (change: Change, column: string | undefined): string | null => {
  if (column === undefined || 'require' in change) return null;
  const row: Row =
    'put' in change ? change.put : 'add' in change ? change.add : 'remove' in change ? change.remove : change.count.key;
  const session = row[column];
  return typeof session === 'string' ? session : null;
};

const fencedCollection = <C extends Record<string, Column>>(
  rows: Collection<RowOf<CollectionSchema<C>>>,
  batch: (changes: readonly Change[]) => Promise<void>,
  isFenced: (change: Change) => boolean,
): Collection<RowOf<CollectionSchema<C>>> => ({
  name: rows.name,
  get: (key) => rows.get(key),
  find: (query) => rows.find(query),
  count: (where) => rows.count(where),
  put: (row) => batch([rows.putting(row as never)]),
  remove: async (where) => {
    const removing = rows.removing(where);
    if (!isFenced(removing)) return rows.remove(where);
    // A batch does not say how many rows it removed. Nobody else writes to the session's rows in between.
    const count = await rows.count(where);
    await batch([removing]);
    return count;
  },
  putting: (row) => rows.putting(row),
  removing: (where) => rows.removing(where),
  requiring: (where) => rows.requiring(where),
  adding: (row) => rows.adding(row),
  counting: (key, column, by, given) => rows.counting(key, column, by, given),
});
