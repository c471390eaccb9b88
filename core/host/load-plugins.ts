import { checkOverride, checkPluginConfig } from '../config/plugin-config.ts';
import type { LoadedConfig, PluginEntry } from '../config/schema.ts';
import type { AnyPlugin } from '../contracts/plugin.ts';
import { configInvalid, sentence } from '../errors.ts';
import type { HostEntry } from './order.ts';
import { type Builtins, resolvePlugin } from './resolve.ts';
import type { SessionSpec } from './session-scope.ts';

/** A plugin that could not be loaded, or whose config is wrong. */
export interface FailedEntry {
  readonly name: string;
  /** Its place in `plugins:`. */
  readonly index?: number;
  readonly onFailure: 'stop' | 'continue';
  /** One line per fault, with file and line. */
  readonly problems: readonly string[];
}

export interface LoadedPlugins {
  /** In the order of the YAML. */
  readonly entries: readonly HostEntry[];
  readonly failed: readonly FailedEntry[];
}

/**
 * Finds every plugin of a config and checks its config. Runs no setup; never rejects because of a plugin. `editions` are
 * those of plugins that were loaded anew since the start, by what `use:` says.
 */
export const loadPlugins = async (
  config: LoadedConfig,
  builtins: Builtins,
  editions: ReadonlyMap<string, number> = new Map(),
): Promise<LoadedPlugins> => {
  const loaded = await Promise.all(
    config.value.plugins.map((entry, index) => loadOne(config, builtins, entry, index, editions.get(entry.use))),
  );
  return {
    entries: loaded.filter((item) => 'plugin' in item),
    failed: loaded.filter((item) => 'problems' in item),
  };
};

/** Loads the plugin at this place of `plugins:` anew, with its code as it is on the disk now. */
export const loadPlugin = async (
  config: LoadedConfig,
  builtins: Builtins,
  index: number,
  edition: number,
): Promise<HostEntry | FailedEntry> => {
  const entry = config.value.plugins[index];
  if (!entry) throw configInvalid('the plugin is no longer in the YAML');
  return loadOne(config, builtins, entry, index, edition);
};

const loadOne = async (
  config: LoadedConfig,
  builtins: Builtins,
  entry: PluginEntry,
  index: number,
  edition?: number,
): Promise<HostEntry | FailedEntry> => {
  const onFailure = entry.onFailure ?? 'stop';
  const where = config.where(['plugins', index]);
  const name = entry.as ?? entry.use;
  try {
    const options = { baseDir: config.baseDir, builtins, ...(edition === undefined ? {} : { edition }) };
    const { plugin, from } = await resolvePlugin(entry.use, options);
    const checked = checkPluginConfig(config, index, plugin);
    if (!checked.ok) return { name, index, onFailure, problems: checked.problems };
    const sessions = sessionSpec(config, index, plugin, checked.value);
    if ('problems' in sessions) return { name, index, onFailure, problems: sessions.problems };
    return { name: entry.as ?? plugin.name, plugin, config: checked.value, sessions, index, onFailure, from, where };
  } catch (error) {
    return { name, index, onFailure, problems: [`${config.where(['plugins', index, 'use'])}: ${sentence(error)}`] };
  }
};

const sessionSpec = (
  config: LoadedConfig,
  index: number,
  plugin: AnyPlugin,
  own: unknown,
): SessionSpec | Pick<FailedEntry, 'problems'> => {
  const { include, override = {} } = config.value.plugins[index]?.sessions ?? {};
  const overrides: { pattern: string; config: unknown }[] = [];
  for (const pattern of Object.keys(override)) {
    const checked = checkOverride(config, index, plugin, pattern);
    if (!checked.ok) return { problems: checked.problems };
    overrides.push({ pattern, config: checked.value });
  }
  return { include: include ?? null, config: own, overrides };
};
