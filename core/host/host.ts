import type { Container } from '../container.ts';
import type { Clock } from '../contracts/clock.ts';
import type { Log } from '../contracts/log.ts';
import type { Contribution } from '../contracts/plugin.ts';
import type { PluginStorage } from '../contracts/stores.ts';
import type { Point, Token } from '../contracts/token.ts';
import { withDeadline } from '../deadline.ts';
import { configInvalid, pluginFailed, sentence } from '../errors.ts';
import { Contributions, type Hook, SetupContext } from './context.ts';
import type { FailedEntry, LoadedPlugins } from './load-plugins.ts';
import { type HostEntry, orderPlugins } from './order.ts';

/** A plugin as `waha plugins` and `/health` show it. */
export interface PluginState {
  readonly name: string;
  readonly from: string;
  readonly state: 'ready' | 'failed' | 'closed';
  readonly setupMs: number;
  readonly error?: string;
}

export interface HostOptions {
  readonly baseDir: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly container: Container;
  /** Tokens that the runtime itself provides. */
  readonly core: readonly Token<unknown>[];
  /** How long one hook may take (ms). */
  readonly hookLimit?: number;
  storage(plugin: string): PluginStorage;
}

interface Loaded {
  readonly entry: HostEntry;
  readonly context: SetupContext;
  readonly startedAt: number;
  state: PluginState;
}

/** Sets plugins up in order, tells them when all are there, and closes them in reverse. */
export class PluginHost {
  readonly #options: HostOptions;
  readonly #contributions = new Contributions();
  readonly #loaded: Loaded[] = [];
  readonly #failed: PluginState[] = [];

  constructor(options: HostOptions) {
    this.#options = options;
  }

  /** Every plugin in order of setup. */
  get states(): readonly PluginState[] {
    return [...this.#loaded.map(({ state }) => state), ...this.#failed];
  }

  contributions<T>(point: Point<T>): readonly Contribution<T>[] {
    return this.#contributions.of(point);
  }

  /**
   * Sets up every plugin. Rejects with `CONFIG_INVALID` listing all faults at once; what was set up stays until `close`.
   */
  async setUp({ entries, failed }: LoadedPlugins): Promise<void> {
    const unloadable = failed.filter(({ onFailure }) => onFailure === 'stop').flatMap(({ problems }) => problems);
    if (unloadable.length > 0) throw configInvalid(...unloadable);
    const { order, problems } = orderPlugins(entries, this.#options.core);
    if (problems.length > 0) throw configInvalid(...problems);
    for (const entry of failed) this.#skip(entry);
    const fatal: string[] = [];
    for (const entry of order) {
      const problem = await this.#setUpOne(entry);
      if (problem !== null && entry.onFailure === 'stop') fatal.push(problem);
    }
    if (fatal.length > 0) throw configInvalid(...fatal);
  }

  /** Runs the ready hooks, then the open hooks, each in order of setup. Rejects as `setUp` does. */
  async ready(): Promise<void> {
    await this.#runAll('onReady', ({ readyHooks }) => readyHooks);
    await this.#runAll('onOpen', ({ openHooks }) => openHooks);
  }

  async #runAll(phase: string, hooksOf: (context: SetupContext) => readonly Hook[]): Promise<void> {
    const fatal: string[] = [];
    for (const loaded of [...this.#loaded]) {
      for (const hook of hooksOf(loaded.context)) {
        const problem = await this.#attempt(loaded.entry, phase, hook);
        if (problem === null) continue;
        if (loaded.entry.onFailure === 'stop') fatal.push(problem);
        await this.#discard(loaded, problem);
        break;
      }
    }
    if (fatal.length > 0) throw configInvalid(...fatal);
  }

  /** Runs the close hooks, last in, first out. Never rejects: what fails is logged and the rest goes on. */
  async close(): Promise<void> {
    for (const loaded of this.#loaded.reverse()) {
      await this.#closeHooks(loaded);
      loaded.state = { ...loaded.state, state: 'closed' };
    }
    this.#loaded.length = 0;
  }

  #skip({ name, problems }: FailedEntry): void {
    const error = problems.join('\n');
    this.#options.log.error({ plugin: name }, error);
    this.#failed.push({ name, from: '', state: 'failed', setupMs: 0, error });
  }

  async #setUpOne(entry: HostEntry): Promise<string | null> {
    const startedAt = this.#options.clock.now();
    let context: SetupContext | undefined;
    const problem = await this.#attempt(entry, 'setup', async () => {
      context = new SetupContext(entry, { ...this.#options, contributions: this.#contributions });
      await entry.plugin.setup(context);
      context.finishSetup();
    });
    const setupMs = this.#options.clock.now() - startedAt;
    const state = { name: entry.name, from: entry.from, setupMs };
    if (problem === null && context) {
      this.#loaded.push({ entry, context, startedAt, state: { ...state, state: 'ready' } });
      return null;
    }
    this.#contributions.drop(entry.name);
    this.#failed.push({ ...state, state: 'failed', error: problem ?? '' });
    for (const hook of (context?.closeHooks ?? []).reverse()) await this.#attempt(entry, 'onClose', hook);
    return problem;
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
      const problem = `${entry.where}: plugin '${entry.name}': ${sentence(error).replace(`plugin '${entry.name}' `, '')}`;
      if (entry.onFailure === 'continue') this.#options.log.error({ plugin: entry.name }, problem);
      return problem;
    }
  }

  async #discard(loaded: Loaded, error: string): Promise<void> {
    this.#contributions.drop(loaded.entry.name);
    this.#loaded.splice(this.#loaded.indexOf(loaded), 1);
    this.#failed.push({ ...loaded.state, state: 'failed', error });
    await this.#closeHooks(loaded);
  }

  async #closeHooks({ entry, context }: Loaded): Promise<void> {
    for (const hook of context.closeHooks.reverse()) {
      const problem = await this.#attempt(entry, 'onClose', hook);
      if (problem !== null) this.#options.log.error({ plugin: entry.name }, problem);
    }
  }
}
