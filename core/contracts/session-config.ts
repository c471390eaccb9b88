import { eventNames } from './event-names.ts';
import { ProxyConfig } from './network.ts';
import { named, type Static, Type } from './schema.ts';
import { SessionPacing } from './send-queue.ts';

export const HmacConfig = named(
  'HmacConfiguration',
  Type.Object({ key: Type.Optional(Type.String({ minLength: 1, writeOnly: true, 'x-secret': true })) }),
);

/** How a webhook's delivery is tried again: at the same distance, at growing ones, or at doubling ones. */
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

const flag = Type.Optional(Type.Union([Type.Boolean(), Type.Null()]));
/** What is taken for compatibility only: the program it is for may have more of it. */
const foreign = { additionalProperties: true, description: 'Taken for compatibility; of another engine of WAHA' };

export const GowsConfig = named(
  'GowsConfig',
  Type.Object(
    {
      storage: Type.Optional(
        named('GowsStorageConfig', Type.Object({ messages: flag, groups: flag, chats: flag, labels: flag }, foreign)),
      ),
    },
    foreign,
  ),
);
export const WebjsConfig = named('WebjsConfig', Type.Object({ tagsEventsOn: flag }, foreign));

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
    gows: Type.Optional(Type.Union([GowsConfig, Type.Null()])),
    webjs: Type.Optional(Type.Union([WebjsConfig, Type.Null()])),
    pacing: Type.Optional(Type.Union([SessionPacing, Type.Null()])),
    webhooks: Type.Optional(Type.Union([Type.Array(WebhookConfig, { maxItems: 100 }), Type.Null()])),
  }),
);
export type SessionConfig = Static<typeof SessionConfig>;
