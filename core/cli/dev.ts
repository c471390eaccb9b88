import { isAbsolute } from 'node:path';
import { loadConfig } from '../config/load.ts';
import { sentence } from '../errors.ts';
import { registerEditions } from '../host/edition-hooks.ts';
import type { Runtime } from '../runtime.ts';
import { untilSignal } from './signals.ts';
import type { StartOptions } from './start.ts';
import { watchPlugins } from './watch.ts';

/**
 * `waha dev`: runs a deployment, and takes over changed plugins and a changed YAML while the sessions stay connected.
 * Watches plugins that `use:` names by a path. Resolves with the exit code.
 */
export const dev = async ({ configFile, builtins }: StartOptions): Promise<number> => {
  const config = loadConfig(configFile);
  registerEditions();
  const { startRuntime } = await import('../runtime.ts');
  let stop = (_force: boolean): void => undefined;
  const runtime = await startRuntime({ config, builtins, onShutdown: (force) => stop(force) });
  const local = runtime.plugins.filter(({ from }) => isAbsolute(from));
  const watched = [
    ...local.map(({ name, from }) => ({ name, path: from })),
    { name: yaml, path: config.file, alone: true },
  ];
  // One after the other: a change during a take-over would meet a plugin that is half there.
  let takenOver = Promise.resolve();
  const stopWatching = watchPlugins(watched, (names) => {
    takenOver = takenOver.then(() => takeOver(runtime, configFile, names));
  });
  const names = local.map(({ name }) => name).join(', ') || 'no plugin: none is used by a path';
  runtime.log.info(`watching ${names}`);
  return untilSignal({
    stop: async () => {
      stopWatching();
      await runtime.stop();
    },
    ask: (way) => {
      stop = way;
    },
    grace: config.value.worker.stopGrace + 5_000,
    started: () => true,
    report: (what, error) => runtime.log.error({ err: error }, what),
  });
};

/** Stands for the YAML file among the names of plugins, which have no dots. */
const yaml = 'waha.config.yaml';

const takeOver = async (runtime: Runtime, configFile: string, names: readonly string[]): Promise<void> => {
  try {
    if (names.includes(yaml)) {
      const changed = loadConfig(configFile);
      await runtime.reloadPlugins(changed);
      await runtime.reload(changed.value.sessions);
    }
    const plugins = names.filter((name) => name !== yaml);
    if (plugins.length > 0) await runtime.reloadPlugins(undefined, plugins);
  } catch (error) {
    for (const line of sentence(error).split('\n')) runtime.log.error(line);
  }
};
