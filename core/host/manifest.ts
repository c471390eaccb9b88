import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { pluginApi } from '../contracts/plugin.ts';
import { configInvalid } from '../errors.ts';

/** What a plugin package says of itself in its package.json, before any of its code runs. */
export interface PluginManifest {
  readonly name: string;
  readonly version: string;
  /** Absolute path of the module whose default export is the plugin. */
  readonly entry: string;
}

/**
 * Reads the field `"waha": {"api": 1, "plugin": "./dist/index.js"}` of a package. Throws `CONFIG_INVALID` when it is
 * not there, names another version of the plugin API, or points out of the package. `shown` is what the user wrote.
 */
export const readManifest = (folder: string, shown: string): PluginManifest => {
  const manifest = readPackage(folder, shown);
  const { waha } = manifest;
  if (!isRecord(waha)) throw configInvalid(`${shown} is no plugin: its package.json has no field "waha"`);
  if (waha['api'] !== pluginApi) {
    const written = typeof waha['api'] === 'number' ? `version ${waha['api']}` : 'an unknown version';
    throw configInvalid(`${shown} was written for ${written} of the plugin API, this runtime has ${pluginApi}`);
  }
  if (typeof waha['plugin'] !== 'string' || waha['plugin'] === '') {
    throw configInvalid(`${shown} names no module: "waha.plugin" in its package.json must be a path`);
  }
  const entry = entryWithin(folder, waha['plugin'], shown);
  return { name: text(manifest['name'], shown), version: text(manifest['version'], '0.0.0'), entry };
};

/** True when the folder's package.json has the field `waha`. */
export const hasManifest = (folder: string, shown: string): boolean =>
  existsSync(join(folder, 'package.json')) && isRecord(readPackage(folder, shown)['waha']);

const readPackage = (folder: string, shown: string): Record<string, unknown> => {
  try {
    const parsed: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8').replace(/^\uFEFF/, ''));
    if (isRecord(parsed)) return parsed;
  } catch {
    // Said below: a parse error would quote the file.
  }
  throw configInvalid(`the package.json of ${shown} cannot be read`);
};

/** Links are followed on both sides, so that a linked package works and a link out of it does not. */
const entryWithin = (folder: string, path: string, shown: string): string => {
  const root = realpathSync(folder);
  const outside = () => configInvalid(`"waha.plugin" of ${shown} must stay within the package`);
  const wanted = resolve(root, path);
  if (!isWithin(root, wanted)) throw outside();
  if (!existsSync(wanted)) throw configInvalid(`${shown} has no file ${path}; was the package built?`);
  const entry = realpathSync(wanted);
  if (!isWithin(root, entry)) throw outside();
  return entry;
};

const isWithin = (root: string, file: string): boolean => {
  const steps = relative(root, file);
  return steps !== '' && steps !== '..' && !steps.startsWith(`..${sep}`) && resolve(root, steps) === file;
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise);
