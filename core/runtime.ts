import type { LoadedConfig } from './config/schema.ts';
import { Container } from './container.ts';
import type { Clock, Random } from './contracts/clock.ts';
import type { HealthIndicator } from './contracts/health.ts';
import type { Log } from './contracts/log.ts';
import type { Contribution } from './contracts/plugin.ts';
import type { PluginInfo } from './contracts/plugins.ts';
import type { Point, Token } from './contracts/token.ts';
import { systemClock } from './deadline.ts';
import { sentence } from './errors.ts';
import type { FanOutBus } from './events/bus.ts';
import { healthCheck } from './health.ts';
import { PluginHost } from './host/host.ts';
import { type LoadedPlugins, loadPlugins } from './host/load-plugins.ts';
import type { HostEntry } from './host/order.ts';
import { pluginsReport } from './host/plugin-state.ts';
import { reloadPlugins } from './host/reload.ts';
import type { Builtins } from './host/resolve.ts';
import { createLog } from './log.ts';
import { runtimeMetrics } from './metrics.ts';
import { type ClosableEgress, createEgress } from './network/egress.ts';
import { type Foundation, openServices, pruneLog, type Services } from './services.ts';
import { refuseDeclared } from './session/guarded-urls.ts';
import { sessionsIndicator } from './session/health.ts';
import type { ActorSessions } from './session/sessions.ts';
import { SessionSupervisor } from './session/supervisor.ts';
import { sweepTemporaryFolders } from './temporary-folders.ts';
import { coreTokens, Points, serviceTokens, Tokens } from './tokens.ts';
import { version } from './version.ts';

export interface RuntimeOptions {
  readonly config: LoadedConfig;
  readonly builtins: Builtins;
  readonly log?: Log;
  readonly clock?: Clock;
  readonly random?: Random;
  /** A plugin asks for the process to be stopped. The runtime stops itself when absent. */
  readonly onShutdown?: (force: boolean) => void;
  /** Go on although data that were there at the last start are gone. */
  readonly acceptDataLoss?: boolean;
  /** The databases are a copy whose original may have gone on: its accounts get new keys for what they send. */
  /** Which of several processes of one command it is: it follows the worker's id. */
  readonly place?: string | undefined;
  readonly restored?: boolean;
  /** In place of the guarded way out. */
  readonly egress?: ClosableEgress;
}

/** How long an answer has to get out, before a stop that it told of begins (ms). */
const answerTime = 200;

/**
 * Starts a deployment: the databases, the services on them, then everybody else, and the doors last. Rejects with
 * `CONFIG_INVALID` listing every fault; what was opened until then is closed.
 */
export const startRuntime = async (options: RuntimeOptions): Promise<Runtime> => {
  const loaded = await loadPlugins(options.config, options.builtins);
  const foundation = layFoundation(options);
  const { services, others } = await openOnFirst(foundation, loaded);
  const runtime = new Runtime(options, foundation, services);
  try {
    await runtime.begin(others);
    return runtime;
  } catch (error) {
    await runtime.stop();
    throw error;
  }
};

/** Sets up the plugins that the services rest on, then opens these. What is left of the plugins comes later. */
const openOnFirst = async (foundation: Foundation, loaded: LoadedPlugins) => {
  const { host, config, egress } = foundation;
  try {
    refuseDeclared(config, (url) => egress.refusal(url));
    const { first, others } = host.plan(loaded, config);
    await host.setUp(first);
    return { services: await openServices(foundation), others };
  } catch (error) {
    await closeFoundation(foundation);
    throw error;
  }
};

const layFoundation = (options: RuntimeOptions): Foundation => {
  const { config, clock = systemClock, random = Math.random, acceptDataLoss = false, restored = false } = options;
  const log = options.log ?? createLog(config.value.log);
  const egress = options.egress ?? createEgress({ allow: config.value.network.allow });
  const container = new Container();
  const { baseDir } = config;
  const host = new PluginHost({ baseDir, log, clock, container, egress, core: coreTokens, built: serviceTokens });
  const workerId = [config.value.worker.id ?? 'waha', options.place].filter(Boolean).join('-');
  const info = { version, tier: 'CORE' as const, workerId, startedAt: clock.now(), defaultEngine: 'NOWEB' };
  container.register(Tokens.Runtime, info);
  container.register(Tokens.Clock, clock);
  container.register(Tokens.Random, random);
  container.register(Tokens.Log, log);
  container.register(Tokens.Egress, egress);
  container.register(Tokens.Plugins, { list: () => host.list() });
  return { config, acceptDataLoss, restored, log, clock, random, info, egress, container, host };
};

/** Nobody waits for it: what is left of killed processes takes up room, and nothing else. */
const sweep = async (log: Log): Promise<void> => {
  try {
    const removed = await sweepTemporaryFolders();
    if (removed > 0) log.info(`removed ${removed} temporary folders of processes that were killed`);
  } catch (error) {
    log.warn(`temporary folders could not be looked through: ${sentence(error)}`);
  }
};

