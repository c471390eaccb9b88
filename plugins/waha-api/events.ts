import {
  type EventName,
  eventNames,
  MeInfo,
  named,
  type RouteGroup,
  SessionStatusSchema,
  statusReasons,
  type TSchema,
  Type,
  WAMessage,
} from 'waha-runtime';

const StatusPayload = named(
  'WASessionStatusBody',
  Type.Object({
    name: Type.String(),
    status: SessionStatusSchema,
    statuses: Type.Array(
      named('SessionStatusPoint', Type.Object({ status: SessionStatusSchema, timestamp: Type.Number() })),
      { description: 'The last three, oldest first' },
    ),
    data: Type.Unknown(),
    reason: Type.Optional(Type.Enum([...statusReasons], { type: 'string' })),
    recoverable: Type.Optional(Type.Boolean()),
    attempt: Type.Optional(Type.Integer()),
    nextRetryAt: Type.Optional(Type.Number()),
  }),
);
const AckPayload = named(
  'WAMessageAckBody',
  Type.Object({
    id: Type.String(),
    from: Type.String(),
    to: Type.String(),
    participant: Type.Union([Type.String(), Type.Null()]),
    fromMe: Type.Boolean(),
    ack: Type.Enum([-1, 0, 1, 2, 3, 4], { type: 'number' }),
    ackName: Type.String(),
    _data: Type.Optional(Type.Unknown()),
  }),
);
const PresencePayload = named(
  'WAHAChatPresences',
  Type.Object({
    id: Type.String(),
    presences: Type.Array(
      named(
        'WAHAPresenceData',
        Type.Object({
          participant: Type.String(),
          lastKnownPresence: Type.Enum(['offline', 'online', 'typing', 'recording', 'paused'], { type: 'string' }),
          lastSeen: Type.Union([Type.Number(), Type.Null()]),
        }),
      ),
    ),
  }),
);

const payloads: Partial<Record<EventName, TSchema>> = {
  'session.status': StatusPayload,
  message: WAMessage,
  'message.any': WAMessage,
  'message.ack': AckPayload,
  'message.ack.group': AckPayload,
  'presence.update': PresencePayload,
};

const Environment = named(
  'EventEnvironment',
  Type.Object({ version: Type.String(), engine: Type.String(), tier: Type.String() }),
);

/** `message.ack` becomes `WAHAWebhookMessageAck`. */
const schemaName = (event: EventName): string =>
  `WAHAWebhook${event
    .split('.')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')}`;

const envelope = (event: EventName): TSchema =>
  named(
    schemaName(event),
    Type.Object({
      id: Type.String({ examples: ['evt_01jp1z7k9wq0e3v4x5y6z7a8b9'] }),
      timestamp: Type.Number({ description: 'ms since the epoch' }),
      event: Type.Enum([event], { type: 'string' }),
      session: Type.String(),
      metadata: Type.Record(Type.String(), Type.String()),
      me: Type.Optional(MeInfo),
      payload: payloads[event] ?? Type.Object({}, { additionalProperties: true }),
      engine: Type.String(),
      environment: Environment,
    }),
  );

/** The tag Events: what webhooks, the WebSocket and every other sink carry. Routes come with what creates events. */
export const eventGroup = (): RouteGroup => ({
  tag: 'Events',
  description: 'What happens, as webhooks and the WebSocket tell it',
  routes: [],
  webhooks: Object.fromEntries(eventNames.map((event) => [event, envelope(event)])),
});
