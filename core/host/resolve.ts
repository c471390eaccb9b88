import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { didYouMean } from '../config/validate.ts';
import { type AnyPlugin, isPlugin, pluginApi } from '../contracts/plugin.ts';
import { configInvalid, pluginFailed, sentence } from '../errors.ts';
import { hasManifest, readManifest } from './manifest.ts';
import { prepareTypeScript } from './typescript.ts';

/** The plugins that come with the runtime: loaded when a config names them. */
export type Builtins = Readonly<Record<string, () => Promise<{ readonly default: unknown }>>>;

export interface ResolveOptions {
  /** The folder of the YAML file. */
  readonly baseDir: string;
  readonly builtins: Builtins;
  /** Import the code again, as it is on the disk now: another number, another import. Built-ins stay as they are. */
  readonly edition?: number;
}

/** A plugin and where it was found. */
export interface ResolvedPlugin {
  readonly plugin: AnyPlugin;
  /** `built-in`, an absolute path, or `package@version`. */
  readonly from: string;
}

/**
 * Finds the plugin that `use:` names: a built-in, a path relative to the YAML file, or an npm package. Throws
 * `CONFIG_INVALID` when there is no such plugin, and `PLUGIN_FAILED` (with the cause) when its code fails to load.
 */
export const resolvePlugin = async (use: string, options: ResolveOptions): Promise<ResolvedPlugin> => {
  if (Object.hasOwn(options.builtins, use)) return loadBuiltin(use, options.builtins);
  if (use.startsWith('file:')) return loadPath(use, fileURLToPath(use), options);
  if (use.startsWith('.') || isAbsolute(use)) return loadPath(use, resolve(options.baseDir, use), options);
  return loadPackage(use, options);
};

const loadBuiltin = async (use: string, builtins: Builtins): Promise<ResolvedPlugin> => {
  const module = await attempt(use, async () => builtins[use]?.());
  // A test host hands in plugins under test in the same way, and they are held as strangers are.
  const { from = 'built-in' } = module as { readonly from?: string };
  return { plugin: pluginOf(use, module), from };
};

const loadPath = async (use: string, path: string, { baseDir, edition }: ResolveOptions): Promise<ResolvedPlugin> => {
  if (!existsSync(path)) throw configInvalid(`there is no plugin at ${use} (looked at ${path})`);
  const file = statSync(path).isDirectory() ? entryOfFolder(use, path) : path;
  if (/\.[cm]?ts$/.test(file)) await prepareTypeScript(baseDir);
  return { plugin: await importPlugin(use, file, edition), from: path };
};

const entryOfFolder = (use: string, folder: string): string => {
  if (hasManifest(folder, use)) return readManifest(folder, use).entry;
  const index = ['index.ts', 'index.js', 'index.mjs']
    .map((name) => join(folder, name))
    .find((file) => existsSync(file));
  if (!index)
    throw configInvalid(`the folder ${use} has neither a package.json with "waha" nor an index.ts or index.js`);
  return index;
};

const packagePattern = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/i;

const loadPackage = async (use: string, { baseDir, builtins, edition }: ResolveOptions): Promise<ResolvedPlugin> => {
  const folder = packagePattern.test(use) ? packageFolder(use, baseDir) : null;
  if (folder === null) throw unknownPlugin(use, baseDir, builtins);
  const { name, version, entry } = readManifest(folder, `the package ${use}`);
  return { plugin: await importPlugin(use, entry, edition), from: `${name}@${version}` };
};

/**
 * Looks beside the YAML file first, then beside the runtime. `require.resolve` would need an export that
 * `require` may use, and fails on packages that are ESM only.
 */
const packageFolder = (name: string, baseDir: string): string | null => {
  const starts = [join(baseDir, 'waha.config.yaml'), fileURLToPath(import.meta.url)];
  const folders = starts.flatMap((start) => createRequire(start).resolve.paths(`${name}/package.json`) ?? []);
  return folders.map((folder) => join(folder, name)).find((folder) => existsSync(join(folder, 'package.json'))) ?? null;
};

const unknownPlugin = (use: string, baseDir: string, builtins: Builtins) => {
  if (existsSync(resolve(baseDir, use))) {
    return configInvalid(`there is no plugin '${use}'; a path begins with './': './${use}'`);
  }
  const near = didYouMean(use, Object.keys(builtins));
  const hint = packagePattern.test(use) ? `; a plugin from npm must be installed first: npm install ${use}` : '';
  return configInvalid(`there is no plugin '${use}'${near || hint}`);
};

/** The query that tells one edition of a module from another; `edition-hooks.ts` hands it down to what it imports. */
const editionQuery = (edition: number | undefined): string => (edition === undefined ? '' : `?waha-edition=${edition}`);

const importPlugin = async (use: string, file: string, edition?: number): Promise<AnyPlugin> =>
  pluginOf(use, await attempt(use, () => import(pathToFileURL(file).href + editionQuery(edition))));

const attempt = async (use: string, load: () => Promise<unknown>): Promise<unknown> => {
  try {
    return await load();
  } catch (cause) {
    throw pluginFailed(use, `cannot be loaded: ${firstLine(sentence(cause))}${loadHint(cause)}`, cause);
  }
};

const firstLine = (text: string): string => text.split('\n', 2).join(' ').trim();

const loadHint = (cause: unknown): string => {
  const { code } = (cause ?? {}) as NodeJS.ErrnoException;
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION') {
    return `; Node ${process.versions.node} reads TypeScript with tsx only: npm install tsx beside the YAML, or build the plugin`;
  }
  return code === 'ERR_REQUIRE_CYCLE_MODULE' ? '; it needs a package.json with "type": "module" beside it' : '';
};

/** The default export. A CommonJS build of `export default` has it one level deeper. */
const pluginOf = (use: string, module: unknown): AnyPlugin => {
  const exported = defaultOf(module);
  const plugin = isPlugin(exported) ? exported : defaultOf(exported);
  if (!isPlugin(plugin)) throw configInvalid(`${use} has no plugin as its default export; make one by definePlugin`);
  const api = (plugin as unknown as Record<symbol, unknown>)[Symbol.for('waha:plugin')];
  if (api !== pluginApi) {
    throw configInvalid(`${use} was written for version ${api} of the plugin API, this runtime has ${pluginApi}`);
  }
  return plugin;
};

const defaultOf = (module: unknown): unknown => (module as { default?: unknown } | null | undefined)?.default;
