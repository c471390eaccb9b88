import { closest, distance } from 'fastest-levenshtein';

/** `stores:` of the YAML: which plugin's database keeps what. */
export interface StoreAssignment {
  readonly sessions?: string;
  readonly auth?: string;
  readonly messages?: string;
  readonly outbox?: string;
}

export const storeNames = ['sessions', 'auth', 'messages', 'outbox'] as const;
export type StoreName = (typeof storeNames)[number];

export const noDatabase = 'no storage plugin is loaded: add one to plugins, for example `- use: sqlite`';

/** What is wrong with `stores:` when these plugins bring a database: one sentence for each store that names another. */
export const assignmentFaults = (databases: readonly string[], wanted: StoreAssignment): string[] => {
  if (databases.length === 0) return [noDatabase];
  return storeNames.flatMap((store) => {
    const name = wanted[store];
    if (name === undefined || databases.includes(name)) return [];
    return [`stores.${store}: '${name}' is no database${near(name, databases)}`];
  });
};

const near = (name: string, known: readonly string[]): string => {
  const nearest = closest(name, known as string[]);
  const guess = distance(name, nearest) <= Math.max(2, name.length / 3) ? `; did you mean '${nearest}'?` : '';
  return `${guess} (databases: ${known.join(', ')})`;
};
