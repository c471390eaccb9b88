import { afterEach } from 'vitest';
import {
  type Clock,
  type Database,
  definePlugin,
  type EventName,
  type EventSink,
  type HealthIndicator,
  type HealthReport,
  type Log,
  Points,
  type RuntimeEvent,
  type SessionConfig,
  type SessionInfo,
  type Sessions,
  Tokens,
} from 'waha-runtime';
import type { AnyPlugin, Contribution } from '../../../core/contracts/plugin.ts';
import { sessionNotFound } from '../../../core/errors.ts';
import { CollectionEventLog } from '../../../core/events/event-log.ts';
import type { HostEntry } from '../../../core/host/order.ts';
import { createEgress, type EgressOptions } from '../../../core/network/egress.ts';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import { SimulatedClock } from '../../support/clock.ts';
import { startPluginHost } from '../../support/plugin-host.ts';

/** A simulated clock that tells when a timer is set: tests wait for that instead of for time. */
class WatchedClock implements Clock {
  readonly #clock = new SimulatedClock(Date.now());
  readonly #delays: number[] = [];
  readonly #waiting: ((delay: number) => void)[] = [];
  now = this.#clock.now;
  clearTimeout = this.#clock.clearTimeout;

  setTimeout = (action: () => void, delay: number): unknown => {
    const waiting = this.#waiting.shift();
    if (waiting) waiting(delay);
    else this.#delays.push(delay);
    return this.#clock.setTimeout(action, delay);
  };

  /** The wait of the next timer that is set and that no call got before. */
  timer(): Promise<number> {
    const delay = this.#delays.shift();
    return delay === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(delay);
  }

  /** Forgets the timers that no call got. */
  forget(): void {
    this.#delays.length = 0;
  }

  pass(milliseconds: number): Promise<void> {
    return this.#clock.pass(milliseconds);
  }
}

interface Line {
  readonly level: string;
  readonly fields: object;
  readonly message: string;
}

/** A log that keeps its lines and lets a test wait for one. */
const watchedLog = () => {
  const lines: Line[] = [];
  const waiting: { text: string; resolve: (line: Line) => void }[] = [];
  const at = (level: string) => (fields: object | string, message?: string) => {
    const line =
      typeof fields === 'string' ? { level, fields: {}, message: fields } : { level, fields, message: message ?? '' };
    lines.push(line);
    const index = waiting.findIndex(({ text }) => line.message.includes(text));
    if (index !== -1) waiting.splice(index, 1)[0]?.resolve(line);
  };
  const log: Log = {
    level: 'trace',
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => log,
  };
  /** The next line that holds the text. */
  const next = (text: string): Promise<Line> => new Promise((resolve) => waiting.push({ text, resolve }));
  return { log, lines, next };
};

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Closes something after the test. */
export const closing = <T extends { close(): void | Promise<void> }>(thing: T): T => {
  cleanups.push(() => thing.close());
  return thing;
};

let sequence = 0;

/** An event as the bus makes it. */
export const anEvent = (changes: Partial<RuntimeEvent> & { event?: EventName } = {}): RuntimeEvent =>
  ({
    id: `evt_${String(++sequence).padStart(26, '0')}`,
    timestamp: 1_741_249_702_485,
    event: 'message',
    session: 'default',
    metadata: {},
    payload: { body: 'hello' },
    engine: 'NOWEB',
    environment: { version: '0.1.0', engine: 'NOWEB', tier: 'CORE' },
    ...changes,
  }) as RuntimeEvent;

export interface RunOptions {
  readonly config?: Record<string, unknown>;
  /** The sessions' configs; a test may change them. */
  readonly sessions?: Record<string, SessionConfig>;
  readonly egress?: EgressOptions;
  readonly random?: () => number;
  readonly name?: string;
  /** Sinks of plugins that were set up before. */
  readonly sinksBefore?: { plugin: string; value: EventSink }[];
  /** Where the deliveries are; a new one in memory when absent. */
  readonly database?: Database;
}

/** Sessions by name, as far as the plugin looks at them. */
const sessionsOf = (configs: Readonly<Record<string, SessionConfig>>): Sessions => {
  const infoOf = (name: string) => structuredClone({ name, config: configs[name] });
  const sessions: Partial<Sessions> = {
    has: (name) => name in configs,
    get: (name) => {
      if (!(name in configs)) throw sessionNotFound(name);
      return infoOf(name) as SessionInfo;
    },
    list: () => Object.keys(configs).map(infoOf) as SessionInfo[],
  };
  return sessions as Sessions;
};

/** A plugin that was set up before, with a sink of its own. */
const sinkBefore = ({ plugin, value }: { plugin: string; value: EventSink }): HostEntry => ({
  name: plugin,
  plugin: definePlugin({ name: plugin, setup: ({ contribute }) => contribute(Points.EventSink, value) }) as AnyPlugin,
  config: {},
  onFailure: 'stop',
  from: 'test',
  where: 'test',
});

/** The plugin, set up and ready in the runtime's own host, with a simulated clock; what it sends is real HTTP. */
export const runWebhooks = async (options: RunOptions = {}) => {
  const { config = {}, sessions = { default: {} }, name = 'webhook', sinksBefore = [] } = options;
  const clock = new WatchedClock();
  const { log, lines, next } = watchedLog();
  const egress = closing(createEgress({ allow: { cidrs: ['127.0.0.1'] }, ...options.egress }));
  const database = options.database ?? memoryDatabase();
  const eventLog = await CollectionEventLog.open(database);
  const host = await startPluginHost({
    plugins: [{ use: 'webhook', as: name, config }],
    services: [
      [Tokens.Sessions, sessionsOf(sessions)],
      [Tokens.Egress, egress],
      [Tokens.Clock, clock],
      [Tokens.Random, options.random ?? (() => 0)],
      [Tokens.EventLog, eventLog],
      [Tokens.Runtime, runtimeInfo],
    ],
    before: sinksBefore.map(sinkBefore),
    ...{ clock, log, egress },
  });
  clock.forget();
  const own = <T>(contributed: readonly Contribution<T>[]) => contributed.find(({ plugin }) => plugin === name)?.value;
  const sink = own(host.contributions(Points.EventSink)) as EventSink;
  const indicator = own(host.contributions(Points.HealthIndicator)) as HealthIndicator;
  return {
    clock,
    egress,
    sessions,
    lines,
    /** The next log line with this text. */
    logged: next,
    sink,
    database,
    eventLog,
    /** As the bus does it, but that `deliver` does not wait for the commit. */
    deliver: (event: RuntimeEvent = anEvent(), body?: string): RuntimeEvent => {
      const numbered = eventLog.number(event);
      const logged = { ...numbered, cursor: Number(numbered.cursor), event, body: body ?? JSON.stringify(event) };
      void eventLog.commit([logged], sink.rows?.(logged) ?? []);
      void sink.deliver(event, logged);
      return event;
    },
    counts: (): HealthReport => indicator.check() as HealthReport,
    close: () => host.close(),
  };
};

const runtimeInfo = { version: '0.1.0', tier: 'CORE', workerId: 'waha', startedAt: 0, defaultEngine: 'NOWEB' } as const;
