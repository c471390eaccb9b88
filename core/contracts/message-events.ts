import { ackNames, Identity, otherName, WAMessage } from './message.ts';
import { named, Type, type ValueOf } from './schema.ts';

const maybeText = Type.Union([Type.String(), Type.Null()]);

/** The payload of `message.ack` and `message.ack.group`. */
export const MessageAckPayload = named(
  'WAMessageAckBody',
  Type.Object({
    id: Type.String(),
    from: Type.String(),
    fromAlt: otherName('`from`'),
    fromIdentity: Type.Optional(Identity),
    to: Type.String(),
    toIdentity: Type.Optional(Identity),
    participant: Type.Optional(Type.String({ description: 'Who, in groups' })),
    participantAlt: otherName('`participant`'),
    participantIdentity: Type.Optional(Identity),
    fromMe: Type.Boolean(),
    ack: Type.Enum([-1, 0, 1, 2, 3, 4], { type: 'number' }),
    ackName: Type.Enum(Object.values(ackNames), { type: 'string' }),
    _data: Type.Optional(Type.Unknown()),
  }),
);
export type MessageAckPayload = ValueOf<typeof MessageAckPayload>;

/** What a message, and everything that is like one, says of who wrote where. */
const { properties: whoAndWhere } = Type.Pick(WAMessage, [
  'id',
  'timestamp',
  'from',
  'fromAlt',
  'fromIdentity',
  'fromMe',
  'source',
  'to',
  'toIdentity',
  'participant',
  'participantAlt',
  'participantIdentity',
]);

/** The payload of `message.reaction`. */
export const MessageReactionPayload = named(
  'WAMessageReaction',
  Type.Object({
    ...whoAndWhere,
    reaction: named('WAReaction', Type.Object({ text: Type.String(), messageId: Type.String() })),
  }),
);
export type MessageReactionPayload = ValueOf<typeof MessageReactionPayload>;

/** The payload of `message.edited`: the message as it is now. */
export const MessageEditedPayload = named(
  'WAMessageEditedBody',
  Type.Object({ ...WAMessage.properties, editedMessageId: Type.Optional(maybeText) }),
);
export type MessageEditedPayload = ValueOf<typeof MessageEditedPayload>;

/** The payload of `message.revoked`. */
export const MessageRevokedPayload = named(
  'WAMessageRevokedBody',
  Type.Object({
    revokedMessageId: maybeText,
    after: Type.Union([WAMessage, Type.Null()]),
    before: Type.Union([WAMessage, Type.Null()]),
    _data: Type.Optional(Type.Unknown()),
  }),
);
export type MessageRevokedPayload = ValueOf<typeof MessageRevokedPayload>;

/** The payload of `message.pinned`. */
export const MessagePinnedPayload = named(
  'WAMessagePinnedBody',
  Type.Object({
    ...whoAndWhere,
    pinned: Type.Boolean({ description: 'False: it is not pinned any more' }),
    pinnedMessageId: maybeText,
    expiresAt: Type.Union([Type.Number(), Type.Null()], { description: 'Until when (seconds since the epoch)' }),
    _data: Type.Optional(Type.Unknown()),
  }),
);
export type MessagePinnedPayload = ValueOf<typeof MessagePinnedPayload>;

/** The payload of `message.kept`: a message stays although it would disappear, or no longer does. */
export const MessageKeptPayload = named(
  'WAMessageKeptBody',
  Type.Object({
    ...whoAndWhere,
    kept: Type.Boolean({ description: 'False: it disappears in its time, as others do' }),
    keptMessageId: maybeText,
    _data: Type.Optional(Type.Unknown()),
  }),
);
export type MessageKeptPayload = ValueOf<typeof MessageKeptPayload>;

const destination = {
  id: Type.String(),
  to: maybeText,
  toIdentity: Type.Optional(Identity),
  from: Type.String(),
  fromIdentity: Type.Optional(Identity),
  fromMe: Type.Boolean(),
  participant: Type.Optional(Type.String()),
  participantIdentity: Type.Optional(Identity),
};
const MessageDestination = named('MessageDestination', Type.Object(destination));

/** The payload of `poll.vote` and `poll.vote.failed`. */
export const PollVotePayload = named(
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
    poll: MessageDestination,
    _data: Type.Optional(Type.Unknown()),
  }),
);
export type PollVotePayload = ValueOf<typeof PollVotePayload>;

/** The payload of `event.response` and `event.response.failed`. */
export const EventResponsePayload = named(
  'EventResponsePayload',
  Type.Object({
    ...whoAndWhere,
    eventCreationKey: MessageDestination,
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
export type EventResponsePayload = ValueOf<typeof EventResponsePayload>;
