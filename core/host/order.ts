import type { AnyPlugin } from '../contracts/plugin.ts';
import { nameOf, type Token } from '../contracts/token.ts';
import type { SessionSpec } from './session-scope.ts';

/** A plugin as the YAML loads it. */
export interface HostEntry {
  /** The instance's name. */
  readonly name: string;
  readonly plugin: AnyPlugin;
  /** Validated and frozen. */
  readonly config: unknown;
  /** The sessions that it works for; all of them, with `config`, when absent. */
  readonly sessions?: SessionSpec;
  /** Its place in `plugins:`. */
  readonly index?: number;
  readonly onFailure: 'stop' | 'continue';
  /** `built-in`, a path, or a package with its version. */
  readonly from: string;
  /** `waha.config.yaml:8`, for error messages. */
  readonly where: string;
}

export interface Ordered {
  readonly order: readonly HostEntry[];
  readonly problems: readonly string[];
}

/**
 * Providers before their users; otherwise the order of the YAML. Missing services, two providers of one
 * service and circles are problems, each naming the plugins.
 */
export const orderPlugins = (entries: readonly HostEntry[], core: readonly Token<unknown>[]): Ordered => {
  const providers = providersOf(entries);
  const problems = [...duplicates(providers), ...missing(entries, providers, core)];
  const order: HostEntry[] = [];
  const waiting = [...entries];
  while (waiting.length > 0) {
    const next = waiting.findIndex((entry) => dependencies(entry, providers).every((other) => order.includes(other)));
    if (next < 0) return { order, problems: [...problems, circle(waiting, providers)] };
    order.push(...waiting.splice(next, 1));
  }
  return { order, problems };
};

type Providers = ReadonlyMap<symbol, readonly HostEntry[]>;

const providersOf = (entries: readonly HostEntry[]): Providers => {
  const providers = new Map<symbol, HostEntry[]>();
  for (const entry of entries) {
    for (const token of entry.plugin.provides ?? []) providers.set(token, [...(providers.get(token) ?? []), entry]);
  }
  return providers;
};

const tokensOf = (map: AnyPlugin['needs']): symbol[] => Object.values(map ?? {});

/** The other plugins that must be set up before this one. */
const dependencies = ({ plugin }: HostEntry, providers: Providers): HostEntry[] =>
  [...tokensOf(plugin.needs), ...tokensOf(plugin.wants)]
    .flatMap((token) => providers.get(token) ?? [])
    .filter((other) => other.plugin !== plugin);

const duplicates = (providers: Providers): string[] =>
  [...providers]
    .filter(([, entries]) => entries.length > 1)
    .map(([token, entries]) => {
      const names = entries.map((entry) => `'${entry.name}'`).join(' and ');
      return `${entries[1]?.where}: plugins ${names} both provide '${nameOf(token)}'; load one of them`;
    });

const missing = (entries: readonly HostEntry[], providers: Providers, core: readonly symbol[]): string[] =>
  entries.flatMap((entry) =>
    tokensOf(entry.plugin.needs)
      .filter((token) => !providers.has(token) && !core.includes(token))
      .map(
        (token) => `${entry.where}: plugin '${entry.name}' needs '${nameOf(token)}', which no loaded plugin provides`,
      ),
  );

const circle = (waiting: readonly HostEntry[], providers: Providers): string => {
  const path: HostEntry[] = [];
  let current = waiting[0] as HostEntry;
  while (!path.includes(current)) {
    path.push(current);
    current = dependencies(current, providers).find((other) => waiting.includes(other)) ?? current;
  }
  const names = [...path.slice(path.indexOf(current)), current].map((entry) => entry.name);
  return `${current.where}: plugins need each other in a circle: ${names.join(' → ')}`;
};
