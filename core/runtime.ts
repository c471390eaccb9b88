import type { LoadedConfig } from './config/schema.ts';
import { Container } from './container.ts';
import type { Clock, Random } from './contracts/clock.ts';
import type { HealthIndicator } from './contracts/health.ts';
import type { Log } from './contracts/log.ts';
import type { Contribution } from './contracts/plugin.ts';
import type { PluginInfo } from './contracts/plugins.ts';
import type { RuntimeInfo } from './contracts/runtime-info.ts';
import type { PluginStorage } from './contracts/stores.ts';
import type { Point, Token } from './contracts/token.ts';
import { systemClock } from './deadline.ts';
import { configInvalid, sentence } from './errors.ts';
import { FanOutBus } from './events/bus.ts';
import { CollectionEventLog } from './events/event-log.ts';
import { LateEventLog } from './events/late-event-log.ts';
import { keepBounded } from './events/retention.ts';
import { healthCheck } from './health.ts';
import { PluginHost } from './host/host.ts';
import { type LoadedPlugins, loadPlugins } from './host/load-plugins.ts';
import { pluginsReport } from './host/plugin-state.ts';
import { reloadPlugins } from './host/reload.ts';
import type { Builtins } from './host/resolve.ts';
import { createLog } from './log.ts';
import { runtimeMetrics } from './metrics.ts';
import { type ClosableEgress, createEgress } from './network/egress.ts';
import { sessionsIndicator } from './session/health.ts';
import { printQrCodes } from './session/print-qr.ts';
import { ActorSessions } from './session/sessions.ts';
import { SessionSupervisor } from './session/supervisor.ts';
import { refuseDeclared } from './session/webhook-urls.ts';
import { StoreLatency } from './stores/latency.ts';
import { openStores, type Stores } from './stores/open-stores.ts';
import { coreTokens, Points, Tokens } from './tokens.ts';
import { version } from './version.ts';

export interface RuntimeOptions {
  readonly config: LoadedConfig;
  readonly builtins: Builtins;
  readonly log?: Log;
  readonly clock?: Clock;
  readonly random?: Random;
  /** A plugin asks for the process to be stopped. The runtime stops itself when absent. */
  readonly onShutdown?: (force: boolean) => void;
  /** In place of the guarded way out. */
  readonly egress?: ClosableEgress;
}

/** How long an answer has to get out, before a stop that it told of begins (ms). */
const answerTime = 200;

