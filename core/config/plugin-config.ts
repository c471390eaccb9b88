import type { AnyPlugin } from '../contracts/plugin.ts';
import { type TObject, Type } from '../contracts/schema.ts';
import { checkOnce } from './check-once.ts';
import { fitTypes } from './fit-types.ts';
import { describeViolations } from './load.ts';
import { type ConfigPath, pathKey } from './parse-yaml.ts';
import type { LoadedConfig } from './schema.ts';

/** A plugin's config, validated, with defaults, deeply frozen; or one line per fault, with file and line. */
export type CheckedPluginConfig =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Checks `plugins[index].config` against the plugin's own schema; a plugin without one takes no config. */
export const checkPluginConfig = (loaded: LoadedConfig, index: number, plugin: AnyPlugin): CheckedPluginConfig =>
  checkAt(loaded, ['plugins', index, 'config'], plugin, loaded.value.plugins[index]?.config ?? {});

/** Checks the config that `plugins[index].sessions.override[pattern]` makes of the plugin's own. */
export const checkOverride = (
  loaded: LoadedConfig,
  index: number,
  plugin: AnyPlugin,
  pattern: string,
): CheckedPluginConfig => {
  const path: ConfigPath = ['plugins', index, 'sessions', 'override', pattern, 'config'];
  const entry = loaded.value.plugins[index];
  const base = fitTypes(entry?.config ?? {}, schemaOf(plugin), below(loaded, ['plugins', index, 'config']));
  return checkAt(loaded, path, plugin, merge(base, entry?.sessions?.override?.[pattern]?.config));
};

const checkAt = (loaded: LoadedConfig, path: ConfigPath, plugin: AnyPlugin, written: unknown): CheckedPluginConfig => {
  const schema = schemaOf(plugin);
  const checked = checkOnce(schema, fitTypes(written, schema, below(loaded, path)));
  if (checked.ok) return { ok: true, value: freeze(checked.value) };
  return { ok: false, problems: describeViolations(loaded, checked.violations, path) };
};

const noConfig = Type.Object({});
const schemaOf = (plugin: AnyPlugin): TObject => plugin.config ?? noConfig;

/** Objects are merged key by key; everything else is replaced. */
const merge = (base: unknown, change: unknown): unknown => {
  if (change === undefined) return base;
  if (!isRecord(base) || !isRecord(change)) return change;
  const merged = Object.entries(change).map(([key, value]): [string, unknown] => [key, merge(base[key], value)]);
  return { ...base, ...Object.fromEntries(merged) };
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The origins of what is under a path, by the rest of their paths. */
const below = ({ origins }: LoadedConfig, path: ConfigPath): LoadedConfig['origins'] => {
  const prefix = `${pathKey(path)}\0`;
  const inside = [...origins].filter(([key]) => key.startsWith(prefix));
  return new Map(inside.map(([key, origin]) => [key.slice(prefix.length), origin]));
};

const freeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(freeze);
  }
  return value;
};
