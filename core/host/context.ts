import type { Container } from '../container.ts';
import type { Log } from '../contracts/log.ts';
import type { Contribution, PluginContext, TokenMap } from '../contracts/plugin.ts';
import type { PluginStorage } from '../contracts/stores.ts';
import { nameOf, type Point, type Token } from '../contracts/token.ts';
import { pluginFailed } from '../errors.ts';
import type { HostEntry } from './order.ts';

/** What a plugin asks to be called later. */
export type Hook = () => void | Promise<void>;

/** What the host lends to every plugin's context. */
export interface ContextParts {
  readonly baseDir: string;
  readonly log: Log;
  readonly container: Container;
  readonly contributions: Contributions;
  storage(plugin: string): PluginStorage;
}

/** The lists behind the points, in order of setup. */
export class Contributions {
  readonly #lists = new Map<symbol, Contribution<unknown>[]>();

  add<T>(point: Point<T>, plugin: string, value: T): void {
    const list = this.#lists.get(point) ?? [];
    list.push({ plugin, value });
    this.#lists.set(point, list);
  }

  of<T>(point: Point<T>): readonly Contribution<T>[] {
    return (this.#lists.get(point) ?? []) as Contribution<T>[];
  }

  /** Takes back what a plugin added, when its setup failed or it closed. */
  drop(plugin: string): void {
    for (const [point, list] of this.#lists) {
      this.#lists.set(
        point,
        list.filter((contribution) => contribution.plugin !== plugin),
      );
    }
  }
}

/** One plugin's context and the hooks it registered. */
export class SetupContext implements PluginContext {
  readonly name: string;
  readonly config: unknown;
  readonly baseDir: string;
  readonly log: Log;
  readonly services: Readonly<Record<string, unknown>>;
  readonly readyHooks: Hook[] = [];
  readonly openHooks: Hook[] = [];
  readonly closeHooks: Hook[] = [];
  readonly #entry: HostEntry;
  readonly #parts: ContextParts;
  readonly #container: Container;
  #phase: 'setup' | 'ready' = 'setup';

  constructor(entry: HostEntry, parts: ContextParts) {
    this.name = entry.name;
    this.config = entry.config;
    this.baseDir = parts.baseDir;
    this.log = parts.log.child({ plugin: entry.name });
    this.#entry = entry;
    this.#parts = parts;
    this.#container = parts.container.child();
    this.services = { ...this.#resolve(entry.plugin.needs, true), ...this.#resolve(entry.plugin.wants, false) };
  }

  /** Looked up at each call: a plugin may hold on to it in setup, before the databases are there. */
  readonly storage: PluginStorage = {
    get: async (key) => this.#parts.storage(this.name).get(key),
    set: async (key, value) => this.#parts.storage(this.name).set(key, value),
    remove: async (key) => this.#parts.storage(this.name).remove(key),
    keys: async () => this.#parts.storage(this.name).keys(),
  };

  provide = <T>(token: Token<T>, service: T): void => {
    if (!this.#entry.plugin.provides?.includes(token)) {
      throw pluginFailed(this.name, `provides '${nameOf(token)}' without declaring it in \`provides\``);
    }
    this.#parts.container.register(token, service);
  };

  contribute = <T>(point: Point<T>, value: T): void => {
    if (this.#phase !== 'setup') throw pluginFailed(this.name, `contributes to '${nameOf(point)}' after setup`);
    this.#parts.contributions.add(point, this.name, value);
  };

  contributions = <T>(point: Point<T>): readonly Contribution<T>[] => {
    if (this.#phase === 'setup') {
      throw pluginFailed(this.name, `reads '${nameOf(point)}' in setup; the list is finished in onReady`);
    }
    return this.#parts.contributions.of(point);
  };

  create = <T>(type: new (...args: never[]) => T): T => this.#container.create(type);

  onReady = (hook: Hook): void => {
    this.readyHooks.push(hook);
  };

  onOpen = (hook: Hook): void => {
    this.openHooks.push(hook);
  };

  onClose = (hook: Hook): void => {
    this.closeHooks.push(hook);
  };

  /** Called by the host when every setup is done. */
  finishSetup(): void {
    this.#phase = 'ready';
    for (const token of this.#entry.plugin.provides ?? []) {
      if (!this.#parts.container.has(token)) {
        throw pluginFailed(this.name, `declares that it provides '${nameOf(token)}' and does not`);
      }
    }
  }

  #resolve(tokens: TokenMap | undefined, required: boolean): Record<string, unknown> {
    const found = Object.entries(tokens ?? {}).map(([key, token]) => {
      const service = required || this.#container.has(token) ? this.#container.resolve(token) : undefined;
      return [key, service] as const;
    });
    return Object.fromEntries(found);
  }
}
