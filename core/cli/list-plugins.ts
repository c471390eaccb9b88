import { loadConfig } from '../config/load.ts';
import type { PluginInfo } from '../contracts/plugins.ts';
import { configInvalid, sentence } from '../errors.ts';
import { loadPlugins } from '../host/load-plugins.ts';
import { planSetup } from '../host/order.ts';
import type { Builtins } from '../host/resolve.ts';
import { coreTokens, serviceTokens } from '../tokens.ts';
import { aligned } from './aligned.ts';

export interface ListOptions {
  readonly configFile: string;
  readonly builtins: Builtins;
  /** Of a running server: asks it instead of reading the config. */
  readonly url?: string;
  readonly apiKey?: string;
}

/**
 * `waha plugins`: the order of setup, the name, the state and where each comes from. A running server tells times, too.
 * Resolves with the exit code: 2 when a plugin of the config cannot be loaded.
 */
export const listPlugins = async (options: ListOptions): Promise<number> => {
  const plugins = options.url === undefined ? await configured(options) : await running(options.url, options.apiKey);
  const rows = plugins.map(({ name, from, order, state, setupMs, sessions }) => [
    (order === 0 ? '-' : String(order)).padStart(String(plugins.length).length),
    name,
    state,
    options.url === undefined ? '' : `${setupMs} ms`,
    `${from}${sessions ? ` (sessions ${sessions.join(', ')})` : ''}`,
  ]);
  for (const row of aligned(rows)) console.log(row);
  for (const { error } of plugins) for (const line of error?.split('\n') ?? []) console.error(line);
  return options.url === undefined && plugins.some(({ state }) => state === 'failed') ? 2 : 0;
};

/** What would be loaded; nothing is set up. */
const configured = async ({ configFile, builtins }: ListOptions): Promise<PluginInfo[]> => {
  const config = loadConfig(configFile);
  const { entries, failed } = await loadPlugins(config, builtins);
  const { first, others, problems } = planSetup(entries, coreTokens, serviceTokens);
  if (failed.length === 0 && problems.length > 0) throw configInvalid(...problems);
  const ready = [...first, ...others].map(({ name, from, sessions }, index) => ({
    ...{ name, from, order: index + 1, state: 'ready' as const, setupMs: 0, contributions: {} },
    ...(sessions?.include ? { sessions: sessions.include } : {}),
  }));
  const broken = failed.map(({ name, problems }) => ({
    ...{ name, from: '', order: 0, state: 'failed' as const, setupMs: 0, contributions: {} },
    error: problems.join('\n'),
  }));
  return [...ready, ...broken];
};

const running = async (url: string, apiKey: string | undefined): Promise<PluginInfo[]> => {
  const address = new URL('/api/server/plugins', url);
  try {
    const { got } = await import('got');
    const headers = apiKey === undefined ? {} : { 'x-api-key': apiKey };
    return await got(address, { headers, retry: { limit: 0 }, timeout: { request: 10_000 } }).json<PluginInfo[]>();
  } catch (error) {
    throw new Error(`${address.origin} cannot be asked for its plugins: ${sentence(error)}`);
  }
};
