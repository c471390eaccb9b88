import { eventNames } from './event-names.ts';
import { ProxyConfig } from './network.ts';
import { named, type Static, Type } from './schema.ts';

/** What a session's status says; API.md lists the meanings. */
export const sessionStatuses = [
  'STOPPED',
  'STARTING',
  'SCAN_QR_CODE',
  'PASSKEY_REQUIRED',
  'PASSKEY_CONFIRMATION_REQUIRED',
  'WORKING',
  'FAILED',
] as const;
export type SessionStatus = (typeof sessionStatuses)[number];

/** The status of a session, as WAHA names it. */
export const SessionStatusSchema = Type.Enum([...sessionStatuses], { type: 'string' });

/** Why a session is not working, or is reconnecting. Stable: clients switch on it. */
export const statusReasons = [
  'network',
  'unavailable',
  'start_timeout',
  'restart_required',
  'qr_timeout',
  'logged_out',
  'device_removed',
  'replaced',
  'banned',
  'locked',
  'client_outdated',
  'multidevice_mismatch',
  'wrong_phone_number',
  'bad_session',
  'corrupt_auth',
  'storage',
  'proxy',
  'deaf',
  'engine_error',
] as const;
export type StatusReason = (typeof statusReasons)[number];

/** Who is logged in. `id` in WAHA's form (`<phone>@c.us`), `jid` as WhatsApp has it, with the device. */
export const MeInfo = named(
  'MeInfo',
  Type.Object({
    id: Type.String({ examples: ['11111111111@c.us'] }),
    lid: Type.Optional(Type.String({ examples: ['123123@lid'] })),
    jid: Type.Optional(Type.String({ examples: ['11111111111:12@s.whatsapp.net'] })),
    pushName: Type.String(),
  }),
);
export type MeInfo = Static<typeof MeInfo>;

export const HmacConfig = named(
  'HmacConfiguration',
  Type.Object({ key: Type.Optional(Type.String({ minLength: 1, writeOnly: true, 'x-secret': true })) }),
);

/** How a webhook's delivery is tried again: at the same distance, at growing ones, or at doubling ones. */
export const RetriesConfig = named(
  'RetriesConfiguration',
  Type.Object({
    policy: Type.Optional(Type.Enum(['linear', 'exponential', 'constant'], { type: 'string', default: 'constant' })),
    delaySeconds: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 86_400, default: 2 })),
    attempts: Type.Optional(Type.Integer({ minimum: 0, maximum: 1000, default: 15 })),
  }),
);
export type RetriesConfig = Static<typeof RetriesConfig>;

