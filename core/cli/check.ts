import { loadConfig } from '../config/load.ts';
import type { LoadedConfig } from '../config/schema.ts';
import { configInvalid } from '../errors.ts';
import { loadPlugins } from '../host/load-plugins.ts';
import { type HostEntry, planSetup } from '../host/order.ts';
import type { Builtins } from '../host/resolve.ts';
import { storeProblems } from '../host/store-problems.ts';
import { createEgress } from '../network/egress.ts';
import { declaredFaults } from '../session/guarded-urls.ts';
import { noDatabase } from '../stores/assignment.ts';
import { coreTokens, Points, serviceTokens } from '../tokens.ts';

export interface CheckOptions {
  readonly configFile: string;
  readonly builtins: Builtins;
}

/** `waha check`: everything that can be known without starting. Throws `CONFIG_INVALID` with every fault. */
export const check = async (options: CheckOptions): Promise<void> => {
  const { config, order } = await plan(options);
  console.log(`${options.configFile} is valid: ${order.length} plugins, ${config.value.sessions.length} sessions`);
  const own = order.filter(({ from }) => from !== 'built-in').map(({ name }) => `'${name}'`);
  if (own.length > 0)
    console.log(
      `only the start checks what ${own.join(' and ')} does in its setup, such as the events that it listens to`,
    );
};

/** The checked config and the order of setup; throws `CONFIG_INVALID` with every fault. */
export const plan = async ({
  configFile,
  builtins,
}: CheckOptions): Promise<{ config: LoadedConfig; order: readonly HostEntry[] }> => {
  const config = loadConfig(configFile);
  const { entries, failed } = await loadPlugins(config, builtins);
  const { first, others, problems } = planSetup(entries, coreTokens, serviceTokens);
  const guard = createEgress({ allow: config.value.network.allow });
  const hasDatabase = entries.some(({ plugin }) => plugin.contributesFirst?.includes(Points.Database));
  const stores = hasDatabase ? storeProblems(config, entries) : [noDatabase];
  const faults = [
    ...failed.flatMap((entry) => entry.problems),
    ...(failed.length > 0 ? [] : [...problems, ...stores]),
    ...declaredFaults(config, (url) => guard.refusal(url)),
  ];
  if (faults.length > 0) throw configInvalid(...faults);
  return { config, order: [...first, ...others] };
};
