import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { isSessionName, sessionNameRule } from '../../contracts/session.ts';
import { sentence } from '../../errors.ts';
import type { Builtins } from '../../host/resolve.ts';
import { packBundle } from '../../stores/bundle.ts';
import { showProgress } from '../progress.ts';
import { type Server, ServerError } from './server.ts';

export interface ImportOptions {
  readonly server: Server;
  readonly builtins: Builtins;
  /** A folder of another server, the URL of its PostgreSQL database, or a file that `waha export` wrote. */
  readonly place: string;
  /** Evolution's folder of keys, beside its database. */
  readonly instances?: string;
  /** In place of the folder's, for a single session. */
  readonly name?: string;
  readonly only?: readonly string[];
  readonly passphrase?: string;
  readonly dryRun?: boolean;
  readonly start?: boolean;
  readonly messages?: boolean;
  /** Its server is known to be gone, whatever it looks like. */
  readonly force?: boolean;
}

/** What an engine's module exports to read what other servers have left. */
interface ForeignModule {
  foreign(): Promise<{
    findForeignSessions(place: string, now: number): ForeignSession[];
    findPostgresSessions(place: { url: string; instances?: string | undefined }): Promise<ForeignSession[]>;
  }>;
}
interface ForeignAccount {
  readonly account: unknown;
  readonly unreadable: readonly string[];
}
interface ForeignSession {
  readonly name: string;
  readonly number: string | null;
  readonly keys: number;
  readonly store: { readonly messages: number; readonly chats: number } | null;
  readonly config: unknown;
  readonly desired: 'running' | 'stopped';
  readonly problem: string | null;
  readonly running: string | null;
  account(): ForeignAccount | Promise<ForeignAccount>;
  library(): Iterable<unknown> | AsyncIterable<unknown>;
}
interface Outcome {
  readonly keys: number;
  readonly damaged: number;
  readonly messages: number;
}

/** `waha import`: says what is there, and hands it to a running server. Resolves with the exit code. */
export const importSessions = async (options: ImportOptions): Promise<number> => {
  if (statSync(options.place, { throwIfNoEntry: false })?.isFile()) return importFile(options);
  const found = await foreignSessions(options);
  for (const session of found) console.log(described(session));
  const ready = found.filter(({ problem }) => problem === null);
  const faults = ready.flatMap(({ name }) =>
    isSessionName(name) ? [] : [`${name}: a name must be ${sessionNameRule}`],
  );
  const running = ready.filter((session) => session.running !== null);
  if (running.length > 0 && !options.force && !options.dryRun) {
    for (const { name, running: why } of running) console.error(`${name}: its server still runs (${why})`);
    console.error('stop the old server for good, then import: two servers with the keys of one device break it');
    return 1;
  }
  for (const fault of faults) console.error(fault);
  if (options.dryRun) return faults.length > 0 ? 1 : 0;
  return importAll(
    ready.filter(({ name }) => isSessionName(name)),
    options,
    faults.length,
  );
};

const foreignSessions = async ({
  builtins,
  place,
  instances,
  only,
  name,
}: ImportOptions): Promise<ForeignSession[]> => {
  refuseOtherDatabases(place);
  const engine = (await builtins['baileys']?.()) as Partial<ForeignModule> | undefined;
  const foreign = await engine?.foreign?.();
  if (!foreign) throw new Error('this build has no engine that takes sessions over');
  const all = /^postgres(?:ql)?:\/\//i.test(place)
    ? await foreign.findPostgresSessions({ url: place, instances })
    : foreign.findForeignSessions(place, Date.now());
  const unknown = only?.filter((wanted) => !all.some((session) => session.name === wanted)) ?? [];
  if (unknown.length > 0) throw new Error(`no session of this name is there: ${unknown.join(', ')}`);
  const wanted = only ? all.filter((session) => only.includes(session.name)) : all;
  if (name === undefined) return wanted;
  if (wanted.length !== 1) throw new Error(`--name is for one session; ${wanted.length} are there`);
  return wanted.map((session) => ({ ...session, name }));
};

/** A URL of something that is not read would be taken for a folder. */
const refuseOtherDatabases = (place: string): void => {
  const [, scheme = ''] = /^([a-z][\w+.-]{1,30}):\/\//i.exec(place) ?? [];
  if (scheme === '' || /^postgres(?:ql)?$/i.test(scheme)) return;
  const folders = 'a folder of WAHA, Evolution or Baileys, a postgres:// URL, or a file of `waha export`';
  const how = /^rediss?$/i.test(scheme)
    ? 'Redis is not read: write the hash of each instance into a folder first, a file for each field, as docs/moving.md shows, and import that'
    : `${scheme}:// is not read`;
  throw new Error(`${how}; what can be imported is ${folders}`);
};

const described = ({ name, number, keys, store, desired, problem }: ForeignSession): string => {
  if (problem !== null) return `${name}: left out, ${problem}`;
  const kept = store ? `, ${store.messages} messages in ${store.chats} chats` : '';
  return `${name}: +${number}, ${keys} keys${kept}${desired === 'stopped' ? ', stopped' : ''}`;
};

const importAll = async (
  sessions: readonly ForeignSession[],
  options: ImportOptions,
  faults: number,
): Promise<number> => {
  const bar = await showProgress(`Importing ${sessions.length} sessions`, sessions.length);
  const failures: string[] = [];
  for (const session of sessions) {
    try {
      const { damaged } = await importOne(session, options);
      bar.step(session.name);
      if (damaged > 0) failures.push(`${session.name}: ${damaged} keys could not be read and are left out`);
    } catch (error) {
      failures.push(`${session.name}: ${sentence(error)}`);
      if (error instanceof ServerError && (error.status === 0 || error.status === 401)) break;
    }
  }
  const failed = failures.filter((line) => !line.endsWith('are left out')).length;
  bar.done(`${sessions.length - failed} of ${sessions.length} sessions are imported`);
  for (const line of failures) console.error(line);
  return failed + faults > 0 ? 1 : 0;
};

const importOne = async (session: ForeignSession, options: ImportOptions): Promise<Outcome> => {
  const { server, messages = true } = options;
  const { name, config, desired } = session;
  const { account, unreadable } = await session.account();
  const start = options.start === undefined ? {} : { start: options.start };
  const path = `/api/sessions/${encodeURIComponent(name)}/import`;
  const send = async (bundle: object): Promise<Outcome> => {
    const data = Buffer.from(await packBundle(bundle)).toString('base64');
    return server.post<Outcome>(path, { data, ...start });
  };
  const first = await send({ name, config, desired, account });
  let count = 0;
  if (messages) for await (const library of session.library()) count += (await send({ library })).messages;
  return { ...first, damaged: first.damaged + unreadable.length, messages: count };
};

/** A file that `waha export` wrote. */
const importFile = async ({ server, place, name, passphrase, start }: ImportOptions): Promise<number> => {
  const session = name ?? basename(place).replace(/\.waha-session$/, '');
  const body = {
    data: readFileSync(place).toString('base64'),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(start === undefined ? {} : { start }),
  };
  const { keys } = await server.post<Outcome>(`/api/sessions/${encodeURIComponent(session)}/import`, body);
  console.log(`${session}: imported with ${keys} keys`);
  return 0;
};
