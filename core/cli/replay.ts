import { readFileSync } from 'node:fs';
import { loadConfig } from '../config/load.ts';
import { eventNames } from '../contracts/event-names.ts';
import type { RuntimeEvent } from '../contracts/events.ts';
import { configInvalid } from '../errors.ts';
import { loadPlugins } from '../host/load-plugins.ts';
import type { HostEntry } from '../host/order.ts';
import type { Builtins } from '../host/resolve.ts';
import type { TestHost } from '../testing/create-test-host.ts';
import type { TestPluginEntry } from '../testing/test-host-options.ts';

export interface ReplayOptions {
  /** One event, a list of them, or one on each line: the bodies of webhooks. */
  readonly eventFile: string;
  readonly configFile: string;
  readonly builtins: Builtins;
}

/** How long plugins get after the last event (simulated ms). */
const afterwards = 60_000;

/**
 * `waha plugin replay`: gives recorded events to a config's own plugins and prints what they would send. Without
 * WhatsApp, without a network, on the events' own time. Resolves with the exit code: 1 when something was logged as an error.
 */
export const replay = async ({ eventFile, configFile, builtins }: ReplayOptions): Promise<number> => {
  const events = readEvents(eventFile);
  const config = loadConfig(configFile);
  const { entries, failed } = await loadPlugins(config, builtins);
  if (failed.length > 0) throw configInvalid(...failed.flatMap(({ problems }) => problems));
  const { createTestHost } = await import('../testing/create-test-host.ts');
  const host = await createTestHost({
    plugins: underTest(entries).map(asTestPlugin),
    sessions: [...new Set(events.map(({ session }) => session))],
    now: Math.min(...events.map(({ timestamp }) => timestamp)) - 1,
  });
  const tell = teller(host);
  for (const event of events) {
    await host.clock.pass(Math.max(0, event.timestamp - host.clock.now()));
    console.log(`${event.session} ${event.event} ${event.id ?? ''}`);
    if ((await host.publish(event)) === null) console.log('  dropped by a filter');
    tell();
  }
  await host.clock.pass(afterwards);
  tell();
  await host.close();
  return host.logged.some(({ level }) => level === 'error') ? 1 : 0;
};

/** The plugins that do not come with the runtime, and what they need of those that do. */
const underTest = (entries: readonly HostEntry[]): HostEntry[] => {
  const own = entries.filter(({ from }) => from !== 'built-in');
  if (own.length === 0) throw configInvalid('the config has no plugin of your own: name one by its path or package');
  const needed = new Set(own.flatMap(({ plugin }) => Object.values(plugin.needs ?? {})));
  const helpers = entries.filter(
    ({ from, plugin }) => from === 'built-in' && plugin.provides?.some((token) => needed.has(token)),
  );
  return [...helpers, ...own];
};

const asTestPlugin = ({ name, plugin, config, sessions }: HostEntry): TestPluginEntry => ({
  use: plugin,
  as: name,
  config,
  sessions: {
    ...(sessions?.include ? { include: sessions.include } : {}),
    override: Object.fromEntries(sessions?.overrides.map(({ pattern, config }) => [pattern, { config }]) ?? []),
  },
});

/** Prints what happened since it was last called. */
const teller = (host: TestHost) => {
  let [calls, requests, lines] = [0, 0, 0];
  return (): void => {
    for (const { session, method, args } of host.outgoing.slice(calls)) {
      console.log(`  → ${session} ${method}(${args.map((arg) => JSON.stringify(arg)).join(', ')})`);
    }
    for (const { method = 'GET', url } of host.http.requests.slice(requests)) console.log(`  → ${method} ${url}`);
    for (const { level, fields, message } of host.logged.slice(lines)) {
      if (level === 'error' || level === 'warn') console.log(`  ${level} [${fields['plugin'] ?? ''}] ${message}`);
    }
    [calls, requests, lines] = [host.outgoing.length, host.http.requests.length, host.logged.length];
  };
};

const readEvents = (file: string): RuntimeEvent[] => {
  const text = readText(file);
  const events = [parse(text) ?? text.split('\n').filter(Boolean).map(parse)].flat();
  if (events.length === 0 || !events.every(isEvent)) {
    throw configInvalid(`${file} holds no recorded events: JSON with "event", "session", "timestamp" and "payload"`);
  }
  return events.sort((a, b) => a.timestamp - b.timestamp);
};

const readText = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw configInvalid(`${file} cannot be read`);
  }
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const isEvent = (value: unknown): value is RuntimeEvent => {
  const { event, session, timestamp, payload } = (value ?? {}) as Partial<RuntimeEvent>;
  const named = eventNames.some((name) => name === event) && typeof session === 'string';
  return named && typeof timestamp === 'number' && typeof payload === 'object';
};
