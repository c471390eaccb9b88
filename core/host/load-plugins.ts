import { checkPluginConfig } from '../config/plugin-config.ts';
import type { LoadedConfig, PluginEntry } from '../config/schema.ts';
import { sentence } from '../errors.ts';
import type { HostEntry } from './order.ts';
import { type Builtins, resolvePlugin } from './resolve.ts';

/** A plugin that could not be loaded, or whose config is wrong. */
export interface FailedEntry {
  readonly name: string;
  readonly onFailure: 'stop' | 'continue';
  /** One line per fault, with file and line. */
  readonly problems: readonly string[];
}

export interface LoadedPlugins {
  /** In the order of the YAML. */
  readonly entries: readonly HostEntry[];
  readonly failed: readonly FailedEntry[];
}

/** Finds every plugin of a config and checks its config. Runs no setup; never rejects because of a plugin. */
export const loadPlugins = async (config: LoadedConfig, builtins: Builtins): Promise<LoadedPlugins> => {
  const loaded = await Promise.all(config.value.plugins.map((entry, index) => loadOne(config, builtins, entry, index)));
  return {
    entries: loaded.filter((item) => 'plugin' in item),
    failed: loaded.filter((item) => 'problems' in item),
  };
};

const loadOne = async (
  config: LoadedConfig,
  builtins: Builtins,
  entry: PluginEntry,
  index: number,
): Promise<HostEntry | FailedEntry> => {
  const onFailure = entry.onFailure ?? 'stop';
  const where = config.where(['plugins', index]);
  const name = entry.as ?? entry.use;
  try {
    const { plugin, from } = await resolvePlugin(entry.use, { baseDir: config.baseDir, builtins });
    const checked = checkPluginConfig(config, index, plugin);
    if (!checked.ok) return { name, onFailure, problems: checked.problems };
    return { name: entry.as ?? plugin.name, plugin, config: checked.value, onFailure, from, where };
  } catch (error) {
    return { name, onFailure, problems: [`${config.where(['plugins', index, 'use'])}: ${sentence(error)}`] };
  }
};
