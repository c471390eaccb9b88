import { eventNames, named, type Static, Type } from 'waha-runtime';
import { deliveryStates } from '../delivery-log/delivery.ts';

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const moment = (description: string) => nullable(Type.Number({ description: `${description} (ms), or null` }));

export const EndpointParams = Type.Object({
  endpoint: Type.String({ pattern: '^whe_[0-9a-f]{16}$', 'x-rule': 'the id of an endpoint, `whe_…`' }),
});
export const DeliveryParams = Type.Object({
  delivery: Type.String({
    pattern: '^dlv_[0-9a-z]{11}_[0-9a-f]{16}$',
    'x-rule': 'the id of a delivery, `dlv_…`',
  }),
});

export const EndpointInfo = named(
  'WebhookEndpoint',
  Type.Object({
    id: Type.String({ examples: ['whe_0123456789abcdef'] }),
    plugin: Type.String({ description: 'The plugin instance that serves it' }),
    session: nullable(
      Type.String({
        description:
          'The session whose config has the endpoint; null for an endpoint of the YAML, which serves every session',
      }),
    ),
    url: Type.String({ description: 'The URL without user and query; parts that look like a token are masked' }),
    events: Type.Array(Type.String()),
    state: Type.Enum(['active', 'degraded', 'disabled'], {
      type: 'string',
      description:
        '`degraded`: it failed five times in a row, and gets one request at a time. `disabled`: it answered 410 or failed for too long',
    }),
    reason: nullable(Type.String({ description: 'Why it is disabled' })),
    paused: Type.Boolean(),
    queued: Type.Integer({ description: 'Deliveries that wait' }),
    inFlight: Type.Integer(),
    failures: Type.Integer({ description: 'Failures in a row since the last success' }),
    failingSince: moment('The first of these failures'),
    lastSuccessAt: moment('Since the start of the process'),
    lastFailureAt: moment('Since the start of the process'),
    signed: Type.Boolean(),
    customHeaders: Type.Array(Type.String(), { description: 'Names alone' }),
    retries: Type.Object({ policy: Type.String(), delaySeconds: Type.Number(), attempts: Type.Integer() }),
    order: Type.Enum(['none', 'session', 'chat'], { type: 'string' }),
    concurrency: Type.Integer(),
    timeoutSeconds: Type.Number(),
    queueLimit: Type.Integer(),
    overflow: Type.Enum(['drop-oldest', 'reject-new'], { type: 'string' }),
    verifyTls: Type.Boolean(),
  }),
);
export type EndpointInfo = Static<typeof EndpointInfo>;

const Attempt = named(
  'WebhookAttempt',
  Type.Object({
    at: Type.Number({ description: 'When it began (ms)' }),
    durationMs: Type.Number(),
    status: nullable(Type.Integer()),
    error: nullable(Type.String()),
  }),
);

const deliveryFields = {
  id: Type.String({ examples: ['dlv_0000000009k_0123456789abcdef'] }),
  endpoint: Type.String(),
  session: Type.String(),
  event: Type.String(),
  eventId: Type.String({ description: 'The `webhook-id` header and the `id` in the body' }),
  status: Type.Enum([...deliveryStates], {
    type: 'string',
    description:
      '`pending`: the delivery waits or is under way. `delivered`: it was answered with 2xx. `dead`: it was given up after its last try. ' +
      '`dropped`: the queue was full, or the endpoint was disabled or removed',
  }),
  attempts: Type.Integer(),
  nextAttemptAt: moment('Not tried before, while it is pending'),
  createdAt: Type.Number({ description: 'When the delivery was planned or replayed (ms)' }),
  endedAt: moment('When the delivery ended'),
  lastStatus: nullable(Type.Integer({ description: 'Of the last answer' })),
  lastError: nullable(Type.String()),
};

export const DeliveryInfo = named('WebhookDelivery', Type.Object(deliveryFields));
export const DeliveryDetails = named(
  'WebhookDeliveryDetails',
  Type.Object({
    ...deliveryFields,
    log: Type.Array(Attempt, { description: 'The last ten attempts, oldest first' }),
    body: Type.Unknown({ description: 'The body that is sent; null if the event is not stored any more' }),
  }),
);
export type DeliveryDetails = Static<typeof DeliveryDetails>;
export type DeliveryInfo = Static<typeof DeliveryInfo>;

const filters = {
  session: Type.Optional(Type.String({ maxLength: 54 })),
  endpoint: Type.Optional(EndpointParams.properties.endpoint),
  event: Type.Optional(Type.Enum([...eventNames], { type: 'string' })),
  since: Type.Optional(Type.Integer({ minimum: 0, description: 'Planned at this time or later (ms)' })),
  until: Type.Optional(Type.Integer({ minimum: 0, description: 'Planned before this time (ms)' })),
};

export const ListQuery = Type.Object({
  ...filters,
  status: Type.Optional(Type.Enum([...deliveryStates], { type: 'string' })),
  eventId: Type.Optional(Type.String({ maxLength: 100 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50 })),
  cursor: Type.Optional(
    Type.Unsafe<string>({ ...DeliveryParams.properties.delivery, description: '`next` of the page before' }),
  ),
});
export type ListQuery = Static<typeof ListQuery>;

export const DeliveryPage = named(
  'WebhookDeliveryPage',
  Type.Object({
    deliveries: Type.Array(DeliveryInfo, { description: 'Newest events first' }),
    next: nullable(Type.String({ description: 'The `cursor` of the next page' })),
  }),
);

export const ReplayRequest = named(
  'WebhookReplayRequest',
  Type.Object({
    ...filters,
    status: Type.Optional(
      Type.Array(Type.Enum(['delivered', 'dead', 'dropped'], { type: 'string' }), {
        minItems: 1,
        uniqueItems: true,
        default: ['dead', 'dropped'],
      }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'At most so many' })),
  }),
);
export type ReplayRequest = Static<typeof ReplayRequest>;

export const ReplayAnswer = named(
  'WebhookReplayAnswer',
  Type.Object({
    replayed: Type.Integer({ description: 'So many wait again' }),
    skipped: Type.Integer({
      description: 'Deliveries whose endpoint does not exist any more, or whose event is not stored any more',
    }),
    more: Type.Boolean({ description: 'Whether there may be more deliveries; then repeat the request' }),
  }),
);

export const TestAnswer = named(
  'WebhookTestAnswer',
  Type.Object({
    delivered: Type.Boolean(),
    id: Type.String({ description: 'The `webhook-id` that was sent' }),
    status: nullable(Type.Integer()),
    error: nullable(Type.String()),
    durationMs: Type.Number(),
  }),
);
