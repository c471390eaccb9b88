import type { CircuitBreaker } from '../circuit-breaker.ts';
import { unknownEvent } from '../config/unknown-event.ts';
import type { Container } from '../container.ts';
import type { Clock } from '../contracts/clock.ts';
import { type EventSelector, selects } from '../contracts/event-names.ts';
import type { Log } from '../contracts/log.ts';
import type { Egress } from '../contracts/network.ts';
import type { Contribution, Heard, PluginContext, TokenMap } from '../contracts/plugin.ts';
import type { PluginStorage } from '../contracts/stores.ts';
import { nameOf, type Point, type Token } from '../contracts/token.ts';
import { pluginFailed } from '../errors.ts';
import { firstPoints, Points } from '../tokens.ts';
import type { Contributions } from './contributions.ts';
import { guard } from './guards.ts';
import type { HostEntry } from './order.ts';
import { PluginResources } from './plugin-resources.ts';
import { everySession, SessionScope } from './session-scope.ts';

/** What a plugin asks to be called later. */
export type Hook = () => void | Promise<void>;

/** What the host lends to every plugin's context. */
export interface ContextOptions {
  readonly baseDir: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly egress: Egress;
  readonly container: Container;
  readonly contributions: Contributions;
  storage(plugin: string): PluginStorage;
  /** Tells the others that a list changed after the start. */
  changed(): void;
}

/** One plugin's context, the hooks it registered, and everything that ends with it. */
export class SetupContext implements PluginContext {
  readonly name: string;
  readonly config: unknown;
  readonly baseDir: string;
  readonly log: Log;
  readonly http: Egress;
  readonly signal: AbortSignal;
  readonly storage: PluginStorage;
  readonly services: Readonly<Record<string, unknown>>;
  readonly scope: SessionScope;
  readonly breakers: CircuitBreaker[] = [];
  readonly readyHooks: Hook[] = [];
  readonly openHooks: Hook[] = [];
  readonly closeHooks: Hook[] = [];
  readonly changeHooks: { readonly point: Point<unknown>; readonly hook: Hook }[] = [];
  readonly #entry: HostEntry;
  readonly #options: ContextOptions;
  readonly #container: Container;
  readonly #resources: PluginResources;
  readonly #provided: Token<unknown>[] = [];
  #phase: 'setup' | 'ready' | 'ended' = 'setup';

  constructor(entry: HostEntry, options: ContextOptions) {
    this.name = entry.name;
    this.config = entry.config;
    this.baseDir = options.baseDir;
    this.log = options.log.child({ plugin: entry.name });
    this.#entry = entry;
    this.#options = options;
    this.scope = new SessionScope(entry.sessions ?? everySession(entry.config));
    this.#resources = new PluginResources({ ...options, storage: options.storage, plugin: entry.name, log: this.log });
    this.http = this.#resources.http;
    this.signal = this.#resources.signal;
    this.storage = this.#resources.storage;
    this.#container = options.container.child();
    this.services = { ...this.#resolve(entry.plugin.needs, true), ...this.#resolve(entry.plugin.wants, false) };
  }

  includes = (session: string): boolean => this.scope.includes(session);

  configFor = (session: string): unknown => this.scope.configFor(session);

  on = <const N extends EventSelector>(
    events: N | readonly N[],
    listener: (event: Heard<N>) => void | Promise<void>,
  ): void => {
    const wanted = (Array.isArray(events) ? events : [events]) as readonly EventSelector[];
    const unknown = unknownEvent(wanted);
    if (unknown !== null) throw pluginFailed(this.name, `listens to ${unknown}`);
    this.#add(Points.EventSink, {
      name: `${this.name} on ${wanted.join(', ')}`,
      accepts: ({ event }) => selects(wanted, event),
      wants: (event) => selects(wanted, event),
      deliver: (event) => listener(event as Heard<N>),
    });
  };

  setTimeout = (action: Hook, milliseconds: number): (() => void) => this.#resources.after(action, milliseconds);

  setInterval = (action: Hook, milliseconds: number): (() => void) => this.#resources.every(action, milliseconds);

  provide = <T>(token: Token<T>, service: T): void => {
    if (!this.#entry.plugin.provides?.includes(token)) {
      throw pluginFailed(this.name, `provides '${nameOf(token)}' without declaring it in \`provides\``);
    }
    this.#provided.push(token);
    this.#options.container.register(token, service);
  };

  contribute = <T>(point: Point<T>, value: T): void => {
    this.#refuseNoPoint(point);
    if (this.#phase !== 'setup') throw pluginFailed(this.name, `contributes to '${nameOf(point)}' after setup`);
    if (firstPoints.includes(point) && !this.#entry.plugin.contributesFirst?.includes(point)) {
      const why = 'the runtime reads it before others are set up';
      throw pluginFailed(this.name, `contributes to '${nameOf(point)}' without \`contributesFirst\`: ${why}`);
    }
    this.#add(point, value);
  };

  contributions = <T>(point: Point<T>): readonly Contribution<T>[] => {
    this.#refuseNoPoint(point);
    if (this.#phase === 'setup') {
      throw pluginFailed(this.name, `reads '${nameOf(point)}' in setup; the list is finished in onReady`);
    }
    return this.#options.contributions.of(point);
  };

  create = <T>(type: new (...args: never[]) => T): T => this.#container.create(type);

  onReady = (hook: Hook): void => {
    this.readyHooks.push(hook);
  };

  onOpen = (hook: Hook): void => {
    this.openHooks.push(hook);
  };

  onChange = (point: Point<unknown>, hook: Hook): void => {
    this.#refuseNoPoint(point);
    this.changeHooks.push({ point, hook });
  };

  onClose = (hook: Hook): void => {
    this.closeHooks.push(hook);
  };

  /** Called by the host when every setup is done. */
  finishSetup(): void {
    this.#phase = 'ready';
    for (const token of this.#entry.plugin.provides ?? []) {
      if (!this.#options.container.has(token)) {
        throw pluginFailed(this.name, `declares that it provides '${nameOf(token)}' and does not`);
      }
    }
  }

  /** Takes back everything that the plugin added, offered or set going. Its own close hooks ran before. */
  end(): void {
    this.#phase = 'ended';
    this.#resources.end();
    this.#options.contributions.drop(this.name);
    for (const token of this.#provided) this.#options.container.unregister(token);
  }

  /** `Points.EventSnk` is undefined: nobody would read its list. */
  #refuseNoPoint(point: Point<unknown> | undefined): void {
    if (typeof point === 'symbol') return;
    const known = Object.keys(Points).map((name) => `Points.${name}`);
    throw pluginFailed(this.name, `names a point that does not exist; there are ${known.join(', ')}`);
  }

  #add<T>(point: Point<T>, value: T): void {
    if (this.#phase === 'ended') throw pluginFailed(this.name, 'is closed');
    const { clock } = this.#options;
    const isBuiltIn = this.#entry.from === 'built-in';
    const options = { log: this.log, clock, scope: this.scope, breakers: this.breakers, isBuiltIn };
    this.#options.contributions.add(point, this.name, guard(point, value, options));
    if (this.#phase === 'ready') this.#options.changed();
  }

  #resolve(tokens: TokenMap | undefined, required: boolean): Record<string, unknown> {
    const found = Object.entries(tokens ?? {}).map(([key, token]) => {
      const service = required || this.#container.has(token) ? this.#container.resolve(token) : undefined;
      return [key, service] as const;
    });
    return Object.fromEntries(found);
  }
}
