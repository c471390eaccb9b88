import type { LoadedConfig } from '../config/schema.ts';
import type { Container } from '../container.ts';
import type { Clock } from '../contracts/clock.ts';
import type { Log } from '../contracts/log.ts';
import type { Egress } from '../contracts/network.ts';
import type { Contribution } from '../contracts/plugin.ts';
import type { PluginInfo } from '../contracts/plugins.ts';
import type { PluginStorage } from '../contracts/stores.ts';
import type { Point, Token } from '../contracts/token.ts';
import { withDeadline } from '../deadline.ts';
import { configInvalid, pluginFailed, pluginsFailed, sentence } from '../errors.ts';
import { type ContextOptions, type Hook, SetupContext } from './context.ts';
import { type ChangeListener, Contributions } from './contributions.ts';
import type { FailedEntry, LoadedPlugins } from './load-plugins.ts';
import { describeEntry, type HostEntry, planSetup, type SetupPlan } from './order.ts';
import { describePlugin, type PluginState } from './plugin-state.ts';
import { whyNotReloadable } from './reloadable.ts';
import { everySession } from './session-scope.ts';
import { storeProblems } from './store-problems.ts';

export type { PluginState } from './plugin-state.ts';

export interface HostOptions {
  readonly baseDir: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly container: Container;
  readonly egress: Egress;
  /** Tokens that the runtime itself provides. */
  readonly core: readonly Token<unknown>[];
  /** Those of them that it provides only once the first plugins are set up. */
  readonly built?: readonly Token<unknown>[];
  /** How long one hook may take (ms). */
  readonly hookLimit?: number;
}

/** What is set up, in which order: first what the runtime builds its services on. */
export type Plan = Pick<SetupPlan, 'first' | 'others'>;

/** Opens the storage of a plugin by its name. */
export type StorageOf = (plugin: string) => PluginStorage;

interface Loaded {
  readonly entry: HostEntry;
  readonly context: SetupContext;
  state: PluginState;
}

const noStorage: StorageOf = (plugin) => {
  const refuse = async (): Promise<never> => {
    throw pluginFailed(plugin, 'is set up before there is any storage and has none of its own');
  };
  return { get: refuse, set: refuse, remove: refuse, keys: refuse };
};

/** Sets plugins up in order, tells them when all are there, reloads single ones, and closes them in reverse. */
export class PluginHost {
  /** The numbers of the imports that run, of plugins that were loaded anew: by what `use:` says. */
  readonly editions = new Map<string, number>();
  readonly #options: HostOptions;
  readonly #contributions = new Contributions();
  readonly #loaded: Loaded[] = [];
  readonly #failed: PluginState[] = [];
  readonly #listeners: ChangeListener[] = [];
  /** Where each plugin stands in the YAML. */
  readonly #indexes = new Map<string, number>();
  #storage: StorageOf = noStorage;
  #running = false;

  constructor(options: HostOptions) {
    this.#options = options;
  }

