import type { Change, Collection, CollectionSchema, Column, Database, RowOf } from '../contracts/storage.ts';
import type { StoreLatency } from './latency.ts';

type Kind = 'read' | 'write';
type Timed = <T>(kind: Kind, work: () => Promise<T>) => Promise<T>;

/** The database itself, with the time of each call noted; whether it succeeds makes no difference. */
export const timedDatabase = (database: Database, latency: StoreLatency): Database => {
  const { driver, shared } = database;
  const timed: Timed = (kind, work) => {
    const began = performance.now();
    const note = () => latency.observe(driver, kind, performance.now() - began);
    const done = work();
    done.then(note, note);
    return done;
  };
  return {
    driver,
    shared,
    open: async <C extends Record<string, Column>>(schema: CollectionSchema<C>) =>
      timedCollection(await database.open(schema), timed),
    batch: (changes: readonly Change[]) => timed('write', () => database.batch(changes)),
    close: () => database.close(),
    locate: async (collection, text) => (await database.locate?.(collection, text)) ?? null,
  };
};

const timedCollection = <C extends Record<string, Column>>(
  rows: Collection<RowOf<CollectionSchema<C>>>,
  timed: Timed,
): Collection<RowOf<CollectionSchema<C>>> => ({
  name: rows.name,
  get: (key) => timed('read', () => rows.get(key)),
  find: (query) => timed('read', () => rows.find(query)),
  count: (where) => timed('read', () => rows.count(where)),
  ...(rows.texts ? { texts: (...asked) => timed('read', async () => (await rows.texts?.(...asked)) ?? []) } : {}),
  put: (row) => timed('write', () => rows.put(row)),
  remove: (where) => timed('write', () => rows.remove(where)),
  putting: (row) => rows.putting(row),
  removing: (where) => rows.removing(where),
  requiring: (where) => rows.requiring(where),
  adding: (row) => rows.adding(row),
  counting: (key, column, by, given) => rows.counting(key, column, by, given),
});
