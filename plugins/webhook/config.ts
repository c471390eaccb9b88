import { CustomHeader, configInvalid, eventNames, named, RetriesConfig, type Static, Type } from 'waha-runtime';
import type { Retention } from './delivery-log/retention.ts';
import { parseHeaders, sortHeaders } from './endpoints/custom-headers.ts';
import {
  type ConfiguredWebhooks,
  type DeliveryOptions,
  deliveryDefaults,
  type WebhookEntry,
} from './endpoints/delivery-options.ts';

const delivery = {
  timeoutSeconds: Type.Optional(Type.Number({ minimum: 1, maximum: 60, description: 'How long one attempt may take' })),
  concurrency: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, description: 'How many requests one endpoint gets at once' }),
  ),
  queueLimit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 10_000_000, description: 'How many deliveries may wait for one endpoint' }),
  ),
  order: Type.Optional(
    Type.Enum(['none', 'session', 'chat'], {
      type: 'string',
      description:
        'Which deliveries of one endpoint are made strictly one after the other; later ones wait for a retry',
    }),
  ),
  overflow: Type.Optional(
    Type.Enum(['drop-oldest', 'reject-new'], {
      type: 'string',
      description: 'Which delivery is dropped when the queue is full',
    }),
  ),
  verifyTls: Type.Optional(
    Type.Boolean({ description: '`false` accepts any certificate, for receivers with a self-signed one' }),
  ),
  retryClientErrors: Type.Optional(
    Type.Boolean({
      description: '`false` gives up after a 4xx other than 408, 425 and 429 without a retry; WAHA retries all of them',
    }),
  ),
  disableAfterHours: Type.Optional(
    Type.Number({
      minimum: 0,
      description:
        'An endpoint that fails for this long is disabled until its config changes; with 0 it is never disabled',
    }),
  ),
};

const webhook = {
  url: Type.Optional(
    Type.String({
      pattern: '^$|^[hH][tT][tT][pP][sS]?://',
      maxLength: 4096,
      description: 'If empty, there is no webhook. Private addresses are allowed here, unlike in a session’s config',
    }),
  ),
  events: Type.Optional(
    Type.Array(Type.Enum([...eventNames, '*'], { type: 'string' }), {
      description: 'All but engine.event (`*`) when absent or empty',
    }),
  ),
  hmac: Type.Optional(
    Type.Object({
      key: Type.Optional(
        Type.String({
          writeOnly: true,
          'x-secret': true,
          description: 'The key of the signature; if empty, there is no signature',
        }),
      ),
      previousKeys: Type.Optional(
        Type.Array(Type.String({ minLength: 1, writeOnly: true, 'x-secret': true }), {
          maxItems: 5,
          description: 'Keys that also sign `webhook-signature`, until every receiver has the new key',
        }),
      ),
    }),
  ),
  retries: Type.Optional(Type.Union([RetriesConfig, Type.Null()])),
  customHeaders: Type.Optional(
    Type.Union([
      Type.Array(CustomHeader, { maxItems: 100 }),
      Type.String({ 'x-secret': true, description: '`Name:Value;Name:Value`' }),
    ]),
  ),
  ...delivery,
};

/** The plugin's config: one webhook, a list of them, and how the webhooks of sessions are delivered. */
export const WebhookPluginConfig = named(
  'WebhookPlugin',
  Type.Object({
    ...webhook,
    dedupe: Type.Optional(
      Type.Enum(['none', 'url'], {
        type: 'string',
        description:
          '`url`: a URL gets an event once, although the YAML and the session both name it, and an incoming message ' +
          'not as `message.any` when it gets it as `message`',
      }),
    ),
    retention: Type.Object(
      {
        deliveredHours: Type.Number({ minimum: 0, maximum: 87_600, default: 24 }),
        failedHours: Type.Number({ minimum: 0, maximum: 87_600, default: 720 }),
        pendingHours: Type.Number({ exclusiveMinimum: 0, maximum: 87_600, default: 168 }),
        maxRows: Type.Integer({ minimum: 100, maximum: 1_000_000_000, default: 500_000 }),
      },
      {
        default: {},
        description:
          'How long the delivery log shows what was delivered and what was not, how long a delivery may wait at most ' +
          'before it is given up, and how many rows of each state are kept',
      },
    ),
    webhooks: Type.Array(named('GlobalWebhook', Type.Object(webhook)), {
      default: [],
      description: 'More webhooks; missing delivery settings are taken from the fields above',
    }),
  }),
);
export type WebhookPluginConfig = Static<typeof WebhookPluginConfig>;

/** A user's endpoint that never answers is disabled after five days; the operator's own never is, unless told so. */
const sessionDisableAfterMs = 5 * 24 * 3_600_000;

/** What the YAML asks for. */
export interface GlobalWebhooks extends ConfiguredWebhooks {
  readonly retention: Retention;
}

const hour = 3_600_000;

type Entry = Omit<WebhookPluginConfig, 'webhooks' | 'retention' | 'dedupe'>;

/** Reads the plugin's config. `refusal` says why a URL cannot be used. Throws `CONFIG_INVALID` that names the field. */
export const readConfig = (
  { webhooks, retention, dedupe = 'none', ...top }: WebhookPluginConfig,
  refusal: (url: string) => string | null,
): GlobalWebhooks => {
  const defaults = optionsOf(top);
  const entries = [
    entryOf(top, 'config', {}, refusal),
    ...webhooks.map((entry, index) => entryOf(entry, `config.webhooks.${index}`, defaults, refusal)),
  ];
  return {
    webhooks: entries.filter((entry) => entry !== null),
    globalDefaults: deliveryDefaults,
    sessionDefaults: { ...deliveryDefaults, disableAfterMs: sessionDisableAfterMs, ...defaults },
    dedupe,
    retention: {
      deliveredMs: retention.deliveredHours * hour,
      failedMs: retention.failedHours * hour,
      pendingMs: retention.pendingHours * hour,
      maxRows: retention.maxRows,
    },
  };
};

const entryOf = (
  entry: Entry,
  path: string,
  defaults: Partial<DeliveryOptions>,
  refusal: (url: string) => string | null,
): WebhookEntry | null => {
  if (entry.url === undefined || entry.url === '') return null;
  const refused = refusal(entry.url);
  if (refused !== null) throw configInvalid(`${path}.url: ${refused}`);
  return {
    url: entry.url,
    events: entry.events?.length ? entry.events : ['*'],
    hmac: entry.hmac,
    retries: entry.retries,
    customHeaders: headersOf(entry.customHeaders, `${path}.customHeaders`),
    options: { ...defaults, ...optionsOf(entry) },
  };
};

const headersOf = (headers: Entry['customHeaders'], path: string) => {
  const list = typeof headers === 'string' ? parseHeaders(headers) : (headers ?? []);
  if (list === null) throw configInvalid(`${path} must be a list of names and values, or Name:Value;Name:Value`);
  const { refused } = sortHeaders(list);
  if (refused.length > 0) throw configInvalid(`${path}: '${refused.join("', '")}' cannot be set`);
  return list;
};

const optionsOf = (entry: Entry): Partial<DeliveryOptions> => {
  const { timeoutSeconds, disableAfterHours, concurrency, queueLimit, overflow, order, verifyTls } = entry;
  const options = {
    timeoutMs: timeoutSeconds === undefined ? undefined : timeoutSeconds * 1_000,
    disableAfterMs: disableAfterHours === undefined ? undefined : disableAfterHours * 3_600_000,
    ...{ concurrency, queueLimit, overflow, order, verifyTls, retryClientErrors: entry.retryClientErrors },
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
};
