import type { AnyPlugin } from '../contracts/plugin.ts';
import { Type } from '../contracts/schema.ts';
import { fitTypes } from './fit-types.ts';
import { describeViolations } from './load.ts';
import { type ConfigPath, pathKey } from './parse-yaml.ts';
import type { LoadedConfig } from './schema.ts';
import { compile } from './validate.ts';

/** A plugin's config, validated, with defaults, deeply frozen; or one line per fault, with file and line. */
export type CheckedPluginConfig =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Checks `plugins[index].config` against the plugin's own schema; a plugin without one takes no config. */
export const checkPluginConfig = (loaded: LoadedConfig, index: number, plugin: AnyPlugin): CheckedPluginConfig => {
  const path: ConfigPath = ['plugins', index, 'config'];
  const schema = plugin.config ?? Type.Object({});
  const written = loaded.value.plugins[index]?.config ?? {};
  const checked = compile(schema, { unknown: 'reject' })(fitTypes(written, schema, below(loaded, path)));
  if (checked.ok) return { ok: true, value: freeze(checked.value) };
  return { ok: false, problems: describeViolations(loaded, checked.violations, path) };
};

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
