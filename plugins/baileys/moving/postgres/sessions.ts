import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isRuntimeError, sentence, unprocessable } from 'waha-runtime';
import { acceptAccount } from '../account.ts';
import { readKeyFolder } from '../files.ts';
import type { ForeignAccount, ForeignSession } from '../foreign-session.ts';
import { type EvolutionInstance, evolutionInstances } from './evolution.ts';
import { decoded, findKeyTables, type KeyRows, type KeyTable, readKeyRows, sessionsIn } from './key-tables.ts';
import { PostgresReader } from './reader.ts';
import { countStore, readStore } from './store.ts';

/** WAHA makes a database for what all sessions share, and one for each of them. */
const wahaDatabase = /^waha_noweb(?:_(.+))?$/;

export interface PostgresPlace {
  readonly url: string;
  /** Evolution's folder `instances`, in which its keys are. */
  readonly instances?: string | undefined;
}

/**
 * The sessions in a PostgreSQL database: of Evolution API, or of any program that keeps Baileys' credentials and keys as rows. Where it has none, the
 * databases `waha_noweb_<session>` of the same server are read. Rejects with `UNPROCESSABLE` when there is no session.
 */
export const findPostgresSessions = async (place: PostgresPlace): Promise<ForeignSession[]> => {
  const first = await PostgresReader.open(place.url);
  const knowledge = new WahaKnowledge();
  try {
    await knowledge.learn(first);
    const found = await sessionsOf(first, place);
    for (const database of found.length > 0 ? [] : await wahaDatabasesBeside(first)) {
      const reader = await PostgresReader.open(place.url, database);
      try {
        await knowledge.learn(reader);
        found.push(...(await sessionsOf(reader, place)));
      } finally {
        await reader.close();
      }
    }
    if (found.length === 0)
      throw unprocessable(`no session is in ${first.place}: no table holds credentials of Baileys`);
    return found.map((session) => ({ ...session, ...knowledge.of(session) }));
  } finally {
    await first.close();
  }
};

const wahaDatabasesBeside = async (reader: PostgresReader): Promise<string[]> => {
  if (wahaDatabase.exec(reader.database)?.[1] !== undefined) return [];
  const text = "SELECT datname AS name FROM pg_database WHERE has_database_privilege(datname, 'CONNECT') ORDER BY 1";
  const names = (await reader.rows(text)).map(({ name }) => String(name));
  return names.filter((name) => name !== reader.database && wahaDatabase.test(name));
};

/** Configs of sessions, and which of them are meant to run, as WAHA keeps them. */
class WahaKnowledge {
  readonly #configs = new Map<string, unknown>();
  readonly #running = new Set<string>();

  async learn(reader: PostgresReader): Promise<void> {
    for (const { id, data } of await rowsOf(reader, 'session_config'))
      this.#configs.set(String(id), decoded(data) ?? undefined);
    for (const { id } of await rowsOf(reader, 'session_worker')) this.#running.add(String(id));
  }

  of({ name, config, desired }: ForeignSession): Pick<ForeignSession, 'config' | 'desired'> {
    const isMeantToRun = this.#running.size === 0 ? desired : this.#running.has(name) ? 'running' : 'stopped';
    return { config: config ?? this.#configs.get(name), desired: isMeantToRun };
  }
}

const rowsOf = async (reader: PostgresReader, table: 'session_config' | 'session_worker') => {
  const text = `SELECT to_regclass('${table}') IS NOT NULL AS there`;
  const [found] = await reader.rows(text);
  return found?.['there'] === true ? reader.rows(`SELECT * FROM ${table}`) : [];
};

const sessionsOf = async (reader: PostgresReader, place: PostgresPlace): Promise<ForeignSession[]> => {
  const clients = await reader.otherClients();
  const running = clients > 0 ? `${clients} other connections to ${reader.place} are open` : null;
  const found: ForeignSession[] = [];
  const instances = await evolutionInstances(reader);
  for (const instance of instances) found.push({ ...describeInstance(instance, place), running });
  for (const table of await findKeyTables(reader)) {
    // Evolution's credentials are no rows of their own, and were found above.
    for (const session of await sessionsIn(reader, table))
      found.push({ ...(await describeRows(reader, { table, session, place })), running });
  }
  return found;
};

interface InTable {
  readonly table: KeyTable;
  readonly session: string | null;
  readonly place: PostgresPlace;
}

const describeRows = async (reader: PostgresReader, { table, session, place }: InTable): Promise<ForeignSession> => {
  const { database } = reader;
  const own = wahaDatabase.exec(database)?.[1];
  const again = async <T>(work: (reader: PostgresReader) => Promise<T>): Promise<T> => {
    const reader = await PostgresReader.open(place.url, database);
    return work(reader).finally(() => reader.close());
  };
  const rows = await readKeyRows(reader, table, session);
  const store = session === null || own !== undefined ? await countStore(reader) : null;
  return {
    name: session ?? own ?? database,
    ...about(rows),
    store,
    config: undefined,
    desired: 'running',
    running: null,
    account: () => again(async (reader) => accountOf(await readKeyRows(reader, table, session))),
    async *library() {
      if (!store) return;
      const reader = await PostgresReader.open(place.url, database);
      try {
        yield* readStore(reader);
      } finally {
        await reader.close();
      }
    },
  };
};

const describeInstance = (
  { id, name, creds, config, desired }: EvolutionInstance,
  { instances }: PostgresPlace,
): ForeignSession => {
  const folder = instances === undefined ? null : join(instances, id);
  const files = folder !== null && existsSync(folder) ? readKeyFolder(folder) : { keys: {}, unreadable: [] };
  const rows = { creds, ...files };
  return {
    ...{ name, ...about(rows), config, desired, store: null, running: null },
    account: () => accountOf(rows),
    library: () => [],
  };
};

const accountOf = ({ creds, keys, unreadable }: KeyRows): ForeignAccount => ({ account: { creds, keys }, unreadable });

const about = ({ creds, keys }: KeyRows): Pick<ForeignSession, 'number' | 'keys' | 'problem'> => {
  const count = Object.values(keys).reduce((sum, values) => sum + Object.keys(values).length, 0);
  try {
    const { me } = acceptAccount({ creds, keys: {} });
    return { number: me.id.split('@', 1)[0] ?? null, keys: count, problem: null };
  } catch (error) {
    if (!isRuntimeError(error)) throw error;
    return { number: null, keys: count, problem: sentence(error) };
  }
};
