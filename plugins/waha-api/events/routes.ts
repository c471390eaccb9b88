import {
  type EventName,
  eventNames,
  MeInfo,
  named,
  otherName,
  type RouteGroup,
  SessionStatusSchema,
  statusReasons,
  type TSchema,
  Type,
  WAMessage,
} from 'waha-runtime';
import { CallData } from '../schemas/call.ts';
import { ChatArchiveEvent } from '../schemas/chat-archive.ts';
import { ChatPresences } from '../schemas/presence.ts';

const StatusPayload = named(
  'WASessionStatusBody',
  Type.Object({
    name: Type.String(),
    status: SessionStatusSchema,
    statuses: Type.Array(
      named('SessionStatusPoint', Type.Object({ status: SessionStatusSchema, timestamp: Type.Number() })),
      { description: 'The last three, oldest first' },
    ),
    data: Type.Unknown({
      description: '`{reachoutTimelock}` and `{phoneSilence}` while WORKING; each null once when it is over',
    }),
    reason: Type.Optional(Type.Enum([...statusReasons], { type: 'string' })),
    recoverable: Type.Optional(Type.Boolean()),
    attempt: Type.Optional(Type.Integer()),
    nextRetryAt: Type.Optional(Type.Number()),
    note: Type.Optional(Type.String()),
  }),
);
const AckPayload = named(
  'WAMessageAckBody',
  Type.Object({
    id: Type.String(),
    from: Type.String(),
    fromAlt: otherName('`from`'),
    to: Type.String(),
    participant: Type.Union([Type.String(), Type.Null()]),
    participantAlt: otherName('`participant`'),
    fromMe: Type.Boolean(),
    ack: Type.Enum([-1, 0, 1, 2, 3, 4], { type: 'number' }),
    ackName: Type.String(),
    _data: Type.Optional(Type.Unknown()),
  }),
);
const Reaction = named('WAReaction', Type.Object({ text: Type.String(), messageId: Type.String() }));
/** What a message and everything that is like one says of who wrote where. */
const { properties: whoAndWhere } = Type.Pick(WAMessage, [
  'id',
  'timestamp',
  'from',
  'fromAlt',
  'fromMe',
  'source',
  'to',
  'participant',
  'participantAlt',
]);
const ReactionPayload = named(
  'WAMessageReaction',
  Type.Object({
    ...whoAndWhere,
    reaction: Reaction,
  }),
);
const maybeText = Type.Union([Type.String(), Type.Null()]);
const EditedPayload = named(
  'WAMessageEditedBody',
  Type.Object({ ...WAMessage.properties, editedMessageId: Type.Optional(maybeText) }),
);
const RevokedPayload = named(
  'WAMessageRevokedBody',
  Type.Object({
    revokedMessageId: maybeText,
    after: Type.Union([WAMessage, Type.Null()]),
    before: Type.Union([WAMessage, Type.Null()]),
    _data: Type.Optional(Type.Unknown()),
  }),
);
const destination = {
  id: Type.String(),
  to: maybeText,
  from: Type.String(),
  fromMe: Type.Boolean(),
  participant: Type.Optional(maybeText),
};
const VotePayload = named(
  'PollVotePayload',
  Type.Object({
    vote: named(
      'PollVote',
      Type.Object({
        ...destination,
        selectedOptions: Type.Array(Type.String()),
        timestamp: Type.Number({ description: 'ms since the epoch' }),
      }),
    ),
    poll: named('MessageDestination', Type.Object(destination)),
    _data: Type.Optional(Type.Unknown()),
  }),
);

const EnginePayload = named(
  'EnginePayload',
  Type.Object({ event: Type.String({ examples: ['messages.update'] }), data: Type.Unknown() }),
);
const StateChange = Type.Object(
  { connection: Type.Optional(Type.Enum(['connecting', 'open', 'close'], { type: 'string' })) },
  { additionalProperties: true, description: 'The state of the engine’s connection; for sessions see session.status' },
);

const EventResponsePayload = named(
  'EventResponsePayload',
  Type.Object({
    ...whoAndWhere,
    eventCreationKey: VotePayload.properties.poll,
    eventResponse: Type.Optional(
      named(
        'EventResponse',
        Type.Object({
          response: Type.Enum(['UNKNOWN', 'GOING', 'NOT_GOING', 'MAYBE'], { type: 'string' }),
          timestampMs: Type.Number(),
          extraGuestCount: Type.Number(),
        }),
      ),
    ),
    _data: Type.Optional(Type.Unknown()),
  }),
);

const payloads: Partial<Record<EventName, TSchema>> = {
  'session.status': StatusPayload,
  message: WAMessage,
  'message.any': WAMessage,
  'message.ack': AckPayload,
  'message.ack.group': AckPayload,
  'message.reaction': ReactionPayload,
  'message.edited': EditedPayload,
  'message.revoked': RevokedPayload,
  'poll.vote': VotePayload,
  'poll.vote.failed': VotePayload,
  'presence.update': ChatPresences,
  'chat.archive': ChatArchiveEvent,
  'call.received': CallData,
  'call.accepted': CallData,
  'call.rejected': CallData,
  'event.response': EventResponsePayload,
  'event.response.failed': EventResponsePayload,
  'engine.event': EnginePayload,
  'state.change': StateChange,
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
