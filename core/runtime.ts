import type { LoadedConfig } from './config/schema.ts';
import { Container } from './container.ts';
import type { Clock, Random } from './contracts/clock.ts';
import type { HealthIndicator } from './contracts/health.ts';
import type { Log } from './contracts/log.ts';
import type { RuntimeInfo } from './contracts/runtime-info.ts';
import type { PluginStorage } from './contracts/stores.ts';
import type { Token } from './contracts/token.ts';
import { systemClock } from './deadline.ts';
import { configInvalid, sentence } from './errors.ts';
import { FanOutBus } from './events/bus.ts';
import { CollectionEventLog } from './events/event-log.ts';
import { keepBounded } from './events/retention.ts';
import { healthCheck } from './health.ts';
import { PluginHost, type PluginState } from './host/host.ts';
import { type LoadedPlugins, loadPlugins } from './host/load-plugins.ts';
import type { Builtins } from './host/resolve.ts';
import { createLog } from './log.ts';
import { type ClosableEgress, createEgress } from './network/egress.ts';
import { reconcile } from './session/declared.ts';
import { printQrCodes } from './session/print-qr.ts';
import { type ResumeRun, resume } from './session/resume.ts';
import { ActorSessions } from './session/sessions.ts';
import { openStores, type Stores } from './stores/open-stores.ts';
import { Points, Tokens } from './tokens.ts';
import { version } from './version.ts';

export interface RuntimeOptions {
  readonly config: LoadedConfig;
  readonly builtins: Builtins;
  readonly log?: Log;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** What the runtime itself provides; every other token comes from a plugin. */
export const coreTokens: readonly Token<unknown>[] = [
  Tokens.Sessions,
  Tokens.Events,
  Tokens.Health,
  Tokens.Runtime,
  Tokens.Clock,
  Tokens.Random,
  Tokens.Log,
  Tokens.Egress,
  Tokens.EventLog,
];

/** Starts a deployment. Rejects with `CONFIG_INVALID` listing every fault; what was opened until then is closed. */
export const startRuntime = async (options: RuntimeOptions): Promise<Runtime> => {
  const loaded = await loadPlugins(options.config, options.builtins);
  const runtime = new Runtime(options);
  try {
    await runtime.begin(loaded);
    return runtime;
  } catch (error) {
    await runtime.stop();
    throw error;
  }
};

/** The composition root: config, container, host, stores, bus and sessions. */
export class Runtime {
  readonly log: Log;
  readonly sessions = new ActorSessions();
  readonly bus: FanOutBus;
  readonly #options: RuntimeOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #host: PluginHost;
  readonly #container = new Container();
  readonly #egress: ClosableEgress;
  #info: RuntimeInfo;
  #stores: Stores | null = null;
  #resumed: ResumeRun | null = null;
  #retention: (() => void) | null = null;
  #stopping: Promise<void> | null = null;

  constructor(options: RuntimeOptions) {
    const { config } = options;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.log = options.log ?? createLog(config.value.log);
    const workerId = config.value.worker.id ?? 'waha';
    this.#info = { version, tier: 'CORE', workerId, startedAt: this.#clock.now(), defaultEngine: 'NOWEB' };
    this.bus = new FanOutBus({ info: this.#info, clock: this.#clock, log: this.log });
    this.#egress = createEgress({ allow: config.value.network.allow });
    this.#host = new PluginHost({
      baseDir: config.baseDir,
      log: this.log,
      clock: this.#clock,
      container: this.#container,
      core: coreTokens,
      storage: (plugin) => this.#storage(plugin),
    });
    this.#registerServices();
  }

  /** Where the HTTP server listens, or null without one. */
  get url(): string | null {
    return this.#container.has(Tokens.HttpServer) ? this.#container.resolve(Tokens.HttpServer).url : null;
  }

  get plugins(): readonly PluginState[] {
    return this.#host.states;
  }

