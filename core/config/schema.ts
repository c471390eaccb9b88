import { named, type Static, Type } from '../contracts/schema.ts';
import { SessionName } from '../contracts/session.ts';
import { ClientConfig, IgnoreConfig, SessionConfig } from '../contracts/session-config.ts';
import { EgressConfig } from '../network/egress-config.ts';
import type { Origins } from './fit-types.ts';
import type { ConfigPath } from './parse-yaml.ts';

const milliseconds = (value: number, description: string) =>
  Type.Integer({ minimum: 0, maximum: 2_147_483_647, default: value, description });

/** How long things may take; all in milliseconds. Tests and the sandbox deployment shorten them. */
export const Timings = named(
  'Timings',
  Type.Object(
    {
      qr: Type.Array(Type.Integer({ minimum: 1, maximum: 3_600_000 }), {
        minItems: 1,
        maxItems: 100,
        default: [60_000, 20_000, 20_000, 20_000, 20_000, 20_000, 20_000],
        description: 'How long each QR code is shown; after the last one the session is FAILED',
      }),
      start: milliseconds(60_000, 'How long connecting may take, before it is tried again'),
      linked: milliseconds(10_000, 'How long WhatsApp may take to ask for a new connection after a scan'),
      passkey: milliseconds(600_000, 'How long a challenge for a passkey is good, if WhatsApp does not say less'),
      passkeyPhone: milliseconds(
        120_000,
        'How long the phone may take to go on after a passkey was used, or after its code was confirmed',
      ),
      close: milliseconds(5_000, 'How long closing a connection may take, before it is cut'),
      wipe: milliseconds(10_000, 'How long removing credentials may take'),
      backoffBase: milliseconds(1_000, 'The first reconnect waits up to this long; it doubles at each attempt'),
      backoffSlow: milliseconds(10_000, 'The same, when WhatsApp says that it is unavailable'),
      backoffCap: milliseconds(120_000, 'No reconnect waits longer than this'),
      conflict: milliseconds(30_000, 'How long to wait at least, when another client keeps taking the account over'),
      stable: milliseconds(30_000, 'A connection that holds this long resets the count of attempts'),
      probe: milliseconds(60_000, 'How often a WORKING session proves that WhatsApp still answers'),
      probeTimeout: milliseconds(15_000, 'How long that answer may take, before the session counts as deaf'),
      phoneSilence: milliseconds(
        864_000_000,
        'How long the phone of an account may give no sign of life, before it is warned of (10 days); 0 never warns',
      ),
      client: milliseconds(5_000, 'How long a call waits for a session to be WORKING'),
      pairingCooldown: milliseconds(10_000, 'How long after a pairing code was asked for WhatsApp is not asked again'),
      qrWait: milliseconds(10_000, 'How long a request for a code waits while STARTING'),
    },
    { default: {} },
  ),
);
export type Timings = Static<typeof Timings>;

/** One entry of `plugins:`. */
export const PluginEntry = named(
  'PluginEntry',
  Type.Object({
    use: Type.String({ minLength: 1, description: 'A built-in name, a path relative to this file, or an npm package' }),
    as: Type.Optional(
      Type.String({
        pattern: '^[a-z0-9][a-z0-9-]*$',
        description: 'The name of this instance, when there are several',
      }),
    ),
    onFailure: Type.Optional(
      Type.Enum(['stop', 'continue'], {
        type: 'string',
        default: 'stop',
        description: 'What happens if it fails: `stop` ends the start, `continue` starts the other plugins without it',
      }),
    ),
    config: Type.Optional(Type.Unknown({ description: "The plugin's own config" })),
    sessions: Type.Optional(
      named(
        'PluginSessions',
        Type.Object(
          {
            include: Type.Optional(
              Type.Array(Type.String({ minLength: 1 }), {
                description: 'Names of sessions; `*` stands for any characters. All sessions when absent',
              }),
            ),
            override: Type.Optional(
              Type.Record(Type.String(), Type.Object({ config: Type.Unknown() }), {
                description:
                  'Changes of the config by name or pattern of sessions; the first pattern that matches applies',
              }),
            ),
          },
          { description: 'The sessions that this plugin works for' },
        ),
      ),
    ),
  }),
);
export type PluginEntry = Static<typeof PluginEntry>;

