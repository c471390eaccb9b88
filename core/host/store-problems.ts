import type { LoadedConfig } from '../config/schema.ts';
import { didYouMean } from '../config/validate.ts';
import { Points } from '../tokens.ts';
import { describeEntry, type HostEntry } from './order.ts';

const stores = ['sessions', 'auth', 'messages', 'outbox'] as const;

/**
 * What the databases that are loaded cannot do for `stores:` and for several processes, as far as it is known without opening
 * them: one line for each fault, with file and line.
 */
export const storeProblems = (config: LoadedConfig, entries: readonly HostEntry[]): string[] => {
  const databases = entries.filter(({ plugin }) => plugin.contributesFirst?.includes(Points.Database));
  if (databases.length === 0) return [];
  const unknown = unknownStores(config, databases);
  const cluster = entries.find(({ plugin }) => plugin.contributesFirst?.includes(Points.Ownership));
  return unknown.length > 0 || !cluster ? unknown : problemsOfSeveral(config, databases, cluster.name);
};

const unknownStores = ({ value, at }: LoadedConfig, databases: readonly HostEntry[]): string[] => {
  const known = databases.map(({ name }) => name);
  return stores.flatMap((store) => {
    const name = value.stores[store];
    if (name === undefined || known.includes(name)) return [];
    const where = at(['stores', store]);
    return [`${where}: '${name}' is no database${didYouMean(name, known)} (databases: ${known.join(', ')})`];
  });
};

/** Several processes need every store in one database that all of them may open. */
const problemsOfSeveral = ({ value, at }: LoadedConfig, databases: readonly HostEntry[], cluster: string): string[] => {
  const named = (store: (typeof stores)[number]) => databases.find(({ name }) => name === value.stores[store]);
  const shared = databases.find(({ plugin }) => plugin.sharesDatabase);
  const right = shared?.name ?? 'postgres';
  const ofStores = stores.flatMap((store) => {
    const database = named(store);
    if (database === undefined || database === shared) return [];
    const fault = database.plugin.sharesDatabase ? 'is another database' : 'is for one process';
    return [`${at(['stores', store])}: '${database.name}' ${fault}; with plugin '${cluster}' write '${right}'`];
  });
  const ofPlugins = databases.flatMap((entry) => {
    if (entry.plugin.sharesDatabase || stores.some((store) => named(store) === entry)) return [];
    return [
      `${describeEntry(entry)} keeps data for one process, and a second one could not open them; ` +
        `with plugin '${cluster}' everything is in '${right}'`,
    ];
  });
  return [...ofStores, ...ofPlugins];
};
