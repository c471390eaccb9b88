import { CallPayload } from './calls.ts';
import { ChatArchivePayload } from './chats-writing.ts';
import type { EventName } from './event-names.ts';
import {
  GroupJoinRequestEvent,
  GroupV2JoinEvent,
  GroupV2LeaveEvent,
  GroupV2ParticipantsEvent,
  GroupV2UpdateEvent,
  LegacyGroupEvent,
} from './group-events.ts';
import { Label, LabelChatAssociation } from './labels.ts';
import { WAMessage } from './message.ts';
import {
  EventResponsePayload,
  MessageAckPayload,
  MessageEditedPayload,
  MessageKeptPayload,
  MessagePinnedPayload,
  MessageReactionPayload,
  MessageRevokedPayload,
  PollVotePayload,
} from './message-events.ts';
import { PresencePayload } from './presence.ts';
import { Environment } from './runtime-info.ts';
import { named, type TSchema, Type, type ValueOf } from './schema.ts';
import { MeInfo, SessionStatusPayload } from './session.ts';

/** Something that the engine says, as it says it. Keys and credentials are left out. */
export const EnginePayload = named(
  'EnginePayload',
  Type.Object({ event: Type.String({ examples: ['messages.update'] }), data: Type.Unknown() }),
);

const StateChangePayload = Type.Object(
  { connection: Type.Optional(Type.Enum(['connecting', 'open', 'close'], { type: 'string' })) },
  { additionalProperties: true, description: 'The state of the engine’s connection; for sessions see session.status' },
);

/** Of an event that nobody publishes yet: the document says so. */
const NotYet = Type.Object({}, { additionalProperties: true });
const notYet = {
  description: 'Nobody publishes this event yet. Subscribing to it works, and brings nothing.',
  'x-published': false,
};

/** The payload of each event: its type, its check and its place in the OpenAPI document come from here. */
export const eventPayloads = {
  'session.status': SessionStatusPayload,
  message: WAMessage,
  'message.reaction': MessageReactionPayload,
  'message.any': WAMessage,
  'message.ack': MessageAckPayload,
  'message.ack.group': MessageAckPayload,
  'message.waiting': WAMessage,
  'message.revoked': MessageRevokedPayload,
  'message.edited': MessageEditedPayload,
  'message.pinned': MessagePinnedPayload,
  'message.kept': MessageKeptPayload,
  'state.change': StateChangePayload,
  'group.join': LegacyGroupEvent,
  'group.leave': LegacyGroupEvent,
  'group.v2.join': GroupV2JoinEvent,
  'group.v2.leave': GroupV2LeaveEvent,
  'group.v2.update': GroupV2UpdateEvent,
  'group.v2.participants': GroupV2ParticipantsEvent,
  'group.v2.participants.join-request': GroupJoinRequestEvent,
  'presence.update': PresencePayload,
  'poll.vote': PollVotePayload,
  'poll.vote.failed': PollVotePayload,
  'chat.archive': ChatArchivePayload,
  'call.received': CallPayload,
  'call.accepted': CallPayload,
  'call.rejected': CallPayload,
  'label.upsert': Label,
  'label.deleted': Label,
  'label.chat.added': LabelChatAssociation,
  'label.chat.deleted': LabelChatAssociation,
  'event.response': EventResponsePayload,
  'event.response.failed': EventResponsePayload,
  'engine.event': EnginePayload,
} satisfies Record<EventName, TSchema>;

/** The payload of each event. */
export type EventPayloads = { [Name in EventName]: ValueOf<(typeof eventPayloads)[Name]> };

/** What every event says of itself besides its name and payload. */
export const EnvelopeFields = Type.Object({
  id: Type.String({
    description: '`evt_` and a lower-case ULID; the same at every delivery of this event',
    examples: ['evt_01jp1z7k9wq0e3v4x5y6z7a8b9'],
  }),
  seq: Type.Optional(
    Type.Integer({
      description: 'Counts up by one per session: consumers restore the order by it and see what is missing',
    }),
  ),
  timestamp: Type.Number({ description: 'When it happened (ms since the epoch)' }),
  session: Type.String(),
  traceparent: Type.Optional(
    Type.String({
      description: 'The trace (W3C) of the API request that caused it; absent when none did. Additive to WAHA',
      examples: ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'],
    }),
  ),
  metadata: Type.Record(Type.String(), Type.String()),
  me: Type.Optional(MeInfo),
  engine: Type.String(),
  environment: Environment,
});

export interface Envelope<N extends EventName, P> extends ValueOf<typeof EnvelopeFields> {
  readonly event: N;
  readonly payload: P;
}

/** `message.ack` becomes `WAHAWebhookMessageAck`. */
const schemaName = (event: EventName): string =>
  `WAHAWebhook${event
    .split('.')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')}`;

/** An event of this name as every sink gets it. */
export const eventSchema = (event: EventName): TSchema => {
  const { id, seq, timestamp, ...others } = EnvelopeFields.properties;
  const payload = eventPayloads[event];
  const own = { event: Type.Enum([event], { type: 'string' }), payload };
  const fields = { id, seq, timestamp, ...own, ...others };
  return named(schemaName(event), Type.Object(fields, payload === NotYet ? notYet : {}));
};
