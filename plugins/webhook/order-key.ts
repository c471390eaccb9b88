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
  const { from, to, fromMe, chatId, id, after, presences } = payload as Readonly<Record<string, unknown>>;
  if (typeof from === 'string' && typeof to === 'string') return fromMe === true ? to : from;
  if (typeof from === 'string') return from;
  if (typeof chatId === 'string') return chatId;
  if (presences !== undefined && typeof id === 'string') return id;
  return typeof after === 'object' && after !== null ? chatOf({ payload: after } as RuntimeEvent) : null;
};