/** RFC 9110's token and field value: no header can be smuggled in. */
export const CustomHeader = named(
  'CustomHeader',
  Type.Object({
    name: Type.String({ pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$", maxLength: 200 }),
    value: Type.String({ pattern: '^[\\t\\x20-\\x7e\\x80-\\xff]*$', maxLength: 8192, 'x-secret': true }),
  }),
);

/** Where events go: one endpoint of a session, or a global one. */
export const WebhookConfig = named(
  'WebhookConfig',
  Type.Object({
    url: Type.String({
      format: 'uri',
      pattern: '^[hH][tT][tT][pP][sS]?://',
      maxLength: 4096,
      'x-rule': 'an http: or https: URL',
    }),
    events: Type.Array(Type.Enum([...eventNames, '*'], { type: 'string' }), {
      description: '`*` stands for every event but `engine.event`',
    }),
    hmac: Type.Optional(Type.Union([HmacConfig, Type.Null()])),
    retries: Type.Optional(Type.Union([RetriesConfig, Type.Null()])),
    customHeaders: Type.Optional(Type.Union([Type.Array(CustomHeader, { maxItems: 100 }), Type.Null()])),
    order: Type.Optional(
      Type.Enum(['none', 'session', 'chat'], {
        type: 'string',
        description: 'Which deliveries go strictly one after the other, a retry before all that follow',
      }),
    ),
  }),
);
export type WebhookConfig = Static<typeof WebhookConfig>;

/** What is filtered at the source: neither event nor storage. */
export const IgnoreConfig = named(
  'IgnoreConfig',
  Type.Object({
    status: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
    groups: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
    channels: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
    broadcast: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
  }),
);
export type IgnoreConfig = Static<typeof IgnoreConfig>;

/** How the session shows under Linked devices. */
export const ClientConfig = named(
  'ClientSessionConfig',
  Type.Object({
    deviceName: Type.Optional(Type.Union([Type.String({ maxLength: 100 }), Type.Null()])),
    browserName: Type.Optional(Type.Union([Type.String({ maxLength: 100 }), Type.Null()])),
  }),
);
export type ClientConfig = Static<typeof ClientConfig>;

export const NowebConfig = named(
  'NowebConfig',
  Type.Object({
    markOnline: Type.Optional(Type.Boolean({ default: true })),
    store: Type.Optional(
      named(
        'NowebStoreConfig',
        Type.Object({
          enabled: Type.Optional(Type.Boolean({ default: false })),
          fullSync: Type.Optional(Type.Boolean({ default: false })),
        }),
      ),
    ),
  }),
);

/** A session's config, in REST bodies and in the YAML alike. */
export const SessionConfig = named(
  'SessionConfig',
  Type.Object({
    metadata: Type.Optional(
      Type.Union([
        // TypeBox's own pattern for any key, `^.*$`, lets keys with a line break past the check of their values.
        Type.Record(Type.String({ pattern: '^[\\s\\S]*$' }), Type.String({ maxLength: 4096 }), {
          propertyNames: { maxLength: 200, pattern: '^\\P{Cc}*$', 'x-rule': 'free of control characters' },
        }),
        Type.Null(),
      ]),
    ),
    proxy: Type.Optional(Type.Union([ProxyConfig, Type.Null()])),
    debug: Type.Optional(Type.Boolean({ default: false })),
    ignore: Type.Optional(Type.Union([IgnoreConfig, Type.Null()])),
    client: Type.Optional(Type.Union([ClientConfig, Type.Null()])),
    noweb: Type.Optional(Type.Union([NowebConfig, Type.Null()])),
    gows: Type.Optional(Type.Unknown({ description: 'Taken for compatibility; another engine of WAHA' })),
    webjs: Type.Optional(Type.Unknown({ description: 'Taken for compatibility; another engine of WAHA' })),
    webhooks: Type.Optional(Type.Union([Type.Array(WebhookConfig, { maxItems: 100 }), Type.Null()])),
  }),
);
export type SessionConfig = Static<typeof SessionConfig>;

/**
 * A session's name becomes part of URLs and storage keys: letters, digits, `_`, `-`, `.`, at most 54 of them,
 * beginning with a letter or digit. `sessions` and `apps` would hide routes, so they are refused, too.
 */
export const sessionNamePattern = '^(?!(?:sessions|apps|\\.{1,2})$)[A-Za-z0-9_][A-Za-z0-9_.-]{0,53}$';
/** The same in words. */
export const sessionNameRule = 'letters, digits, "_", "-" and ".", at most 54 of them, and not "sessions" or "apps"';

/** The schema of a session's name. */
export const SessionName = Type.String({
  pattern: sessionNamePattern,
  'x-rule': sessionNameRule,
});

/** True for a name that a session may have. */
export const isSessionName = (name: string): boolean => new RegExp(sessionNamePattern).test(name);

/** WhatsApp does not let the account write to new people for a while. */
export interface ReachoutTimelock {
  /** When it ends (ms since the epoch); null when WhatsApp did not say. */
  readonly timeEnforcementEnds: number | null;
  /** WhatsApp's own word for it. */
  readonly enforcementType: string | null;
}

/** The account's phone has given no sign of life for long. WhatsApp unlinks its devices when it is offline for a fortnight. */
export interface PhoneSilence {
  /** When the last sign came (ms since the epoch). */
  readonly lastSeenAt: number;
  /** When WhatsApp unlinks this device, if the phone was offline all the while (ms since the epoch). */
  readonly unlinkExpectedAt: number;
}

/** A status with the time it was entered (ms). */
export interface StatusPoint {
  readonly status: SessionStatus;
  readonly timestamp: number;
}

/** One change of status, or of its reason, kept for `GET …/transitions`. */
export interface Transition extends StatusPoint {
  readonly reason?: StatusReason;
  readonly message?: string;
  readonly note?: string;
}

/** A session as the API and the plugins see it: a copy, never live. */
export interface SessionInfo {
  readonly name: string;
  readonly status: SessionStatus;
  readonly config: SessionConfig;
  readonly me: MeInfo | null;
  readonly engine: { readonly engine: string };
  /** The plugin-independent id of this process's worker. */
  readonly assignedWorker: string;
  readonly presence: 'online' | 'offline' | null;
  readonly timestamps: { readonly activity: number | null };
  /** Why it is FAILED or reconnecting. */
  readonly reason?: StatusReason;
  /** Whether it goes on by itself. */
  readonly recoverable?: boolean;
  /** Which reconnect attempt is under way or next, from 1. */
  readonly attempt?: number;
  /** When the next attempt begins (ms since the epoch). */
  readonly nextRetryAt?: number;
  /** What else is known about the reason, for people. */
  readonly note?: string;
  /** What WhatsApp does not let the account do now. */
  readonly reachoutTimelock?: ReachoutTimelock;
  /** When the account's phone last gave a sign of life (ms since the epoch); absent while no account is linked. */
  readonly phoneLastSeenAt?: number;
  /** There was none for long. */
  readonly phoneSilence?: PhoneSilence;
}

/** A code to scan, and until when it may be shown (ms since the epoch). */
export interface QrCode {
  readonly value: string;
  readonly expiresAt: number;
}

/** A code to type into the phone under "Link with phone number". */
export interface PairingCode {
  /** `ABCD-EFGH`. */
  readonly code: string;
  /** ms since the epoch; three minutes from now at most. */
  readonly expiresAt: number;
}
