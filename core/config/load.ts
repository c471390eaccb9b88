import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { configInvalid } from '../errors.ts';
import { checkOnce } from './check-once.ts';
import { crossCheck } from './cross-check.ts';
import { fitTypes, type Origin, type Origins } from './fit-types.ts';
import { packageFolder } from './package-folder.ts';
import { type ConfigPath, type ParsedYaml, parseYaml, pathKey } from './parse-yaml.ts';
import { fillPlaceholders, PlaceholderFault } from './placeholders.ts';
import { type LoadedConfig, RuntimeConfig } from './schema.ts';
import { expandSessions } from './session-names.ts';
import type { Violation } from './validate.ts';

export interface LoadOptions {
  /** Where `${NAME}` is looked up. Default: `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads a deployment's YAML file: placeholders filled in, values typed and checked, defaults added. Throws
 * `CONFIG_INVALID` that lists every fault as `file:line: path what`, and never quotes a value.
 */
export const loadConfig = (path: string, { env = process.env }: LoadOptions = {}): LoadedConfig => {
  const file = resolve(path);
  const shown = shownPath(file);
  const text = readText(file, shown);
  const origins = new Map<string, Origin>();
  const faults: string[] = [];
  const parsed = parseYaml(text, shown, (source, at, where) => {
    try {
      const { text, names, exact } = fillPlaceholders(source, { env, baseDir: baseOf(file) });
      if (names.length > 0) origins.set(pathKey(at), { names, exact });
      return names.length > 0 && text === '' ? 'omitted' : { value: text };
    } catch (fault) {
      if (!(fault instanceof PlaceholderFault)) throw fault;
      faults.push(`${where}: ${fault.message}`);
      return { value: source };
    }
  });
  if (faults.length > 0) throw configInvalid(...faults);
  return checkConfig({ file, shown, parsed, origins });
};

/** A config from a value instead of a file, as tests and programs that embed the runtime have it. */
export const configFrom = (value: unknown, file = resolve('waha.config.yaml')): LoadedConfig =>
  checkConfig({ file, shown: shownPath(file), parsed: { value, lines: new Map() }, origins: new Map() });

/** The faults of a check as lines for the user. `prefix` is the path of the checked value. */
export const describeViolations = (
  config: Pick<LoadedConfig, 'at' | 'origins'>,
  violations: readonly Violation[],
  prefix: ConfigPath = [],
): string[] =>
  violations.map(({ path, message }) => {
    const full = [...prefix, ...path];
    const raw = path.join('.') || 'value';
    const what = message.startsWith(raw) ? message.slice(raw.length) : ` ${message}`;
    const names = config.origins.get(pathKey(full))?.names.map((name) => `\${${name}}`) ?? [];
    return `${config.at(full)}${what}${names.length > 0 ? ` (it comes from ${names.join(' and ')})` : ''}`;
  });

/**
 * Where relative paths start: the file's folder. For a file of this package as it is installed, they start in the current folder as if the package
 * lay there: the next installation would remove whatever is written into `node_modules`.
 */
const baseOf = (file: string): string => {
  const inside = relative(packageFolder, file);
  const isPackaged = /[\\/]node_modules[\\/]/.test(packageFolder) && !inside.startsWith('..') && !isAbsolute(inside);
  return isPackaged ? dirname(resolve(inside)) : dirname(file);
};

interface Source {
  readonly file: string;
  readonly shown: string;
  readonly parsed: ParsedYaml;
  readonly origins: Origins;
}

const checkConfig = ({ file, shown, parsed, origins }: Source): LoadedConfig => {
  const value = expandSessions(fitAllButPlugins(parsed.value, origins), origins);
  const where = (path: ConfigPath): string => lineOf(parsed.lines, shown, path);
  const at = (path: ConfigPath): string =>
    [where(path), readable(value, path)].filter((part) => part !== '').join(': ');
  const checked = checkOnce(RuntimeConfig, value);
  if (!checked.ok) throw configInvalid(...describeViolations({ at, origins }, checked.violations));
  const config: LoadedConfig = { file, baseDir: baseOf(file), value: checked.value, where, at, origins };
  const faults = crossCheck(config);
  if (faults.length > 0) throw configInvalid(...faults);
  return config;
};

/** A plugin's config has the plugin's types, which are not known before the plugin is loaded. */
const fitAllButPlugins = (value: unknown, origins: Origins): unknown => {
  const own = new Map(
    [...origins].filter(([key]) => !/^plugins\0\d+\0(?:config|sessions\0override)(?:\0|$)/.test(key)),
  );
  return fitTypes(value, RuntimeConfig, own);
};

const lineOf = (lines: ReadonlyMap<string, number>, shown: string, path: ConfigPath): string => {
  for (let length = path.length; length > 0; length -= 1) {
    const line = lines.get(pathKey(path.slice(0, length)));
    if (line !== undefined) return `${shown}:${line}`;
  }
  return shown;
};

/** `plugins.webhook.config.url` for `['plugins', 0, 'config', 'url']`: list items go by their name where they have one. */
const readable = (root: unknown, path: ConfigPath): string => {
  let value = root;
  const parts = path.map((step) => {
    const container = value;
    value = (value as Record<string | number, unknown> | null | undefined)?.[step];
    return Array.isArray(container) ? (itemName(value) ?? String(step)) : String(step);
  });
  return parts.join('.');
};

const itemName = (item: unknown): string | null => {
  const { as, use, name } = (item ?? {}) as Record<string, unknown>;
  const found = [as, use, name].find((candidate) => typeof candidate === 'string' && candidate !== '');
  return typeof found === 'string' ? found : null;
};

/** As the user would type it: relative when it is below the current folder. */
const shownPath = (file: string): string => {
  const short = relative(process.cwd(), file);
  return short === '' || short.startsWith('..') || isAbsolute(short) ? file : short;
};

const readText = (file: string, shown: string): string => {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw configInvalid(`${shown}: ${unreadable(cause as NodeJS.ErrnoException)}`);
  }
  try {
    // The decoder drops a byte order mark.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw configInvalid(`${shown}: the file is not UTF-8 text`);
  }
};

const unreadable = ({ code }: NodeJS.ErrnoException): string => {
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'the file does not exist; `npx waha init` writes one';
  if (code === 'EISDIR') return 'this is a folder, not a file';
  if (code === 'EACCES' || code === 'EPERM') return 'the file may not be read (no permission)';
  return `the file cannot be read (${code})`;
};
