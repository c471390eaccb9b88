/** Every event of the contract, in its order. */
export const eventNames = [
  'session.status',
  'message',
  'message.reaction',
  'message.any',
  'message.ack',
  'message.ack.group',
  'message.waiting',
  'message.revoked',
  'message.edited',
  'state.change',
  'group.join',
  'group.leave',
  'group.v2.join',
  'group.v2.leave',
  'group.v2.update',
  'group.v2.participants',
  'group.v2.participants.join-request',
  'presence.update',
  'poll.vote',
  'poll.vote.failed',
  'chat.archive',
  'call.received',
  'call.accepted',
  'call.rejected',
  'label.upsert',
  'label.deleted',
  'label.chat.added',
  'label.chat.deleted',
  'event.response',
  'event.response.failed',
  'message.pinned',
  'message.kept',
  'engine.event',
] as const;

/** The name of an event that plugins, webhooks and WebSocket clients can subscribe to. */
export type EventName = (typeof eventNames)[number];

/** What a subscription may name: an event, or `*` for all of them but `engine.event`. */
export type EventSelector = EventName | '*';

/** True when a subscription to `selectors` covers the event. */
export const selects = (selectors: readonly EventSelector[], event: EventName): boolean =>
  selectors.includes(event) || (event !== 'engine.event' && selectors.includes('*'));
