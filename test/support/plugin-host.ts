import { configFrom } from '../../core/config/load.ts';
import { Container } from '../../core/container.ts';
import type { Clock } from '../../core/contracts/clock.ts';
import type { Log } from '../../core/contracts/log.ts';
import type { Egress } from '../../core/contracts/network.ts';
import type { Token } from '../../core/contracts/token.ts';
import { PluginHost } from '../../core/host/host.ts';
import { loadPlugins } from '../../core/host/load-plugins.ts';
import type { HostEntry } from '../../core/host/order.ts';
import { createEgress } from '../../core/network/egress.ts';
import { builtins } from '../../plugins/index.ts';
import { SimulatedClock } from './clock.ts';
import { recordingLog } from './log.ts';

export interface PluginHostOptions {
  /** As in the YAML. */
  readonly plugins: readonly { readonly use: string; readonly as?: string; readonly config?: object }[];
  /** What the runtime provides. */
  readonly services: readonly (readonly [token: Token<unknown>, service: unknown])[];
  /** Plugins that were set up before. */
  readonly before?: readonly HostEntry[];
  readonly clock?: Clock;
  readonly log?: Log;
  readonly egress?: Egress;
}

/** The runtime's own host with built-in plugins and without the rest of the runtime. Rejects with what is wrong with a config. */
export const startPluginHost = async (options: PluginHostOptions): Promise<PluginHost> => {
  const { plugins, services, before = [], clock = new SimulatedClock(), log = recordingLog() } = options;
  const container = new Container();
  for (const [token, service] of services) container.register(token, service);
  const egress = options.egress ?? createEgress();
  const core = services.map(([token]) => token);
  const host = new PluginHost({ baseDir: '/', log, clock, egress, container, core });
  const loaded = await loadPlugins(configFrom({ plugins }), builtins);
  await host.setUp(host.plan({ ...loaded, entries: [...before, ...loaded.entries] }).others);
  await host.ready();
  return host;
};
