import { compile } from '../../../core/config/validate.ts';
import { Container } from '../../../core/container.ts';
import type { Health } from '../../../core/contracts/health.ts';
import type { AnyPlugin } from '../../../core/contracts/plugin.ts';
import { systemClock } from '../../../core/deadline.ts';
import { CollectionEventLog } from '../../../core/events/event-log.ts';
import { PluginHost } from '../../../core/host/host.ts';
import type { HostEntry } from '../../../core/host/order.ts';
import {
  definePlugin,
  type KeyRing,
  type Log,
  type PluginStorage,
  Points,
  type Route,
  type RouteGroup,
  type Sessions,
  type Shutdown,
  Tokens,
  type UpgradeHandler,
} from '../../../core/index.ts';
import { createEgress } from '../../../core/network/egress.ts';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import { ExpressConfig } from '../../../plugins/express/config.ts';
import express from '../../../plugins/express/index.ts';
import { recordingLog } from '../../support/log.ts';

export const apiKey = 'a-key-for-tests';

export interface ServeOptions {
  readonly config?: Record<string, unknown>;
  readonly routes?: readonly Route[];
  readonly groups?: readonly RouteGroup[];
  readonly upgrades?: readonly UpgradeHandler[];
  readonly plugins?: readonly AnyPlugin[];
  readonly keyRing?: KeyRing;
  readonly sessions?: Sessions;
  readonly shutdown?: Shutdown;
  readonly storage?: PluginStorage;
  readonly health?: () => Health;
  /** Instead of one that keeps its lines. */
  readonly log?: Log;
}

/** A plugin's storage that lives in a map. */
export const mapStorage = (map = new Map<string, unknown>()): PluginStorage => ({
  get: async <T>(key: string) => map.get(key) as T | undefined,
  set: async (key, value) => void map.set(key, value),
  remove: async (key) => void map.delete(key),
  keys: async () => [...map.keys()],
});

const well = (): Health => ({ status: 'ok', info: {}, error: {}, details: {} });
const runtime = {
  version: '1.2.3',
  tier: 'CORE',
  workerId: 'worker-1',
  startedAt: 1_000,
  defaultEngine: 'NOWEB',
} as const;

/** The real express plugin in the real host, on a free port of 127.0.0.1. Close it in `afterEach`. */
export const serve = async (options: ServeOptions = {}) => {
  const log = recordingLog();
  const container = new Container();
  container.register(Tokens.Health, { check: async () => (options.health ?? well)() });
  container.register(Tokens.EventLog, await CollectionEventLog.open(memoryDatabase()));
  container.register(Tokens.Runtime, runtime);
  container.register(Tokens.Shutdown, options.shutdown ?? { request: () => undefined });
  if (options.sessions) container.register(Tokens.Sessions, options.sessions);
  const storage = options.storage ?? mapStorage();
  const host = new PluginHost({
    baseDir: '/',
    log: options.log ?? log,
    clock: systemClock,
    egress: createEgress(),
    container,
    core: [Tokens.EventLog, Tokens.Health, Tokens.Runtime, Tokens.Shutdown, Tokens.Sessions],
  });
  const config = { port: 0, host: '127.0.0.1', apiKey, ...options.config };
  const entries = [
    entry(express, checked(config)),
    entry(contributor(options)),
    ...(options.plugins ?? []).map((plugin) => entry(plugin)),
  ];
  try {
    await host.setUp(host.plan({ entries, failed: [] }).others, () => storage);
    await host.ready();
  } catch (error) {
    await host.close();
    throw error;
  }
  const url = container.resolve(Tokens.HttpServer).url ?? '';
  return { url, log, close: () => host.close(), baseUrl: container.resolve(Tokens.HttpServer).baseUrl };
};

const contributor = ({ routes = [], groups = [], upgrades = [], keyRing }: ServeOptions): AnyPlugin =>
  definePlugin({
    name: 'contributor',
    setup({ contribute }) {
      contribute(Points.Routes, { tag: 'Test', description: 'Routes of a test', routes });
      if (keyRing) contribute(Points.KeyRing, keyRing);
      for (const group of groups) contribute(Points.Routes, group);
      for (const upgrade of upgrades) contribute(Points.Upgrade, upgrade);
    },
  }) as AnyPlugin;

const entry = (plugin: unknown, config: unknown = {}): HostEntry => {
  const known = plugin as AnyPlugin;
  return { name: known.name, plugin: known, config, onFailure: 'stop', from: 'built-in', where: 'waha.config.yaml:1' };
};

const checked = (config: unknown): unknown => {
  const result = compile(ExpressConfig, { unknown: 'reject' })(config);
  if (!result.ok) throw new Error(result.violations.map(({ message }) => message).join('; '));
  return result.value;
};

/** `fetch` with the key, or with the headers given. */
export const call = (url: string, init: RequestInit = {}): Promise<Response> =>
  fetch(url, {
    redirect: 'manual',
    ...init,
    headers: { 'x-api-key': apiKey, ...(init.headers as Record<string, string>) },
  });

/** Sends a JSON body. */
export const send = (method: string, url: string, body?: unknown): Promise<Response> =>
  call(url, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });

/** A promise that the test settles. */
export const deferred = <T = void>() => {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
};