const databaseOf = (what: string) => Type.Optional(Type.String({ description: `The plugin that keeps ${what}` }));

/** The YAML file, whole. */
export const RuntimeConfig = named(
  'RuntimeConfig',
  Type.Object({
    log: Type.Object(
      {
        level: Type.Enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'], { type: 'string', default: 'info' }),
        format: Type.Enum(['pretty', 'json'], { type: 'string', default: 'pretty' }),
      },
      { default: {} },
    ),
    worker: Type.Object(
      {
        id: Type.Optional(Type.String({ maxLength: 100, description: 'Shown as assignedWorker' })),
        restartSessions: Type.Boolean({
          default: true,
          description: 'Start the sessions again at boot that were running before',
        }),
        restartAll: Type.Boolean({
          default: false,
          description: 'Start every session at boot, including sessions that were stopped',
        }),
        startDelaySeconds: Type.Integer({
          minimum: 0,
          maximum: 3600,
          default: 0,
          description: 'The pause between the starts of two sessions at boot',
        }),
        startConcurrency: Type.Integer({ minimum: 1, maximum: 1000, default: 8 }),
        startJitter: milliseconds(250, 'A random wait of up to this long before each start at boot'),
        stopGrace: milliseconds(15_000, 'How long a stop of the whole process may take'),
      },
      { default: {} },
    ),
    session: Type.Object(
      {
        ignore: Type.Optional(IgnoreConfig),
        client: Type.Optional(ClientConfig),
        printQr: Type.Boolean({ default: false, description: 'Show QR codes in the terminal, too' }),
        timings: Timings,
      },
      { default: {}, description: 'Defaults for every session; the config of a session takes precedence' },
    ),
    events: Type.Object(
      {
        maxAgeHours: Type.Number({ exclusiveMinimum: 0, maximum: 87_600, default: 72 }),
        maxEvents: Type.Integer({ minimum: 1_000, maximum: 1_000_000_000, default: 1_000_000 }),
      },
      {
        default: {},
        description: 'How much of the event log is kept; events that a sink has not delivered are kept longer',
      },
    ),
    messages: Type.Object(
      {
        recentPerSession: Type.Integer({
          minimum: 100,
          maximum: 1_000_000,
          default: 5_000,
          description:
            'How many of its newest messages a session without a store keeps, for quotes, retries and read receipts',
        }),
        storedPerSession: Type.Integer({
          minimum: 1_000,
          maximum: 100_000_000,
          default: 1_000_000,
          description: 'How many messages a session with `noweb.store.enabled` keeps',
        }),
      },
      { default: {}, description: 'How many messages are kept; older ones are removed' },
    ),
    network: EgressConfig,
    stores: Type.Object(
      {
        sessions: databaseOf('session definitions'),
        auth: databaseOf('credentials and Signal keys'),
        messages: databaseOf('messages'),
        outbox: databaseOf('events and their deliveries'),
      },
      {
        default: {},
        description: "Which plugin's database stores which data; by default the first database stores everything",
      },
    ),
    sessions: Type.Array(
      named(
        'DeclaredSession',
        Type.Object({
          name: SessionName,
          start: Type.Optional(Type.Boolean({ default: true })),
          config: Type.Optional(SessionConfig),
        }),
      ),
      { default: [], description: 'Sessions that are created or updated at boot' },
    ),
    plugins: Type.Array(PluginEntry, { minItems: 1 }),
  }),
);
export type RuntimeConfig = Static<typeof RuntimeConfig>;

/** A config that passed its check, and where each of its values stands. */
export interface LoadedConfig {
  /** Absolute path of the YAML file. */
  readonly file: string;
  /** Its folder; relative paths start there. */
  readonly baseDir: string;
  /** `plugins[].config` is as it was written: `checkPluginConfig` checks it against the plugin's own schema. */
  readonly value: RuntimeConfig;
  /** `waha.config.yaml:8`: file and line of a path, or of the nearest part of it that is written. */
  where(path: ConfigPath): string;
  /** `waha.config.yaml:8: plugins.webhook.config.url`: file, line and readable name of a path. */
  at(path: ConfigPath): string;
  /** The strings that placeholders made, by path. */
  readonly origins: Origins;
}
