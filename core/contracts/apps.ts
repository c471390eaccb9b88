import type { TObject } from 'typebox';
import type { EventSelector } from './event-names.ts';
import type { Log } from './log.ts';
import type { Heard } from './plugin.ts';
import { named, type Static, Type } from './schema.ts';

/** Names an app; it stands in addresses. */
export const AppId = Type.String({
  pattern: '^[A-Za-z0-9_-]{1,100}$',
  'x-rule': 'letters, digits, "_" and "-", at most 100 of them',
  examples: ['app_01jp1z7k9wq0e3v4x5y6z7a8b9'],
});

const fields = {
  enabled: Type.Boolean({ default: true }),
  app: Type.Union([Type.Enum(['chatwoot', 'calls', 'mcp'], { type: 'string' }), Type.String({ maxLength: 100 })], {
    description: 'The type of the app: one of these, or a type of a plugin',
  }),
  config: Type.Object({}, { additionalProperties: true, description: "What the type's schema allows" }),
};

/** An integration of a session as clients send it. */
export const AppRequest = named(
  'App',
  Type.Object(
    {
      id: Type.Optional(Type.Union([AppId, Type.Null()], { description: 'Made when absent' })),
      session: Type.Optional(Type.String({ description: 'Not needed if the request names the session elsewhere' })),
      ...fields,
      enabled: Type.Optional(fields.enabled),
    },
    {
      examples: [
        { session: 'default', app: 'calls', config: { dm: { reject: true, message: 'Please write instead' } } },
      ],
    },
  ),
);
export type AppRequest = Static<typeof AppRequest>;

/** An integration of a session as answers show it. */
export const AppInfo = named(
  'AppInfo',
  Type.Object({
    id: AppId,
    session: Type.String(),
    ...fields,
    failure: Type.Union([Type.String(), Type.Null()], {
      description: 'Why the app does not run although it is enabled. Additive to WAHA',
    }),
  }),
);
export type AppInfo = Static<typeof AppInfo>;

/** An app as its type knows it. */
export interface App<C = unknown> {
  readonly id: string;
  readonly session: string;
  readonly enabled: boolean;
  /** Checked by the schema of the type, with defaults. */
  readonly config: C;
}

/** What a running app works with. It all ends when the app stops. */
export interface AppContext<C = unknown> extends App<C> {
  readonly log: Log;
  /** Aborts when the app stops. */
  readonly signal: AbortSignal;
  /** Hears events of the app's session. What throws is logged. One event at a time is not promised. */
  on<const N extends EventSelector>(
    events: N | readonly N[],
    listener: (event: Heard<N>) => void | Promise<void>,
  ): void;
}

/** Ends what `AppType.start` began. */
export type StopApp = () => void | Promise<void>;

/**
 * A kind of app that sessions may have. Plugins contribute it to `Points.App`, made by `appType`. A config that changes
 * stops and starts the app and leaves the session's connection alone.
 */
export interface AppType<S extends TObject = TObject> {
  /** What `app` says in requests: `chatwoot`. */
  readonly type: string;
  readonly description: string;
  /** What a config may hold; unknown fields are ignored, as in requests. Fields marked by `secret()` are masked for who may not see them. */
  readonly config: S;
  /** True when a session may have more than one of it. */
  readonly several?: boolean;
  /**
   * An app that is enabled begins: when it is made or changed, and after each start of the server, whatever the status of its
   * session is. A throw is kept as its `failure`.
   */
  start(app: AppContext<Static<S>>): StopApp | undefined | Promise<StopApp | undefined>;
  /** Throws a RuntimeError for what its schema cannot say. Called before anything is changed; pure and quick. */
  check?(config: Static<S>): void;
  /** Called before an app is kept; gives the config that is. Throws a RuntimeError for what cannot be. */
  prepare?(app: App<Static<S>>, before: App<Static<S>> | null): Static<S> | Promise<Static<S>>;
  /** The config as answers show it; as it is kept when absent. */
  present?(app: App<Static<S>>): Static<S>;
  /** Forgets what the app has learned, and keeps its config. */
  purge?(app: App<Static<S>>): Promise<void>;
  /** Removes whatever is kept for an app that is deleted. Called again where it rejected. */
  remove?(app: App<Static<S>>): Promise<void>;
}

/** Declares a type of apps; `start` is typed by the schema. */
export const appType = <S extends TObject>(type: AppType<S>): AppType => type as unknown as AppType;

/** The apps of all sessions. Provided by the plugin `apps`. */
export interface Apps {
  /** Who may not see secrets sees masks in their place. */
  list(session: string, options: { readonly secrets: boolean }): readonly AppInfo[];
  /** Throws as `replace` rejects, and changes nothing. `field` names the list in errors. */
  check(session: string, apps: readonly AppRequest[], field: string): void;
  /**
   * Makes these the apps of a session: known ones are found by their id, else by their type, and changed; others are made;
   * what is not named is deleted. Rejects with `BAD_REQUEST` for a config that breaks its schema and with `UNPROCESSABLE` for a
   * type that is not there.
   */
  replace(session: string, apps: readonly AppRequest[], field: string): Promise<void>;
  /** Forgets what the session's apps have learned. */
  purge(session: string): Promise<void>;
}
