import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { isRuntimeError, sentence, unprocessable } from 'waha-runtime';
import { acceptAccount } from './account.ts';
import { credentialsFile, keyOfFile, readAuthFolder, readCredentials, readJson } from './files.ts';
import { ForeignDatabase } from './foreign-database.ts';
import type { ForeignSession } from './foreign-session.ts';
import { stillRuns } from './still-running.ts';
import { countStore, readStore, storeFile } from './waha-store.ts';

const configFile = '.waha.session.config.json';

/**
 * The sessions below a folder: WAHA's `.sessions`, its `noweb`, one session of it, or what Baileys' `useMultiFileAuthState` has
 * written, alone or many side by side. Throws `UNPROCESSABLE` when there is none.
 */
export const findForeignSessions = (place: string, now: number): ForeignSession[] => {
  const root = resolve(place);
  if (!statSync(root, { throwIfNoEntry: false })?.isDirectory()) throw unprocessable(`there is no folder ${root}`);
  const folders = authFolders(root);
  if (folders.length === 0) throw unprocessable(nothingIn(root));
  const knowledge = wahaKnowledge(root);
  return folders.map((folder) => describe(folder, knowledge, now));
};

const isAuthFolder = (folder: string): boolean => existsSync(join(folder, credentialsFile));

const foldersIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name))
    .sort();

const authFolders = (root: string): string[] => {
  if (isAuthFolder(root)) return [root];
  const direct = foldersIn(root);
  const found = direct.filter(isAuthFolder);
  return [
    ...found,
    ...direct.filter((folder) => !isAuthFolder(folder)).flatMap((one) => foldersIn(one).filter(isAuthFolder)),
  ];
};

const nothingIn = (root: string): string => {
  const others = ['webjs', 'gows', 'wpp'].filter((engine) => existsSync(join(root, engine)));
  const hint =
    others.length > 0
      ? `; sessions of WAHA's engine ${others.join(' and ').toUpperCase()} keep nothing that another engine can take: link them anew`
      : "; give WAHA's .sessions, or a folder of Baileys' useMultiFileAuthState";
  return `no session is in ${root}: no ${credentialsFile} is there or two levels below${hint}`;
};

/** What WAHA's own database says of sessions: in later versions their configs, and which of them are meant to run. */
interface Knowledge {
  readonly configs: ReadonlyMap<string, unknown>;
  /** Null where nothing is said. */
  readonly running: ReadonlySet<string> | null;
}

const wahaKnowledge = (root: string): Knowledge => {
  const folders = [root, join(root, 'waha'), dirname(root), join(dirname(root), 'waha'), dirname(dirname(root))];
  const file = folders.map((folder) => join(folder, 'waha.sqlite3')).find((one) => existsSync(one));
  if (!file) return { configs: new Map(), running: null };
  const database = new ForeignDatabase(file);
  try {
    const configs = new Map<string, unknown>();
    for (const { id, data } of database.rows('session_config'))
      configs.set(
        String(id),
        jsonIn(() => JSON.parse(String(data))),
      );
    const running = new Set([...database.rows('session_worker')].map(({ id }) => String(id)));
    return { configs, running: running.size > 0 ? running : null };
  } finally {
    database.close();
  }
};

const describe = (folder: string, { configs, running }: Knowledge, now: number): ForeignSession => {
  const name = basename(folder);
  const store = join(folder, storeFile);
  const hasStore = existsSync(store);
  return {
    name,
    ...account(folder),
    keys: readdirSync(folder).filter((file) => keyOfFile(file) !== null).length,
    store: hasStore ? countStore(store) : null,
    config: configIn(folder) ?? configs.get(name),
    desired: running === null || running.has(name) ? 'running' : 'stopped',
    running: stillRuns(folder, now),
    account: () => readAuthFolder(folder),
    library: () => (hasStore ? readStore(store) : []),
  };
};

const account = (folder: string): { number: string | null; problem: string | null } => {
  try {
    const { me } = acceptAccount({ creds: readCredentials(folder), keys: {} });
    return { number: me.id.split('@', 1)[0] ?? null, problem: null };
  } catch (error) {
    if (!isRuntimeError(error)) throw error;
    return { number: null, problem: sentence(error) };
  }
};

const configIn = (folder: string): unknown => {
  const file = join(folder, configFile);
  return existsSync(file) ? jsonIn(() => readJson(file)) : undefined;
};

/** Settings that cannot be read are no reason to scan a code again. */
const jsonIn = (read: () => unknown): unknown => {
  try {
    return read() ?? undefined;
  } catch {
    return undefined;
  }
};
