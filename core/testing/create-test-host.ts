import { configFrom } from '../config/load.ts';
import type { PublishOptions } from '../contracts/engine.ts';
import type { EventName } from '../contracts/event-names.ts';
import type { EventPayloads } from '../contracts/event-payloads.ts';
import type { RuntimeEvent } from '../contracts/events.ts';
import type { Health } from '../contracts/health.ts';
import type { HttpMethod } from '../contracts/http.ts';
import type { Distribution, Sample } from '../contracts/metrics.ts';
import type { PluginInfo } from '../contracts/plugins.ts';
import type { SessionStatusPayload, StatusReason } from '../contracts/session.ts';
import type { Sessions } from '../contracts/sessions.ts';
import { systemClock } from '../deadline.ts';
import { type Runtime, startRuntime } from '../runtime.ts';
import { Points, Tokens } from '../tokens.ts';
import { CapturedHttp } from './captured-http.ts';
import { linkToSandbox } from './link-to-sandbox.ts';
import { openServers, pumped, quiet } from './passing-time.ts';
import { arrange } from './plugin-list.ts';
import { recordedEvents } from './recorded-events.ts';
import { type LogLine, RecordingLog } from './recording-log.ts';
import { requestRoute, type TestRequest, type TestResponse } from './request-route.ts';
import { SimulatedClock } from './simulated-clock.ts';
import type { SpiedClient } from './spied-client.ts';
import { type SessionCall, TestEngine } from './test-engine.ts';
import type { TestHostOptions } from './test-host-options.ts';

/** Starts a runtime with these plugins, a database in memory and no WhatsApp. Close it at the end of the test. */
export const createTestHost = async (options: TestHostOptions): Promise<TestHost> => {
  const world = createWorld(options);
  const servers = openServers();
  const { plugins, builtins } = await arrange(options, world.engine);
  const config = configFrom({ worker: { startJitter: 0 }, ...options.yaml, plugins }, options.file);
  const starting = startRuntime({
    config,
    builtins,
    log: world.log,
    clock: world.clock ?? systemClock,
    ...world.world,
  });
  const host = new TestHost(await pumped(starting, world.clock), world, servers);
  // What was running when a database was closed before starts again.
  await world.clock?.pass(0);
  await host.link(options.sessions ?? ['default']);
  return host;
};

const createWorld = ({ world = 'fake', now }: TestHostOptions) => {
  const [log, http] = [new RecordingLog(), new CapturedHttp()];
  if (world === 'sandbox') return { log, http, clock: null, engine: null, world: {} };
  const clock = new SimulatedClock(now);
  return { log, http, clock, engine: new TestEngine(), world: { egress: http, random: () => 0.5 } };
};

interface TestWorld {
  readonly log: RecordingLog;
  readonly http: CapturedHttp;
  readonly clock: SimulatedClock | null;
  readonly engine: TestEngine | null;
}

/** A runtime in a test's hands. */
export class TestHost {
  /** Every event since the start, as sinks get it. */
  readonly events: RuntimeEvent[] = [];
  /** What plugins sent over HTTP, and what they are answered. */
  readonly http: CapturedHttp;
  readonly #runtime: Runtime;
  readonly #world: TestWorld;
  readonly #servers: number;
  #emitted = 0;

  constructor(runtime: Runtime, world: TestWorld, servers: number) {
    this.#runtime = runtime;
    this.#world = world;
    this.#servers = servers;
    this.http = world.http;
    runtime.bus.subscribe('test host', (event) => this.events.push(event));
  }