export { coreTokens };

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
  readonly #eventLog = new LateEventLog();
  readonly #latency = new StoreLatency();
  readonly #egress: ClosableEgress;
  readonly #refusal = (url: string): string | null => this.#egress.refusal(url);
  #info: RuntimeInfo;
  #stores: Stores | null = null;
  readonly #supervisor: SessionSupervisor;
  #retention: (() => void) | null = null;
  #stopping: Promise<void> | null = null;
  #reloading: Promise<void> = Promise.resolve();
  #config: LoadedConfig;

  constructor(options: RuntimeOptions) {
    const { config } = options;
    this.#options = options;
    this.#config = config;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.log = options.log ?? createLog(config.value.log);
    const workerId = config.value.worker.id ?? 'waha';
    this.#info = { version, tier: 'CORE', workerId, startedAt: this.#clock.now(), defaultEngine: 'NOWEB' };
    this.bus = new FanOutBus({ info: this.#info, clock: this.#clock, log: this.log });
    this.#egress = options.egress ?? createEgress({ allow: config.value.network.allow });
    this.#host = new PluginHost({
      baseDir: config.baseDir,
      log: this.log,
      clock: this.#clock,
      container: this.#container,
      egress: this.#egress,
      core: coreTokens,
      storage: (plugin) => this.#storage(plugin),
    });
    const { sessions, log } = this;
    this.#supervisor = new SessionSupervisor({
      sessions,
      config: config.value,
      clock: this.#clock,
      random: this.#random,
      log,
    });
    this.#registerServices();
    this.#host.onChange((point) => this.#follow(point));
  }

  /** Where the HTTP server listens, or null without one. */
  get url(): string | null {
    return this.#container.has(Tokens.HttpServer) ? this.#container.resolve(Tokens.HttpServer).url : null;
  }

  /** A service by its token, for whoever embeds the runtime. Throws a TypeError when nothing provides it. */
  service<T>(token: Token<T>): T {
    return this.#container.resolve(token);
  }

  /** What plugins added to a point. */
  contributions<T>(point: Point<T>): readonly Contribution<T>[] {
    return this.#host.contributions(point);
  }

  get plugins(): readonly PluginInfo[] {
    return this.#host.list();
  }

  /** Sets everything up, takes the stored sessions up, opens the doors, then brings back what was running. */
  async begin(loaded: LoadedPlugins): Promise<void> {
    refuseDeclared(this.#config, this.#refusal);
    await this.#host.setUp(loaded);
    await this.#openStores();
    await this.#openLog();
    this.#connectBus();
    await this.#adoptSessions();
    await this.#host.ready();
    await this.#supervisor.begin();
    this.log.info(`waha-runtime ${version} is ready${this.url ? ` on ${this.url}` : ''}`);
  }

  /** Takes up what changed among the declared sessions; those that failed and shall run get another start. */
  reload(sessions = this.#options.config.value.sessions): Promise<void> {
    return this.#supervisor.reload(sessions);
  }

  /**
   * Takes over what a changed file says about its plugins, without dropping a connection: `sessions:` at once, another
   * `config:` by a reload. With names, these plugins are loaded anew from the disk. Rejects with every fault; a plugin
   * whose new code or config is wrong goes on as it was.
   */
  reloadPlugins(config: LoadedConfig = this.#config, names?: readonly string[]): Promise<void> {
    const { builtins } = this.#options;
    this.#reloading = this.#reloading
      .catch(() => undefined)
      .then(() => refuseDeclared(config, this.#refusal))
      .then(() => reloadPlugins({ host: this.#host, before: this.#config, config, builtins, log: this.log }, names))
      .then(() => {
        this.#config = config;
      });
    return this.#reloading;
  }

  /** Stops sessions while every sink still listens, then closes the plugins in reverse. Safe to call twice. */
  stop(): Promise<void> {
    this.#stopping ??= this.#close();
    return this.#stopping;
  }

  /** A moment later: whoever asks is answered first. */
  #requestStop(force: boolean): void {
    const { onShutdown = () => void this.stop() } = this.#options;
    this.log.warn(`the server was asked to stop${force ? ' at once' : ''}`);
    this.#clock.setTimeout(() => onShutdown(force), answerTime);
  }

  async #close(): Promise<void> {
    this.#supervisor.end();
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
    this.#container.register(Tokens.EventLog, this.#eventLog);
    this.#container.register(Tokens.Health, healthCheck(indicators, this.#clock));
    this.#container.register(Tokens.Runtime, this.#info);
    const parts = { sessions: this.sessions, bus: this.bus, latency: this.#latency, plugins: () => this.plugins };
    this.#container.register(Tokens.Metrics, runtimeMetrics(parts));
    this.#container.register(Tokens.Shutdown, { request: ({ force = false } = {}) => this.#requestStop(force) });
    this.#container.register(Tokens.Clock, this.#clock);
    this.#container.register(Tokens.Random, this.#random);
    this.#container.register(Tokens.Log, this.log);
    this.#container.register(Tokens.Egress, this.#egress);
    this.#container.register(Tokens.Plugins, { list: () => this.plugins });
  }

  async #openStores(): Promise<void> {
    const databases = this.#host.contributions(Points.Database);
    this.#stores = await openStores(databases, this.#options.config.value.stores, {
      clock: this.#clock,
      log: this.log,
      latency: this.#latency,
      messagesPerSession: this.#options.config.value.messages.recentPerSession,
      messagesPerLibrary: this.#options.config.value.messages.storedPerSession,
    });
  }

  async #openLog(): Promise<void> {
    const { outbox } = this.#openedStores;
    const log = await CollectionEventLog.open(outbox, this.#clock.now());
    this.bus.open(log, (change) => outbox.check(change));
    this.#eventLog.open(log);
    const { maxAgeHours, maxEvents } = this.#options.config.value.events;
    this.#retention = keepBounded(log, {
      retention: { maxAge: maxAgeHours * 3_600_000, maxEvents },
      clock: this.#clock,
      log: this.log,
      oldestNeeded: () => this.bus.oldestNeeded(),
    });
  }

  /** A plugin was reloaded: its lists are read again. */
  #follow(point: Point<unknown>): void {
    if (point === Points.EventSink || point === Points.EventFilter) this.#connectBus();
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
      refusal: this.#refusal,
      policies: () => this.#host.contributions(Points.ClientPolicy).map(({ value }) => value),
    });
    for (const record of await stores.sessions.list()) this.sessions.adopt(record);
    if (config.session.printQr) printQrCodes(this.bus, this.sessions, this.log);
  }

  #indicators(): HealthIndicator[] {
    return [
      { name: 'plugins', check: () => pluginsReport(this.plugins) },
      sessionsIndicator(this.sessions, () => this.#supervisor.progress),
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