  /** Every plugin in order of setup. */
  get states(): readonly PluginState[] {
    return [...this.#loaded.map(({ state }) => state), ...this.#failed];
  }

  /** The same, for people. */
  list(): readonly PluginInfo[] {
    const running = this.#loaded.map(({ state, context }, index) => describePlugin(state, index + 1, context));
    return [...running, ...this.#failed.map((state) => describePlugin(state, 0))];
  }

  contributions<T>(point: Point<T>): readonly Contribution<T>[] {
    return this.#contributions.of(point);
  }

  /** Calls `listener` when a list changes after the start. */
  onChange(listener: ChangeListener): void {
    this.#listeners.push(listener);
  }

  /** Checks the plugins against each other, and against `stores:` of the config. Throws `CONFIG_INVALID` with every fault. */
  plan({ entries, failed }: LoadedPlugins, config?: LoadedConfig): Plan {
    const unloadable = failed.filter(({ onFailure }) => onFailure === 'stop').flatMap(({ problems }) => problems);
    if (unloadable.length > 0) throw configInvalid(...unloadable);
    const { first, others, problems } = planSetup(entries, this.#options.core, this.#options.built);
    const all = [...problems, ...(config ? storeProblems(config, entries) : [])];
    if (all.length > 0) throw configInvalid(...all);
    for (const entry of failed) this.#skip(entry);
    return { first, others };
  }

  /**
   * Sets up these plugins, one after the other; those that follow have this storage, too. Rejects with `PLUGIN_FAILED` for
   * what fails, all faults at once; what was set up stays until `close`.
   */
  async setUp(entries: readonly HostEntry[], storage: StorageOf = noStorage): Promise<void> {
    this.#storage = storage;
    const fatal: string[] = [];
    for (const entry of entries) {
      const problem = await this.#setUpOne(entry, this.#loaded.length);
      if (problem !== null && entry.onFailure === 'stop') fatal.push(problem);
    }
    if (fatal.length > 0) throw pluginsFailed(fatal);
  }

  /** Runs the ready hooks, then the open hooks, each in order of setup. Rejects as `setUp` does. */
  async ready(): Promise<void> {
    await this.#runAll('onReady', ({ readyHooks }) => readyHooks);
    await this.#runAll('onOpen', ({ openHooks }) => openHooks);
    this.#contributions.takeChanged();
    this.#running = true;
  }

  /**
   * Closes a plugin and sets its new code up in its place, while everything else goes on. Rejects when others hold on to
   * what it gave them, and with its fault when the new code does not start; then the plugin is down until the next reload.
   */
  async reload(entry: HostEntry): Promise<void> {
    const index = this.#loaded.findIndex(({ entry: { name } }) => name === entry.name);
    const old = this.#loaded[index];
    if (old) {
      const others = this.#loaded.filter((loaded) => loaded !== old).map((loaded) => loaded.entry);
      const reason = whyNotReloadable(old.entry, this.#contributions, others);
      if (reason !== null) throw pluginFailed(entry.name, `cannot be reloaded: ${reason}; restart the runtime`);
      this.#loaded.splice(index, 1);
      await this.#retire(old);
      await this.#tellChanged();
    }
    this.#forgetFailure(entry.name);
    const problem = (await this.#setUpOne(entry, old ? index : this.#loaded.length)) ?? (await this.#open(entry.name));
    await this.#tellChanged();
    if (problem !== null) throw pluginsFailed([problem]);
  }

  /** The place of a plugin in `plugins:`, whether it runs or failed; null for an unknown name. */
  indexOf(name: string): number | null {
    return this.#indexes.get(name) ?? null;
  }

  /** Takes over which sessions a plugin works for, and their configs, without touching the plugin. */
  rescope(entry: HostEntry): void {
    const found = this.#loaded.find(({ entry: { name } }) => name === entry.name);
    found?.context.scope.replace(entry.sessions ?? everySession(entry.config));
  }

  /** Runs the close hooks, last in, first out. Never rejects: what fails is logged and the rest goes on. */
  async close(): Promise<void> {
    this.#running = false;
    for (const loaded of [...this.#loaded].reverse()) {
      await this.#retire(loaded);
      loaded.state = { ...loaded.state, state: 'closed' };
    }
    this.#loaded.length = 0;
  }

  async #runAll(phase: string, hooksOf: (context: SetupContext) => readonly Hook[]): Promise<void> {
    const fatal: string[] = [];
    for (const loaded of [...this.#loaded]) {
      const problem = await this.#runHooks(loaded, phase, hooksOf(loaded.context));
      if (problem !== null && loaded.entry.onFailure === 'stop') fatal.push(problem);
    }
    if (fatal.length > 0) throw pluginsFailed(fatal);
  }

  /** The first problem, or null. A plugin whose hook fails is taken down. */
  async #runHooks(loaded: Loaded, phase: string, hooks: readonly Hook[]): Promise<string | null> {
    for (const hook of hooks) {
      const problem = await this.#attempt(loaded.entry, phase, hook);
      if (problem === null) continue;
      this.#loaded.splice(this.#loaded.indexOf(loaded), 1);
      this.#failed.push({ ...loaded.state, state: 'failed', error: problem });
      await this.#retire(loaded);
      return problem;
    }
    return null;
  }

  async #open(name: string): Promise<string | null> {
    const loaded = this.#loaded.find(({ entry }) => entry.name === name);
    if (!loaded) return null;
    const { readyHooks, openHooks } = loaded.context;
    return (await this.#runHooks(loaded, 'onReady', readyHooks)) ?? this.#runHooks(loaded, 'onOpen', openHooks);
  }

  #skip({ name, index, problems }: FailedEntry): void {
    if (index !== undefined) this.#indexes.set(name, index);
    const error = problems.join('\n');
    this.#options.log.error({ plugin: name }, error);
    this.#failed.push({ name, from: '', state: 'failed', setupMs: 0, error });
  }

  #forgetFailure(name: string): void {
    const index = this.#failed.findIndex((state) => state.name === name);
    if (index >= 0) this.#failed.splice(index, 1);
  }

  async #setUpOne(entry: HostEntry, index: number): Promise<string | null> {
    const startedAt = performance.now();
    let context: SetupContext | undefined;
    this.#contributions.enlist(entry.name);
    if (entry.index !== undefined) this.#indexes.set(entry.name, entry.index);
    const problem = await this.#attempt(entry, 'setup', async () => {
      context = new SetupContext(entry, this.#contextOptions);
      await entry.plugin.setup(context);
      context.finishSetup();
    });
    const setupMs = Math.round((performance.now() - startedAt) * 10) / 10;
    const state = { name: entry.name, from: entry.from, setupMs };
    if (problem === null && context) {
      this.#loaded.splice(index, 0, { entry, context, state: { ...state, state: 'ready' } });
      return null;
    }
    this.#failed.push({ ...state, state: 'failed', error: problem ?? '' });
    if (context) await this.#retire({ entry, context });
    return problem;
  }

  get #contextOptions(): ContextOptions {
    const changed = () => void this.#tellChanged();
    return { ...this.#options, contributions: this.#contributions, storage: this.#storage, changed };
  }

  /** Null when it went well, else the sentence that names file, line, plugin and fault. */
  async #attempt(entry: HostEntry, phase: string, work: () => void | Promise<void>): Promise<string | null> {
    const limit = this.#options.hookLimit ?? 10_000;
    try {
      const late = () => pluginFailed(entry.name, `did not finish ${phase} within ${limit} ms`);
      await withDeadline((async () => work())(), limit, this.#options.clock, late);
      return null;
    } catch (error) {
      this.#options.log.debug({ plugin: entry.name, err: error }, `${phase} failed`);
      const problem = `${describeEntry(entry)}: ${sentence(error).replace(`plugin '${entry.name}' `, '')}`;
      if (entry.onFailure === 'continue') this.#options.log.error({ plugin: entry.name }, problem);
      return problem;
    }
  }

  /** Runs the close hooks of a plugin, then takes back all that it added. */
  async #retire({ entry, context }: Pick<Loaded, 'entry' | 'context'>): Promise<void> {
    if (this.#running) this.#contributions.drop(entry.name);
    for (const hook of [...context.closeHooks].reverse()) {
      const problem = await this.#attempt(entry, 'onClose', hook);
      if (problem !== null && entry.onFailure !== 'continue') this.#options.log.error({ plugin: entry.name }, problem);
    }
    context.end();
  }

  /** Tells the runtime and every plugin that asked which lists changed. */
  async #tellChanged(): Promise<void> {
    if (!this.#running) return;
    for (const point of this.#contributions.takeChanged()) {
      for (const listener of this.#listeners) await listener(point as Point<unknown>);
      for (const { entry, context } of [...this.#loaded]) {
        for (const change of context.changeHooks) {
          if (change.point !== point) continue;
          const problem = await this.#attempt(entry, 'onChange', change.hook);
          if (problem !== null) this.#options.log.error({ plugin: entry.name }, problem);
        }
      }
    }
  }
}
