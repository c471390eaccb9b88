import { nameOf } from '../contracts/token.ts';
import { Points } from '../tokens.ts';
import type { Contributions } from './contributions.ts';
import type { HostEntry } from './order.ts';

/** What sessions and stores hold on to for as long as the runtime runs. */
const held: ReadonlyMap<symbol, string> = new Map<symbol, string>([
  [Points.Engine, 'sessions are connected through its engine'],
  [Points.Database, 'data is in its database'],
]);

/** Why a running plugin cannot be exchanged for its new code, or null when it can. */
export const whyNotReloadable = (
  entry: HostEntry,
  contributions: Contributions,
  others: readonly HostEntry[],
): string | null => {
  const holding = contributions.pointsOf(entry.name).find((point) => held.has(point));
  if (holding !== undefined) return held.get(holding) ?? null;
  for (const token of entry.plugin.provides ?? []) {
    const user = others.find(({ plugin }) => tokensOf(plugin).includes(token));
    if (user) return `plugin '${user.name}' uses its '${nameOf(token)}'`;
  }
  return null;
};

const tokensOf = ({ needs, wants }: HostEntry['plugin']): symbol[] => [
  ...Object.values(needs ?? {}),
  ...Object.values(wants ?? {}),
];
