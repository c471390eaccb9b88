import type { Static, TObject } from 'typebox';
import type { EventName, EventSelector } from './event-names.ts';
import type { RuntimeEvent } from './events.ts';
import type { Log } from './log.ts';
import type { Egress } from './network.ts';
import type { PluginStorage } from './stores.ts';
import type { Point, Provided, Token } from './token.ts';

/** A named list of tokens, as in `needs` and `wants`. */
export type TokenMap = Readonly<Record<string, Token<unknown>>>;

type Services<N extends TokenMap, W extends TokenMap> = { readonly [K in keyof N]: Provided<N[K]> } & {
  readonly [K in keyof W]: Provided<W[K]> | undefined;
};

/** A value that a plugin added to a point, with the plugin's name. */
export interface Contribution<T> {
  readonly plugin: string;
  readonly value: T;
}

/** The events that a listener to `N` gets; `*` stands for every event but `engine.event`. */
export type Heard<N extends EventSelector> = RuntimeEvent<'*' extends N ? EventName : Exclude<N, '*'>>;

/** What a plugin gets in `setup`. Everything it opens through the context goes away when it closes. */
export interface PluginContext<C = unknown, N extends TokenMap = TokenMap, W extends TokenMap = TokenMap> {
  /** The name of this instance: `as:` in the YAML, else the plugin's own. */
  readonly name: string;
  /** Validated, with defaults, frozen. */
  readonly config: C;
  /** The folder of the YAML file: relative paths in a config start there. */
  readonly baseDir: string;
  readonly services: Services<N, W>;
  readonly log: Log;
  /** The guarded way out: refuses private addresses unless the YAML allows them. Requests end with the plugin. */
  readonly http: Egress;
  /** Aborts when the plugin closes. */
  readonly signal: AbortSignal;
  /** Small state of the plugin's own. A plugin with `contributesFirst` has none. */
  readonly storage: PluginStorage;
  /** True for a session that this instance works for: `sessions.include` in the YAML; every session without it. */
  includes(session: string): boolean;
  /** The config for one session: `config`, overridden by `sessions.override` in the YAML. Ask at each use, it may change. */
  configFor(session: string): C;
  /**
   * Listens to events of the sessions that this instance works for, until the plugin closes. One event at a time is not
   * promised: a slow listener gets the next event while it works. Throws, rejections and more than 30 s are logged and
   * counted, and suspend this listener alone when they repeat.
   */
  on<const N extends EventSelector>(
    events: N | readonly N[],
    listener: (event: Heard<N>) => void | Promise<void>,
  ): void;
  /** Runs an action later, unless the plugin closes before. A throw is logged. Returns the way to cancel. */
  setTimeout(action: () => void | Promise<void>, milliseconds: number): () => void;
  /** Runs an action again and again, each time after the one before is done. Returns the way to cancel. */
  setInterval(action: () => void | Promise<void>, milliseconds: number): () => void;
  /** Offers a service that `provides` names. */
  provide<T>(token: Token<T>, service: T): void;
  /** Adds to a list; only in `setup`. */
  contribute<T>(point: Point<T>, value: T): void;
  /** The finished list, in order of plugins; from `onReady` on. */
  contributions<T>(point: Point<T>): readonly Contribution<T>[];
  /** Builds a class in this plugin's own container: constructor parameters by `@inject(token)`. */
  create<T>(type: new (...args: never[]) => T): T;
  /** Called after every plugin's setup, in the same order. */
  onReady(hook: () => void | Promise<void>): void;
  /** Called after every `onReady`: a server opens its doors only when everything behind them is ready. */
  onOpen(hook: () => void | Promise<void>): void;
  /** Called when a list changed after the start, because a plugin was reloaded: read `contributions` again. */
  onChange(point: Point<unknown>, hook: () => void | Promise<void>): void;
  /** Called when the runtime stops, last in, first out, after the sessions closed. */
  onClose(hook: () => void | Promise<void>): void;
}

/**
 * What `definePlugin` makes: a plugin's name, its config schema, the services it uses and offers, and its `setup`.
 */
export interface Plugin<S extends TObject = TObject, N extends TokenMap = TokenMap, W extends TokenMap = TokenMap> {
  readonly [pluginBrand]: true;
  /** kebab-case; the default name of its instances. */
  readonly name: string;
  readonly description?: string;
  /** What `config:` in the YAML may hold; unknown keys are refused. */
  readonly config?: S;
  /** Services that must be there before `setup`. */
  readonly needs?: N;
  /** Services that are waited for when some plugin provides them, and undefined when none does. */
  readonly wants?: W;
  readonly provides?: readonly Token<unknown>[];
  /**
   * Points that the runtime reads before it builds its own services: `Points.Database`. A plugin that contributes to one
   * says so here. It is set up before all others, when there are no sessions, no events and no storage yet, so it needs
   * none of them, and neither does a plugin that it needs.
   */
  readonly contributesFirst?: readonly Point<unknown>[];
  /**
   * Several processes may use its `Points.Database` at once, as `Database.shared` says: known without opening it, so that `waha check`
   * can tell. Absent: one process.
   */
  readonly sharesDatabase?: boolean;
  setup(context: PluginContext<Static<S>, N, W>): void | Promise<void>;
}
declare const pluginBrand: unique symbol;

/** The plugin API's version: a package's manifest names the one it was written for. */
export const pluginApi = 1;

const brand = Symbol.for('waha:plugin');

// biome-ignore lint/complexity/noBannedTypes: the empty object is what "no config" infers to
type None = {};

/** Declares a plugin: a value with a name, a config schema, what it needs, and `setup`. */
export const definePlugin = <
  S extends TObject = TObject<None>,
  const N extends TokenMap = None,
  const W extends TokenMap = None,
>(
  plugin: Omit<Plugin<S, N, W>, typeof pluginBrand>,
): Plugin<S, N, W> => ({ ...plugin, [brand]: pluginApi }) as unknown as Plugin<S, N, W>;

/** A plugin of any config and any needs, as the host holds it. */
export type AnyPlugin = Omit<Plugin, 'setup'> & { setup(context: PluginContext): void | Promise<void> };

/** True for what `definePlugin` made, whichever copy of the runtime did. */
export const isPlugin = (value: unknown): value is AnyPlugin =>
  typeof value === 'object' && value !== null && brand in value;
