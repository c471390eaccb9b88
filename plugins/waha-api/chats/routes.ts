import { ChatInfo, type Route, type RouteGroup, route, type Sessions, Type } from 'waha-runtime';
import { given } from '../schemas/chatting.ts';
import { listed, merge, readingFailures, sortOrder } from '../schemas/lists.ts';
import { SessionParams } from '../schemas/session.ts';
import type { SendRouteOptions } from '../sending/send-route.ts';
import { changeRoutes } from './changes.ts';
import { deprecatedMessagesRoute, readMessagesRoutes } from './messages.ts';
import { overviewRoutes } from './overview.ts';
import { stateRoutes } from './states.ts';

const Query = Type.Object({
  sortBy: Type.Optional(Type.Enum(['conversationTimestamp', 'id', 'name'], { type: 'string' })),
  sortOrder,
  merge,
  ...listed(),
});

/** The tag Chats, and the old path to the messages of a chat, of the tag Chatting. */
export const chatsGroups = (services: SendRouteOptions): RouteGroup[] => [
  { tag: 'Chats', routes: changeRoutes(services) },
  {
    tag: 'Chats',
    description: 'Chats and their messages, from the session’s store (`config.noweb.store.enabled`)',
    routes: readRoutes(services.sessions),
  },
  { tag: 'Chats', routes: stateRoutes(services.sessions) },
  { tag: 'Chatting', routes: [deprecatedMessagesRoute(services.sessions)] },
];

const readRoutes = (sessions: Sessions): Route[] => [
  listRoute(sessions),
  ...overviewRoutes(sessions),
  ...readMessagesRoutes(sessions),
];

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