  /** Sets everything up, takes the stored sessions up, opens the doors, then brings back what was running. */
  async begin(loaded: LoadedPlugins): Promise<void> {
    await this.#host.setUp(loaded);
    await this.#openStores();
    await this.#openLog();
    this.#connectBus();
    await this.#adoptSessions();
    await this.#host.ready();
    await reconcile(this.sessions, this.#options.config.value.sessions);
    this.#resume();
    this.log.info(`waha-runtime ${version} is ready${this.url ? ` on ${this.url}` : ''}`);
  }

  /** Takes up what changed among the declared sessions. */
  async reload(sessions = this.#options.config.value.sessions): Promise<void> {
    await reconcile(this.sessions, sessions);
    this.#startDesired();
  }

  /** Stops sessions while every sink still listens, then closes the plugins in reverse. Safe to call twice. */
  stop(): Promise<void> {
    this.#stopping ??= this.#close();
    return this.#stopping;
  }

  async #close(): Promise<void> {
    this.#resumed?.cancel();
    await this.sessions.close(this.#options.config.value.worker.stopGrace);
    this.#retention?.();
    await this.bus.idle();
    await this.#stores?.close().catch((error) => this.log.error(`the stores did not close: ${sentence(error)}`));
    await this.#host.close();
    await this.#egress.close();
  }

  #registerServices(): void {
    const indicators = () => this.#indicators();
    this.#container.register(Tokens.Sessions, this.sessions);
    this.#container.register(Tokens.Events, this.bus);
    this.#container.register(Tokens.Health, healthCheck(indicators, this.#clock));
    this.#container.register(Tokens.Runtime, this.#info);
    this.#container.register(Tokens.Clock, this.#clock);
    this.#container.register(Tokens.Random, this.#random);
    this.#container.register(Tokens.Log, this.log);
    this.#container.register(Tokens.Egress, this.#egress);
  }

  async #openStores(): Promise<void> {
    const databases = this.#host.contributions(Points.Database);
    this.#stores = await openStores(databases, this.#options.config.value.stores, {
      clock: this.#clock,
      log: this.log,
    });
  }

  async #openLog(): Promise<void> {
    const log = await CollectionEventLog.open(this.#openedStores.outbox);
    this.bus.open(log);
    this.#container.register(Tokens.EventLog, log);
    const { maxAgeHours, maxEvents } = this.#options.config.value.events;
    this.#retention = keepBounded(log, {
      retention: { maxAge: maxAgeHours * 3_600_000, maxEvents },
      clock: this.#clock,
      log: this.log,
      oldestNeeded: () => this.bus.oldestNeeded(),
    });
  }

  #connectBus(): void {
    const values = <T>(list: readonly { value: T }[]): T[] => list.map(({ value }) => value);
    this.bus.connect(
      values(this.#host.contributions(Points.EventFilter)),
      values(this.#host.contributions(Points.EventSink)),
    );
  }

  async #adoptSessions(): Promise<void> {
    const { value: config } = this.#options.config;
    const stores = this.#openedStores;
    const engines = this.#host.contributions(Points.Engine).map(({ value }) => value);
    this.sessions.connect({
      engines,
      auth: stores.auth,
      messages: stores.messages,
      store: stores.sessions,
      bus: this.bus,
      proxies: this.#container.has(Tokens.Proxies) ? this.#container.resolve(Tokens.Proxies) : undefined,
      defaults: config.session,
      log: this.log,
      workerId: this.#info.workerId,
      clock: this.#clock,
      random: this.#random,
      timings: config.session.timings,
    });
    for (const record of await stores.sessions.list()) this.sessions.adopt(record);
    if (config.session.printQr) printQrCodes(this.bus, this.sessions, this.log);
  }

  #resume(): void {
    if (this.#options.config.value.worker.restartSessions) this.#startDesired();
  }

  #startDesired(): void {
    const { worker, session } = this.#options.config.value;
    const waiting = this.sessions.all().filter((it) => it.record.desired === 'running' && it.isIn('stopped'));
    this.#resumed?.cancel();
    this.#resumed = resume(waiting, {
      clock: this.#clock,
      random: this.#random,
      log: this.log,
      concurrency: worker.startConcurrency,
      jitter: worker.startJitter,
      patience: session.timings.start,
    });
  }

  #indicators(): HealthIndicator[] {
    const plugins = this.#host.states.filter(({ state }) => state === 'failed');
    return [
      { name: 'plugins', check: () => pluginsReport(plugins) },
      {
        name: 'sessions',
        check: () => ({ status: 'up', resume: this.#resumed?.progress ?? null, ...this.sessions.counts() }),
      },
      this.bus,
      ...this.#host.contributions(Points.HealthIndicator).map(({ value }) => value),
    ];
  }

  #storage(plugin: string): PluginStorage {
    return this.#openedStores.pluginStorage(plugin);
  }

  get #openedStores(): Stores {
    if (!this.#stores) throw configInvalid('storage is used before every database is there; do it in onReady');
    return this.#stores;
  }
}

const pluginsReport = (failed: readonly PluginState[]) =>
  failed.length === 0
    ? { status: 'up' as const }
    : {
        status: 'down' as const,
        message: failed.map(({ name, error }) => `${name}: ${error}`).join('; '),
      };
