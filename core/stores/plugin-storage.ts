import { type Collection, type Database, defineCollection, type RowOf } from '../contracts/storage.ts';
import type { PluginStorage } from '../contracts/stores.ts';
import type { TimeLimit } from './time-limit.ts';

const schema = defineCollection({
  name: 'plugin_storage',
  columns: { plugin: { type: 'text' }, key: { type: 'text' }, value: { type: 'json' } },
  key: ['plugin', 'key'],
});

/** The small state of all plugins, each in a namespace of its own. */
export class PluginNamespaces {
  readonly #rows: Collection<RowOf<typeof schema>>;
  readonly #within: TimeLimit;

  private constructor(rows: Collection<RowOf<typeof schema>>, within: TimeLimit) {
    this.#rows = rows;
    this.#within = within;
  }

  static async open(database: Database, within: TimeLimit): Promise<PluginNamespaces> {
    return new PluginNamespaces(await database.open(schema), within);
  }

  /** The namespace of the plugin instance of this name. */
  of(plugin: string): PluginStorage {
    const rows = this.#rows;
    const call = <T>(what: string, work: () => Promise<T>) => this.#within(`${what} of plugin '${plugin}'`, work);
    return {
      get: async <T>(key: string) => {
        const row = await call('reading the state', () => rows.get({ plugin, key }));
        return row === null ? undefined : (row.value as T);
      },
      set: async (key, value) => call('saving the state', () => rows.put({ plugin, key, value })),
      remove: async (key) => {
        await call('removing the state', () => rows.remove({ plugin, key }));
      },
      keys: async () => {
        const query = { where: { plugin }, orderBy: [{ column: 'key' }] } as const;
        const found = await call('listing the state', () => rows.find(query));
        return found.map((row) => row.key);
      },
    };
  }
}
