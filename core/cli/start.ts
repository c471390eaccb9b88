import cluster from 'node:cluster';
import { loadConfig } from '../config/load.ts';
import type { Builtins } from '../host/resolve.ts';
import { untilSignal } from './signals.ts';
import { watchEventLoop } from './watch-event-loop.ts';
import { placeVariable } from './workers.ts';

export interface StartOptions {
  readonly configFile: string;
  readonly builtins: Builtins;
  /** Go on although data that were there at the last start are gone. */
  readonly acceptDataLoss?: boolean;
  /** The databases are a copy whose original may have gone on. */
  readonly restored?: boolean;
  /** How many processes on one port; this one alone when absent. */
  readonly workers?: number;
}

/** `waha start`: runs the deployment until it is told to stop; resolves with the exit code. */
export const start = async (options: StartOptions): Promise<number> => {
  const { configFile, builtins, acceptDataLoss = false, restored = false, workers } = options;
  if (workers !== undefined && cluster.isPrimary) {
    const { startWorkers } = await import('./workers.ts');
    return startWorkers({ configFile, builtins, count: workers });
  }
  const config = loadConfig(configFile);
  // Only now: a config that is wrong is told in half the time.
  const { startRuntime } = await import('../runtime.ts');
  let isStarted = false;
  let stop = (_force: boolean): void => undefined;
  const starting = startRuntime({
    ...{ config, builtins, acceptDataLoss, restored, place: process.env[placeVariable] },
    onShutdown: (force) => stop(force),
  });
  let report = (what: string, _error?: unknown): void => console.error(what);
  const stopped = untilSignal({
    stop: async () => (await starting).stop(),
    reload: async () => {
      const [runtime, changed] = [await starting, loadConfig(configFile)];
      await runtime.reloadPlugins(changed);
      await runtime.reload(changed.value.sessions);
    },
    ask: (way) => {
      stop = way;
    },
    // The runtime keeps to `stopGrace` itself; this is for when it cannot.
    grace: config.value.worker.stopGrace + 5_000,
    started: () => isStarted,
    report: (what, error) => report(what, error),
  });
  const { log } = await starting;
  report = (what, error) => log.error({ err: error }, what);
  isStarted = true;
  watchEventLoop(log);
  const code = await stopped;
  // Its line to the process that holds the port would keep it alive.
  if (cluster.isWorker) cluster.worker?.disconnect();
  return code;
};
