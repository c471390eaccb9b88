import { named, type Route, type RouteGroup, route, type Sessions, Type } from 'waha-runtime';
import { overviewRoutes } from './chats-overview.ts';
import { readMessagesRoutes } from './chats-read-messages.ts';
import { given } from './chatting-schemas.ts';
import { listed, merge, readingFailures, sortOrder } from './list-schemas.ts';
import { SessionParams } from './session-schemas.ts';

const maybeText = Type.Union([Type.String(), Type.Null()]);

/** A chat as the store has it. */
const ChatInfo = named(
  'ChatInfo',
  Type.Object(
    {
      id: Type.String(),
      lid: Type.Optional(maybeText),
      pn: Type.Optional(maybeText),
      name: maybeText,
      conversationTimestamp: Type.Number({ description: 'Of the newest message, in seconds' }),
      unreadCount: Type.Integer({ description: '-1: marked as unread by hand' }),
    },
    { additionalProperties: true },
  ),
);

const Query = Type.Object({
  sortBy: Type.Optional(Type.Enum(['conversationTimestamp', 'id', 'name'], { type: 'string' })),
  sortOrder,
  merge,
  ...listed(),
});

/** What reads chats and their messages: of the tag Chats. */
export const chatsGroup = (sessions: Sessions): RouteGroup => ({
  tag: 'Chats',
  description: 'Chats and their messages, from the session’s store (`config.noweb.store.enabled`)',
  routes: [listRoute(sessions), ...overviewRoutes(sessions), ...readMessagesRoutes(sessions)],
});

const listRoute = (sessions: Sessions): Route =>
  route({
    method: 'GET',
    path: '/api/{session}/chats',
    summary: 'List chats',
    params: SessionParams,
    query: Query,
    responses: { 200: { description: 'The chats', schema: Type.Array(ChatInfo) }, ...readingFailures },
    async handle({ params, query }) {
      return (await sessions.capability(params.session, 'chatReading')).list(given(query));
    },
  });