  /** Time, as plugins see it: `await host.clock.pass(60_000)`. Only in the fake world. */
  get clock(): SimulatedClock {
    if (!this.#world.clock) throw new Error('time is real in the sandbox');
    return this.#world.clock;
  }

  get sessions(): Sessions {
    return this.#runtime.sessions;
  }

  get plugins(): readonly PluginInfo[] {
    return this.#runtime.plugins;
  }

  /** The runtime's own figures, as `/metrics` shows them. */
  get metrics(): readonly (Sample | Distribution)[] {
    return this.#runtime.service(Tokens.Metrics).collect();
  }

  /** What was logged by everyone. */
  get logged(): readonly LogLine[] {
    return this.#world.log.lines;
  }

  /** Every call that went out to WhatsApp, after the policies, in order. Only in the fake world. */
  get outgoing(): readonly SessionCall[] {
    return this.#engine.outgoing;
  }

  /** The bodies of the webhooks that went out. */
  get webhooks(): readonly RuntimeEvent[] {
    const sent = this.http.requests.filter(({ headers }) => headers && 'X-Webhook-Request-Id' in headers);
    return sent.map(({ body }) => JSON.parse(Buffer.from(body ?? '').toString()) as RuntimeEvent);
  }

  /** The client of spies behind a session. Only in the fake world. */
  client(session = 'default'): SpiedClient {
    return this.#engine.client(session);
  }

  /** Asks a health check as `/health` does. */
  health(): Promise<Health> {
    return this.#runtime.service(Tokens.Health).check();
  }

  /**
   * Publishes an event as the engine would: a recorded payload with these changes. Resolves when filters, listeners and
   * sinks are done with it (or when they have waited for the clock for a quarter of a second), with the event as the sinks
   * got it, or null when a filter dropped it.
   */
  async emit<N extends EventName>(
    event: N,
    changes: Partial<EventPayloads[N]> = {},
    { session = 'default', ...facts }: PublishOptions & { readonly session?: string } = {},
  ): Promise<RuntimeEvent<N> | null> {
    const payload = { ...recordedEvents[event], ...this.#fresh(event), ...changes };
    return this.publish({ session, event, payload, ...facts }) as Promise<RuntimeEvent<N> | null>;
  }

  /** The same with a payload as it is: a recorded event, such as the body of a webhook, is published again. */
  async publish(
    recorded: Pick<RuntimeEvent, 'session' | 'event' | 'payload'> & PublishOptions,
  ): Promise<RuntimeEvent | null> {
    const { session, event, payload, timestamp, identity } = recorded;
    const before = this.events.length;
    const { me, engine, config } = this.sessions.get(session);
    const facts = {
      ...(timestamp === undefined ? {} : { timestamp }),
      ...(identity === undefined ? {} : { identity }),
    };
    const publication = { session, event, payload: payload as object as EventPayloads[EventName], me, ...facts };
    await this.#runtime.bus.publish({
      ...publication,
      engine: engine.engine,
      metadata: config.metadata ?? undefined,
    });
    await quiet(() => this.#runtime.bus.sinks.every(({ pending }) => pending === 0));
    const since = this.events.slice(before).filter((it) => it.event === event && it.session === session);
    return since.find((it) => it.payload === payload) ?? since[0] ?? null;
  }

  /** Calls a route that a plugin contributed, with its schemas checked, without a server or a key. */
  request(method: HttpMethod, path: string, request: TestRequest = {}): Promise<TestResponse> {
    return requestRoute(this.#runtime.contributions(Points.Routes), method, path, request);
  }

  /** Makes sessions that are WORKING. */
  async link(sessions: readonly string[]): Promise<void> {
    for (const [index, name] of sessions.entries()) {
      await this.sessions.create({ name });
      if (!this.#world.engine) await linkToSandbox(this, name, `55119999900${String(index + 1).padStart(2, '0')}`);
      await pumped(this.sessions.client(name), this.#world.clock);
      const working = ({ event, session, payload }: RuntimeEvent) =>
        event === 'session.status' && session === name && (payload as SessionStatusPayload).status === 'WORKING';
      await quiet(() => this.events.some(working));
    }
    await this.#runtime.bus.idle();
  }

  /** Ends the connection of a session as WhatsApp would. Only in the fake world. */
  async disconnect(session: string, reason: StatusReason): Promise<void> {
    this.#engine.disconnect(session, reason);
    await this.clock.pass(0);
  }

  /** Stops everything. Rejects when something is left: a timer, a connection, a listening socket. */
  async close(): Promise<void> {
    await pumped(this.#runtime.stop(), this.#world.clock);
    await quiet(() => openServers() <= this.#servers);
    const left = [
      [this.#world.clock?.pending ?? 0, 'timers'],
      [this.#world.engine?.connected.length ?? 0, 'connections'],
      [Math.max(0, openServers() - this.#servers), 'listening sockets'],
    ] as const;
    const said = left.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
    if (said.length > 0) throw new Error(`the plugins left behind: ${said.join(', ')}`);
  }

  /** What differs from one message to the next. */
  #fresh(event: EventName): object {
    if (event !== 'message' && event !== 'message.any') return {};
    const id = `false_5511988887777@c.us_3EB0${String(++this.#emitted).padStart(16, '0')}`;
    return { id, timestamp: Math.floor((this.#world.clock ?? systemClock).now() / 1_000) };
  }

  get #engine(): TestEngine {
    if (!this.#world.engine) throw new Error('clients are real in the sandbox');
    return this.#world.engine;
  }
}
