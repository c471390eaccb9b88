import { type Database, definePlugin, Points } from 'waha-runtime';
import type { Query } from 'waha-runtime/storage';
import { memoryDatabase } from 'waha-runtime/testing';

/** A plugin: a database that forgets everything, so that a run shows what durability costs. */
export default definePlugin({
  name: 'memory',
  description: 'Keeps data in memory',
  contributesFirst: [Points.Database],
  setup({ contribute }) {
    contribute(Points.Database, withIdIndex(memoryDatabase()));
  },
});

/** The event log asks which ids it has; the memory database would walk over all its rows, where SQLite has an index. */
const withIdIndex = (database: Database): Database => {
  const ids = new Set<unknown>();
  return {
    driver: database.driver,
    async open(schema) {
      const collection = await database.open(schema);
      if (schema.name !== 'events') return collection;
      const find = collection.find.bind(collection);
      const unknown = ({ where }: Query<Record<string, unknown>>): boolean => {
        const id = where?.['id'] as { readonly in?: readonly unknown[] } | undefined;
        return id?.in?.every((one) => !ids.has(one)) ?? false;
      };
      collection.find = async (query = {}) => (unknown(query as never) ? [] : find(query));
      return collection;
    },
    async batch(changes) {
      for (const change of changes) if ('put' in change && change.collection === 'events') ids.add(change.put['id']);
      await database.batch(changes);
    },
    close: () => database.close(),
  };
};
