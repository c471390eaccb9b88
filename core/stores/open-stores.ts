import type { Clock } from '../contracts/clock.ts';
import type { Log } from '../contracts/log.ts';
import type { Ownership, OwnershipProvider } from '../contracts/ownership.ts';
import type { Database } from '../contracts/storage.ts';
import type { AuthStore, MessageStore, PluginStorage, SessionStore } from '../contracts/stores.ts';
import { configInvalid } from '../errors.ts';
import { assignmentFaults, type StoreAssignment, type StoreName, storeNames } from './assignment.ts';
import { CollectionAuthStore } from './auth-store.ts';
import { type CheckedDatabase, checkedDatabase } from './checked-database.ts';
import { fencedDatabase } from './fenced-database.ts';
import type { StoreLatency } from './latency.ts';
import { CollectionMessageStore } from './message-store.ts';
import { claimMarks } from './one-copy.ts';
import { PluginNamespaces } from './plugin-storage.ts';
import { CollectionSessionStore } from './session-store.ts';
import { checkForLoss, type NamedDatabase } from './store-marks.ts';
import { type TimeLimit, timeLimit } from './time-limit.ts';
import { timedDatabase } from './timed-database.ts';

export interface StoreOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** How long one call to a store may take. */
  readonly timeoutMs?: number;
  /** How many of its newest messages each session keeps. */
  readonly messagesPerSession?: number;
  /** The same for sessions that keep everything. */
  readonly messagesPerLibrary?: number;
  /** Takes the time of every call. */
  readonly latency?: StoreLatency;
  /** Go on although data that were there before are gone. */
  readonly acceptDataLoss?: boolean;
  /** The databases are a copy, put back by other means than `waha restore`. */
  readonly restored?: boolean;
  /** Makes every write on a session's behalf depend on whose the session is. */
  readonly ownership?: { readonly plugin: string; readonly value: OwnershipProvider } | undefined;
}

/** Every store of the runtime. */
export interface Stores {
  readonly sessions: SessionStore;
  readonly auth: AuthStore;
  readonly messages: MessageStore;
  /** Where the event log and its deliveries live. */
  readonly outbox: CheckedDatabase;
  /** Of a cluster; null where this process has all sessions. */
  readonly ownership: Ownership | null;
  /** A plugin's own namespace; it lives where the session definitions are. */
  pluginStorage(name: string): PluginStorage;
  /** Waits for what the stores do in the background. The databases are closed by their plugins. */
  close(): Promise<void>;
}

/**
 * Opens the stores, each on the database that `stores:` names. What it does not name is kept in the first database in
 * order of plugins; with one database loaded, that is everything.
 */
export const openStores = async (
  databases: readonly NamedDatabase[],
  wanted: StoreAssignment,
  options: StoreOptions,
): Promise<Stores> => {
  const { acceptDataLoss = false } = options;
  const release = await claimMarks(await checkForLoss(databases, acceptDataLoss));
  try {
    const stores = await openChosen(databases, wanted, options);
    const close = async (): Promise<void> => {
      await stores.close();
      await release();
    };
    return { ...stores, close };
  } catch (error) {
    await release();
    throw error;
  }
};

const openChosen = async (
  databases: readonly NamedDatabase[],
  wanted: StoreAssignment,
  options: StoreOptions,
): Promise<Stores> => {
  const { latency } = options;
  const timed = latency
    ? databases.map(({ plugin, value }) => ({ plugin, value: timedDatabase(value, latency) }))
    : databases;
  const plain = chooseDatabases(timed, wanted);
  const ownership = (await openOwnership(plain, options.ownership)) ?? null;
  const chosen = ownership ? fenced(plain, ownership) : plain;
  const { clock, log, timeoutMs = 10_000, messagesPerSession: perSession = 5_000 } = options;
  const perLibrary = options.messagesPerLibrary ?? 1_000_000;
  const within = (store: StoreName): TimeLimit => timeLimit(chosen[store].driver, clock, timeoutMs);

  const sessions = await CollectionSessionStore.open(chosen.sessions, within('sessions'));
  const namespaces = await PluginNamespaces.open(chosen.sessions, within('sessions'), ownership ? clock : undefined);
  const auth = await CollectionAuthStore.open(chosen.auth, within('auth'), log, {
    unfenced: plain.auth,
    restoredAt: options.restored ? clock.now() : undefined,
  });
  const messageOptions = {
    within: within('messages'),
    retention: { perSession, perLibrary },
    log,
    now: () => clock.now(),
  };
  const messages = await CollectionMessageStore.open(chosen.messages, messageOptions);
  return {
    sessions,
    auth,
    messages,
    outbox: checkedDatabase(chosen.outbox),
    ownership,
    pluginStorage: (name) => namespaces.of(name),
    close: async () => {
      namespaces.close();
      await messages.close();
    },
  };
};

type Chosen = Record<StoreName, Database>;

/** A fence is in the transaction of the write: all stores are in one database, which several processes may use. */
const openOwnership = async (chosen: Chosen, provider: StoreOptions['ownership']): Promise<Ownership | undefined> => {
  if (!provider) return undefined;
  const problems = storeNames.flatMap((store) => {
    const { driver, shared } = chosen[store];
    if (!shared) return [`stores.${store}: '${driver}' is for one process; plugin '${provider.plugin}' needs postgres`];
    return driver === chosen.sessions.driver
      ? []
      : [`stores.${store}: plugin '${provider.plugin}' needs all stores in one database`];
  });
  if (problems.length > 0) throw configInvalid(...problems);
  return provider.value.open(chosen.sessions);
};

const fenced = (chosen: Chosen, ownership: Ownership): Chosen => {
  const database = fencedDatabase(chosen.sessions, ownership);
  return { sessions: database, auth: database, messages: database, outbox: database };
};

/** The database of each store; `CONFIG_INVALID` lists every store that names no database. */
export const chooseDatabases = (
  databases: readonly NamedDatabase[],
  wanted: StoreAssignment,
): Record<StoreName, Database> => {
  const faults = assignmentFaults(
    databases.map(({ plugin }) => plugin),
    wanted,
  );
  if (faults.length > 0) throw configInvalid(...faults);
  const choose = (store: StoreName): Database => {
    const named = databases.find(({ plugin }) => plugin === (wanted[store] ?? plugin));
    return (named as NamedDatabase).value;
  };
  return {
    sessions: choose('sessions'),
    auth: choose('auth'),
    messages: choose('messages'),
    outbox: choose('outbox'),
  };
};
