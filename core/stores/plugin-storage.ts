import type { Clock } from '../contracts/clock.ts';
import { type Change, type Collection, type Database, defineCollection, type RowOf } from '../contracts/storage.ts';
import type { PluginStorage } from '../contracts/stores.ts';
import { ForeignChanges } from './foreign-changes.ts';
import type { TimeLimit } from './time-limit.ts';

const schema = defineCollection({
  name: 'plugin_storage',
  columns: { plugin: { type: 'text' }, key: { type: 'text' }, value: { type: 'json' } },
  key: ['plugin', 'key'],
});

/** The small state of all plugins, each in a namespace of its own. */
export class PluginNamespaces {
  readonly #database: Database;
  readonly #rows: Collection<RowOf<typeof schema>>;
  readonly #within: TimeLimit;
  readonly #foreign: ForeignChanges | null;

  private constructor(
    database: Database,
    rows: Collection<RowOf<typeof schema>>,
    within: TimeLimit,
    foreign: ForeignChanges | null,
  ) {
    this.#database = database;
    this.#rows = rows;
    this.#within = within;
    this.#foreign = foreign;
  }

  /** `watched`: other processes write here, too, and this is the clock by which one looks for it. */
  static async open(database: Database, within: TimeLimit, watched?: Clock): Promise<PluginNamespaces> {
    const rows = await database.open(schema);
    const foreign = watched ? await ForeignChanges.open(database, within, watched) : null;
    return new PluginNamespaces(database, rows, within, foreign);
  }

  /** The namespace of the plugin instance of this name. */
  of(plugin: string): PluginStorage {
    const rows = this.#rows;
    const foreign = this.#foreign;
    const call = <T>(what: string, work: () => Promise<T>) => this.#within(`${what} of plugin '${plugin}'`, work);
    const write = (change: Change): Promise<void> =>
      this.#database.batch(foreign ? [change, foreign.noting(plugin)] : [change]);
    return {
      get: async <T>(key: string) => {
        const row = await call('reading the state', () => rows.get({ plugin, key }));
        return row === null ? undefined : (row.value as T);
      },
      set: async (key, value) => call('saving the state', () => write(rows.putting({ plugin, key, value }))),
      remove: async (key) => call('removing the state', () => write(rows.removing({ plugin, key }))),
      keys: async () => {
        const query = { where: { plugin }, orderBy: [{ column: 'key' }] } as const;
        const found = await call('listing the state', () => rows.find(query));
        return found.map((row) => row.key);
      },
      ...(foreign ? { onForeignChange: (listener: () => void) => foreign.listen(plugin, listener) } : {}),
    };
  }

  close(): void {
    this.#foreign?.close();
  }
}
