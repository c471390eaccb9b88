import type { RuntimeEvent } from 'waha-runtime';

/** Which deliveries of an endpoint go one after the other. */
export type Order = 'none' | 'session' | 'chat';

/** Deliveries with the same key keep their order; null: no order is asked for. */
export const orderKey = (event: RuntimeEvent, order: Order): string | null => {
  if (order === 'none') return null;
  if (order === 'session') return event.session;
  return `${event.session} ${chatOf(event) ?? ''}`;
};

/** The chat that an event is about. Events of no chat, such as `session.status`, are one line of their own. */
const chatOf = ({ payload }: RuntimeEvent): string | null => {
  const about = payload as Readonly<Record<string, unknown>>;
  const { from, to, fromMe, chatId, id, after, vote, presences, archived } = about;
  if (typeof from === 'string' && typeof to === 'string') return fromMe === true ? to : from;
  if (typeof from === 'string') return from;
  if (typeof chatId === 'string') return chatId;
  if ((presences !== undefined || archived !== undefined) && typeof id === 'string') return id;
  const inner = after ?? vote;
  return typeof inner === 'object' && inner !== null ? chatOf({ payload: inner } as RuntimeEvent) : null;
};
