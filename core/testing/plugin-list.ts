import { definePlugin, isPlugin } from '../contracts/plugin.ts';
import type { Builtins } from '../host/resolve.ts';
import { Points } from '../tokens.ts';
import { memoryDatabase } from './memory-database.ts';
import { type TestEngine, testEnginePlugin } from './test-engine.ts';
import type { TestHostOptions, TestPlugin, TestPluginEntry } from './test-host-options.ts';

interface Arranged {
  /** `plugins:` of the YAML. */
  readonly plugins: readonly object[];
  readonly builtins: Builtins;
}

const memoryPlugin = () =>
  definePlugin({
    name: 'test-database',
    contributesFirst: [Points.Database],
    setup({ contribute, onClose }) {
      const database = memoryDatabase();
      contribute(Points.Database, database);
      onClose(() => database.close());
    },
  });

/** The plugins under test, and behind them a world: an engine, and a database for when they bring none. */
export const arrange = async (
  { plugins, config = {} }: TestHostOptions,
  engine: TestEngine | null,
): Promise<Arranged> => {
  const world: TestPlugin[] = engine ? [testEnginePlugin(engine)] : ['sandbox', 'baileys'];
  const entries = [...plugins, ...world, memoryPlugin()].map(entryOf);
  const values = entries.flatMap(({ use }) => (typeof use === 'string' ? [] : [use]));
  const needsBuiltins = entries.some(({ use }) => typeof use === 'string');
  const builtins = needsBuiltins ? (await import('waha-runtime/plugins')).builtins : {};
  return {
    plugins: entries.map(({ use, ...entry }) => {
      const name = typeof use === 'string' ? use : use.name;
      const own = entry.config ?? config[entry.as ?? name];
      return { ...entry, use: name, ...(own === undefined ? {} : { config: own }) };
    }),
    builtins: {
      ...builtins,
      ...Object.fromEntries(values.map((plugin) => [plugin.name, async () => ({ default: plugin, from: 'test' })])),
    },
  };
};

const entryOf = (plugin: TestPlugin): TestPluginEntry =>
  typeof plugin === 'string' || isPlugin(plugin) || !('use' in plugin) ? { use: plugin } : plugin;
