import { loadConfig } from '../config/load.ts';
import type { Builtins } from '../host/resolve.ts';
import { startRuntime } from '../runtime.ts';
import { untilSignal } from './signals.ts';

export interface StartOptions {
  readonly configFile: string;
  readonly builtins: Builtins;
}

/** `waha start`: runs the deployment until it is told to stop; resolves with the exit code. */
export const start = async ({ configFile, builtins }: StartOptions): Promise<number> => {
  const config = loadConfig(configFile);
  const starting = startRuntime({ config, builtins });
  let report = (what: string, _error?: unknown): void => console.error(what);
  const stopped = untilSignal({
    stop: async () => (await starting).stop(),
    reload: async () => (await starting).reload(),
    // The runtime keeps to `stopGrace` itself; this is for when it cannot.
    grace: config.value.worker.stopGrace + 5_000,
    report: (what, error) => report(what, error),
  });
  const { log } = await starting;
  report = (what, error) => log.error({ err: error }, what);
  return stopped;
};
