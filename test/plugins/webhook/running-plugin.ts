import { afterEach } from 'vitest';
import {
  type Clock,
  type Database,
  type EventName,
  type EventSink,
  type HealthIndicator,
  type HealthReport,
  type Log,
  Points,
  type RouteGroup,
  type RuntimeEvent,
  type SessionConfig,
} from 'waha-runtime';
import { compile } from '../../../core/config/validate.ts';
import { sessionNotFound } from '../../../core/errors.ts';
import { CollectionEventLog } from '../../../core/events/event-log.ts';
import { createEgress, type EgressOptions } from '../../../core/network/egress.ts';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import webhook from '../../../plugins/webhook/index.ts';
import { SimulatedClock } from '../../support/clock.ts';

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

/** The plugin, set up and ready, with a simulated clock; what it sends is real HTTP. */
export const runWebhooks = async (options: RunOptions = {}) => {
  const { config = {}, sessions = { default: {} }, name = 'webhook' } = options;
  const clock = new WatchedClock();
  const { log, lines, next } = watchedLog();
  const checked = compile(webhook.config!, { unknown: 'reject' })(config);
  if (!checked.ok) throw new Error(checked.violations.map(({ message }) => message).join('; '));
  const egress = closing(createEgress({ allow: { cidrs: ['127.0.0.1'] }, ...options.egress }));
  const database = options.database ?? memoryDatabase();
  const eventLog = await CollectionEventLog.open(database);
  const contributed = new Map<symbol, unknown[]>();
  const ready: (() => void | Promise<void>)[] = [];
  const close: (() => void | Promise<void>)[] = [];
  const own = () => (contributed.get(Points.EventSink) ?? []).map((value) => ({ plugin: name, value }));
  const context = {
    name,
    config: Object.freeze(checked.value),
    baseDir: '/',
    services: {
      sessions: {
        has: (session: string) => session in sessions,
        get: (session: string) => {
          if (!(session in sessions)) throw sessionNotFound(session);
          return structuredClone({ name: session, config: sessions[session] });
        },
        list: () => Object.entries(sessions).map(([session, config]) => structuredClone({ name: session, config })),
      },
      egress,
      clock,
      eventLog,
      runtime: { version: '0.1.0', tier: 'CORE', workerId: 'waha', startedAt: 0, defaultEngine: 'NOWEB' },
      random: options.random ?? (() => 0),
    },
    log,
    contribute: (point: symbol, value: unknown) => contributed.set(point, [...(contributed.get(point) ?? []), value]),
    contributions: () => [...(options.sinksBefore ?? []), ...own()],
    onReady: (hook: () => void) => ready.push(hook),
    onClose: (hook: () => void) => close.push(hook),
  };
  await webhook.setup(context as never);
  for (const hook of ready) await hook();
  const sink = contributed.get(Points.EventSink)?.[0] as EventSink;
  clock.forget();
  const routes = (contributed.get(Points.Routes) ?? []) as RouteGroup[];
  const indicator = contributed.get(Points.HealthIndicator)?.[0] as HealthIndicator;
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
    routes,
    /** As the bus does it, but that `deliver` does not wait for the commit. */
    deliver: (event: RuntimeEvent = anEvent(), body?: string): RuntimeEvent => {
      const numbered = eventLog.number(event);
      const logged = { ...numbered, event, body: body ?? JSON.stringify(event) };
      void database.batch([...eventLog.changes([logged]), ...(sink.rows?.(logged) ?? [])]);
      void sink.deliver(event, logged);
      return event;
    },
    counts: (): HealthReport => indicator.check() as HealthReport,
    close: async () => {
      for (const hook of close) await hook();
    },
  };
};
