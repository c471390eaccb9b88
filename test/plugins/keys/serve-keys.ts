import { afterEach } from 'vitest';
import { configFrom } from '../../../core/config/load.ts';
import { type Database, definePlugin, Points } from '../../../core/index.ts';
import { startRuntime } from '../../../core/runtime.ts';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import { builtins } from '../../../plugins/index.ts';
import { SimulatedClock } from '../../support/clock.ts';
import { temporaryFolder } from '../../support/deployment.ts';
import { recordingLog } from '../../support/log.ts';

export const adminKey = 'the-key-of-the-server';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what the server answers, as a test reads it
  readonly body: any;
}

export interface ServeOptions {
  readonly keys?: Record<string, unknown>;
  readonly database?: Database;
  readonly folder?: string;
  readonly sessions?: readonly string[];
  /** It is for more than one test: whoever asked closes it. */
  readonly keepOpen?: boolean;
  /** Plugins of the test, by name. */
  readonly builtins?: Readonly<Record<string, object>>;
  /** Further entries of `plugins:`. */
  readonly plugins?: readonly { readonly use: string; readonly config?: object }[];
}

/** Where a plugin of the test keeps its files. */
export const folderOfTest = (): string => {
  const { path, remove } = temporaryFolder();
  cleanups.push(remove);
  return path;
};

/** The runtime with a real HTTP server, the API and the keys plugin; time and the database are the test's. */
export const serveKeys = async (options: ServeOptions = {}) => {
  const { database = memoryDatabase(), folder = folderOfTest(), keys = {}, plugins = [] } = options;
  const clock = new SimulatedClock(1_000_000);
  const log = recordingLog();
  const memory = definePlugin({
    name: 'memory',
    contributesFirst: [Points.Database],
    setup: ({ contribute }) => contribute(Points.Database, database),
  });
  const runtime = await startRuntime({
    config: configFrom({
      sessions: (options.sessions ?? ['ana', 'bob']).map((name) => ({ name, start: false })),
      plugins: [
        { use: 'memory' },
        { use: 'express', config: { host: '127.0.0.1', port: 0, apiKey: adminKey, closeGrace: 500 } },
        { use: 'waha-api' },
        { use: 'keys', config: { file: `${folder}/keys.secret`, ...keys } },
        ...plugins,
      ],
    }),
    builtins: { ...builtins, ...ownOf(options.builtins), memory: async () => ({ default: memory }) },
    clock,
    log,
  });
  const close = () => runtime.stop();
  if (!options.keepOpen) cleanups.push(close);
  const ask = async (method: string, path: string, body?: unknown, key = adminKey): Promise<Answer> => {
    const answer = await fetch(`${runtime.url}${path}`, {
      method,
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: asJson(text) };
  };
  const as = (key: string) => ({
    get: (path: string) => ask('GET', path, undefined, key),
    post: (path: string, body: unknown = {}) => ask('POST', path, body, key),
    put: (path: string, body: unknown = {}) => ask('PUT', path, body, key),
    remove: (path: string) => ask('DELETE', path, undefined, key),
  });
  /** Makes a key and gives what the API says of it. */
  const make = async (wish: object) => {
    const { status, body } = await as(adminKey).post('/api/keys', { isAdmin: false, isActive: true, ...wish });
    if (status !== 201) throw new Error(`${status} ${JSON.stringify(body)}`);
    return body;
  };
  return { runtime, clock, log, database, folder, close, as, admin: as(adminKey), make };
};

const ownOf = (plugins: Readonly<Record<string, object>> = {}) =>
  Object.fromEntries(Object.entries(plugins).map(([name, plugin]) => [name, async () => ({ default: plugin })]));

const asJson = (text: string): unknown => {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
};
