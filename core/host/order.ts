import { isAbsolute } from 'node:path';
import { didYouMean } from '../config/validate.ts';
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

export interface SetupPlan {
  /** Those that the runtime's own services rest on, and what these need. */
  readonly first: readonly HostEntry[];
  readonly others: readonly HostEntry[];
  /** Why it would not work, one sentence for each fault. */
  readonly problems: readonly string[];
}

/** The names that problems and error messages find a plugin by: file and line in the YAML, name, and where its code is. */
export const describeEntry = ({ where, name, from }: HostEntry): string =>
  `${where}: plugin '${name}'${isAbsolute(from) ? ` (${from})` : ''}`;

/**
 * Providers before their users; otherwise the order of the YAML. What contributes to one of the first points comes before
 * all others. Missing services, two providers of one service, circles, and a need of what is built later are problems, each
 * naming the plugins.
 */
export const planSetup = (
  entries: readonly HostEntry[],
  core: readonly Token<unknown>[],
  built: readonly Token<unknown>[] = [],
): SetupPlan => {
  const malformed = entries.flatMap((entry) => malformedTokens(entry, core));
  if (malformed.length > 0) return { first: [], others: [], problems: malformed };
  const providers = providersOf(entries);
  const isFirst = firstOf(entries, providers);
  const problems = [
    ...duplicates(providers),
    ...missing(entries, providers, core),
    ...tooEarly(entries.filter(isFirst), built),
  ];
  const order: HostEntry[] = [];
  const waiting = [...entries.filter(isFirst), ...entries.filter((entry) => !isFirst(entry))];
  while (waiting.length > 0) {
    const next = waiting.findIndex((entry) => dependencies(entry, providers).every((other) => order.includes(other)));
    if (next < 0) return { first: [], others: order, problems: [...problems, circle(waiting, providers)] };
    order.push(...waiting.splice(next, 1));
  }
  return { first: order.filter(isFirst), others: order.filter((entry) => !isFirst(entry)), problems };
};

type Providers = ReadonlyMap<symbol, readonly HostEntry[]>;

/** Who contributes to a first point, and whom those need. */
const firstOf = (entries: readonly HostEntry[], providers: Providers): ((entry: HostEntry) => boolean) => {
  const first = new Set(entries.filter(({ plugin }) => (plugin.contributesFirst ?? []).length > 0));
  for (const entry of first) for (const other of dependencies(entry, providers)) first.add(other);
  return (entry) => first.has(entry);
};

const tooEarly = (first: readonly HostEntry[], built: readonly symbol[]): string[] =>
  first.flatMap((entry) =>
    [...tokensOf(entry.plugin.needs), ...tokensOf(entry.plugin.wants)]
      .filter((token) => built.includes(token))
      .map(
        (token) =>
          `${describeEntry(entry)} is set up before '${nameOf(token)}' is there, because the databases depend on it: it cannot need it`,
      ),
  );

/** `Tokens.Sesions` is undefined: what is no symbol names no service. */
const malformedTokens = (entry: HostEntry, core: readonly symbol[]): string[] => {
  const { needs = {}, wants = {}, provides = [], contributesFirst = [] } = entry.plugin;
  const named = Object.entries({ ...needs, ...wants }).map(([key, token]) => ({ key, token: token as unknown }));
  const listed = [...provides, ...contributesFirst].map((token) => ({ key: '', token: token as unknown }));
  return [...named, ...listed]
    .filter(({ token }) => typeof token !== 'symbol')
    .map(({ key, token }) => {
      const what = key === '' ? `names ${String(token)} as a token` : `needs '${key}' by a token that does not exist`;
      return `${describeEntry(entry)} ${what}${nearToken(key, core)}`;
    });
};

const nearToken = (name: string, tokens: readonly symbol[]): string =>
  didYouMean(
    name.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase(),
    tokens.map((token) => nameOf(token)),
  );

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
      .map((token) => {
        const near = nearToken(nameOf(token), [...core, ...providers.keys()]);
        return `${describeEntry(entry)} needs '${nameOf(token)}', which no loaded plugin provides${near}`;
      }),
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