const closeFoundation = async ({ host, egress }: Foundation): Promise<void> => {
  await host.close();
  await egress.close();
};

/** A deployment that runs: the composition root's handle on host, stores, bus and sessions. */
export class Runtime {
  readonly #options: RuntimeOptions;
  readonly #foundation: Foundation;
  readonly #services: Services;
  readonly #supervisor: SessionSupervisor;
  #stopPruning: () => void = () => undefined;
  #stopping: Promise<void> | null = null;
  #reloading: Promise<void> = Promise.resolve();
  #config: LoadedConfig;

  constructor(options: RuntimeOptions, foundation: Foundation, services: Services) {
    const { config, clock, random, log } = foundation;
    this.#options = options;
    this.#foundation = foundation;
    this.#services = services;
    this.#config = config;
    this.#supervisor = new SessionSupervisor({
      sessions: services.sessions,
      shared: services.shared && {
        all: services.shared,
        applied: services.stores.pluginStorage('declared sessions'),
      },
      config: config.value,
      clock,
      random,
      log,
    });
    this.#registerServices();
  }

  get log(): Log {
    return this.#foundation.log;
  }

  get sessions(): ActorSessions {
    return this.#services.sessions;
  }

  get bus(): FanOutBus {
    return this.#services.bus;
  }

  /** Where the HTTP server listens, or null without one. */
  get url(): string | null {
    const { container } = this.#foundation;
    return container.has(Tokens.HttpServer) ? container.resolve(Tokens.HttpServer).url : null;
  }

  /** Where other processes on this machine reach this one. */
  get #ownUrl(): string | null {
    const { container } = this.#foundation;
    const server = container.has(Tokens.HttpServer) ? container.resolve(Tokens.HttpServer) : null;
    return server?.ownUrl ?? server?.url ?? null;
  }

  /** A service by its token, for whoever embeds the runtime. Throws a TypeError when nothing provides it. */
  service<T>(token: Token<T>): T {
    return this.#foundation.container.resolve(token);
  }

  /** What plugins added to a point. */
  contributions<T>(point: Point<T>): readonly Contribution<T>[] {
    return this.#foundation.host.contributions(point);
  }

  get plugins(): readonly PluginInfo[] {
    return this.#foundation.host.list();
  }

  /** Sets the other plugins up, makes the declared sessions be there, opens the doors, then brings back what was running. */
  async begin(others: readonly HostEntry[]): Promise<void> {
    const { host, log } = this.#foundation;
    await host.setUp(others, (plugin) => this.#services.stores.pluginStorage(plugin));
    this.#stopPruning = pruneLog(this.#foundation, this.#services);
    const { shared, stores } = this.#services;
    if (!shared) await this.#supervisor.declare();
    await host.ready();
    if (shared) {
      await this.#services.tail?.begin();
      await stores.ownership?.begin(shared, { url: this.#ownUrl });
      await this.#supervisor.declare();
    }
    this.#supervisor.resume();
    void sweep(log);
    log.info(`waha-runtime ${version} is ready${this.url ? ` on ${this.url}` : ''}`);
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
    const { host, log, egress } = this.#foundation;
    this.#reloading = this.#reloading
      .catch(() => undefined)
      .then(() => refuseDeclared(config, (url) => egress.refusal(url)))
      .then(() => reloadPlugins({ host, before: this.#config, config, builtins, log }, names))
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
    this.#foundation.clock.setTimeout(() => onShutdown(force), answerTime);
  }

  async #close(): Promise<void> {
    this.#supervisor.end();
    this.#stopPruning();
    await this.#services.stores.ownership?.end();
    await this.sessions.close(this.#foundation.config.value.worker.stopGrace);
    await this.#services.close().catch((error) => this.log.error(`the stores did not close: ${sentence(error)}`));
    await closeFoundation(this.#foundation);
  }

  #registerServices(): void {
    const { container, clock } = this.#foundation;
    const { sessions, shared, stores, moving, backups, bus, eventLog, latency } = this.#services;
    const plugins = () => this.plugins;
    container.register(Tokens.Sessions, shared ?? sessions);
    if (stores.ownership) container.register(Tokens.Ownership, stores.ownership);
    container.register(Tokens.SessionMoving, moving);
    container.register(Tokens.Backups, backups);
    container.register(Tokens.Events, bus);
    container.register(Tokens.EventLog, eventLog);
    container.register(
      Tokens.Health,
      healthCheck(() => this.#indicators(), clock),
    );
    container.register(Tokens.Metrics, runtimeMetrics({ sessions, bus, latency, plugins }));
    container.register(Tokens.Shutdown, { request: ({ force = false } = {}) => this.#requestStop(force) });
  }

  #indicators(): HealthIndicator[] {
    return [
      { name: 'plugins', check: () => pluginsReport(this.plugins) },
      sessionsIndicator(this.sessions, () => this.#supervisor.progress),
      this.bus,
      ...this.contributions(Points.HealthIndicator).map(({ value }) => value),
    ];
  }
}
