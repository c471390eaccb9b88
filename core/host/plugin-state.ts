import type { CircuitBreaker } from '../circuit-breaker.ts';
import type { HealthReport } from '../contracts/health.ts';
import type { PluginInfo } from '../contracts/plugins.ts';
import type { SetupContext } from './context.ts';

/** How a plugin is, as the host remembers it. */
export interface PluginState {
  readonly name: string;
  readonly from: string;
  readonly state: 'ready' | 'failed' | 'closed';
  readonly setupMs: number;
  readonly error?: string;
}

/** A plugin's state with what its contributions went through. */
export const describePlugin = (state: PluginState, order: number, context?: SetupContext): PluginInfo => {
  const breakers = context?.breakers ?? [];
  const sessions = context?.scope.patterns;
  const suspended = state.state === 'ready' && breakers.some(({ isOpen }) => isOpen);
  return {
    name: state.name,
    from: state.from,
    order,
    state: suspended ? 'suspended' : state.state,
    setupMs: state.setupMs,
    ...(state.error === undefined ? {} : { error: state.error }),
    ...(sessions ? { sessions } : {}),
    contributions: Object.fromEntries(breakers.filter(isWorthTelling).map((breaker) => [breaker.name, breaker.counts])),
  };
};

/** There are hundreds of routes; one that never failed says nothing. */
const isWorthTelling = ({ name, counts }: CircuitBreaker): boolean => !name.startsWith('route ') || counts.failed > 0;

/** The plugins' line of `/health`. */
export const pluginsReport = (plugins: readonly PluginInfo[]): HealthReport => {
  const troubled = plugins.filter(({ state }) => state === 'failed' || state === 'suspended');
  if (troubled.length === 0) return { status: 'up' };
  const suspendedIn = ({ contributions }: PluginInfo) =>
    Object.keys(contributions).filter((name) => contributions[name]?.suspended);
  const why = (plugin: PluginInfo) => plugin.error ?? `suspended: ${suspendedIn(plugin).join(', ')}`;
  return { status: 'down', message: troubled.map((plugin) => `${plugin.name}: ${why(plugin)}`).join('; ') };
};
