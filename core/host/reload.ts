import type { LoadedConfig } from '../config/schema.ts';
import type { Log } from '../contracts/log.ts';
import { configInvalid, sentence } from '../errors.ts';
import type { PluginHost } from './host.ts';
import { loadPlugin, loadPlugins } from './load-plugins.ts';
import type { Builtins } from './resolve.ts';

export interface ReloadOptions {
  readonly host: PluginHost;
  readonly before: LoadedConfig;
  readonly config: LoadedConfig;
  readonly builtins: Builtins;
  readonly log: Log;
}

/**
 * Brings the running plugins in line with a config: the named ones with their code as it is on the disk, else those whose
 * entry changed. Nothing of a plugin is touched before its new code is loaded and its config checked. Rejects with every
 * fault, after doing what could be done.
 */
export const reloadPlugins = async (options: ReloadOptions, names?: readonly string[]): Promise<void> => {
  const problems: string[] = [];
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      problems.push(sentence(error));
    }
  };
  if (names) for (const name of names) await attempt(() => reloadCode(options, name));
  else await attempt(() => applyChanges(options, attempt));
  if (problems.length > 0) throw configInvalid(...problems);
};

let editions = 0;

const reloadCode = async ({ host, config, builtins, log }: ReloadOptions, name: string): Promise<void> => {
  const index = host.indexOf(name);
  if (index === null) throw configInvalid(`there is no plugin named '${name}'`);
  const edition = ++editions;
  const loaded = await loadPlugin(config, builtins, index, edition);
  if ('problems' in loaded) throw configInvalid(...loaded.problems);
  host.editions.set(config.value.plugins[index]?.use ?? name, edition);
  await host.reload(loaded);
  log.info({ plugin: name }, 'reloaded');
};

const applyChanges = async (
  { host, before, config, builtins, log }: ReloadOptions,
  attempt: (work: () => Promise<void>) => Promise<void>,
): Promise<void> => {
  const load = (file: LoadedConfig) => loadPlugins(file, builtins, host.editions);
  const [old, next] = [await load(before), await load(config)];
  if (next.failed.length > 0) throw configInvalid(...next.failed.flatMap(({ problems }) => problems));
  const known = new Map(old.entries.map((entry) => [entry.name, entry]));
  for (const what of untouched(before, config)) log.warn(`${what} holds after a restart`);
  for (const { name } of old.entries.filter(({ name }) => !next.entries.some((entry) => entry.name === name))) {
    log.warn(`plugin '${name}' is no longer in ${config.where([])}; it goes on until a restart`);
  }
  for (const entry of next.entries) {
    const was = known.get(entry.name);
    if (!was) throw configInvalid(`${entry.where}: plugin '${entry.name}' is new; restart the runtime`);
    if (!same(was.config, entry.config)) await attempt(() => host.reload(entry));
    else if (!same(was.sessions, entry.sessions)) host.rescope(entry);
    else continue;
    log.info({ plugin: entry.name }, 'the changed config is in force');
  }
};

/** The changed options of a file that only a start reads. */
const untouched = (before: LoadedConfig, { value, where }: LoadedConfig): string[] => {
  const { plugins, sessions, ...rest } = value;
  return Object.entries(rest)
    .filter(([key, part]) => !same(part, (before.value as Record<string, unknown>)[key]))
    .map(([key]) => `${where([key])}: what changed in '${key}'`);
};

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
