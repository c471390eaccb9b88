import {
  ackNames,
  type MessageListQuery,
  named,
  type Route,
  route,
  type Sessions,
  type Static,
  Type,
  WAMessage,
} from 'waha-runtime';
import { ChatId, ChatParams, failures, given, MessageParams } from '../schemas/chatting.ts';
import { count, listed, merge, readingFailures, sortOrder } from '../schemas/lists.ts';
import { BodySession } from '../schemas/session.ts';

const downloadMedia = Type.Optional(Type.Boolean({ default: true, description: 'Fetch files that are not there yet' }));
const seconds = Type.Optional(Type.Integer({ minimum: 0, description: 'Seconds since the epoch, inclusive' }));

const MessagesQuery = Type.Object({
  sortBy: Type.Optional(Type.Enum(['timestamp', 'messageTimestamp'], { type: 'string', default: 'timestamp' })),
  sortOrder,
  downloadMedia,
  merge,
  ...listed(10),
  'filter.timestamp.lte': seconds,
  'filter.timestamp.gte': seconds,
  'filter.fromMe': Type.Optional(Type.Boolean()),
  'filter.ack': Type.Optional(Type.Enum(Object.values(ackNames), { type: 'string' })),
});
const DeprecatedQuery = Type.Object({ ...MessagesQuery.properties, chatId: ChatId, session: BodySession });
const MessageQuery = Type.Object({ downloadMedia, merge });
const ReadQuery = Type.Object({
  messages: count('How many of the newest ones; 30 of a person and 100 of a group when absent', 1000),
  days: Type.Optional(Type.Number({ minimum: 0, maximum: 3650, default: 7, description: 'Not older than that' })),
});
const ReadChatMessagesResponse = named(
  'ReadChatMessagesResponse',
  Type.Object({ ids: Type.Optional(Type.Array(Type.String())) }),
);

const path = '/api/{session}/chats/{chatId}/messages';
const found = { 200: { description: 'The messages', schema: Type.Array(WAMessage) }, ...readingFailures };

/** What reads messages of a chat. */
export const readMessagesRoutes = (sessions: Sessions): Route[] => [
  listRoute(sessions),
  getRoute(sessions),
  readRoute(sessions),
];

const queryOf = (query: Static<typeof MessagesQuery>): MessageListQuery => {
  const { limit = 10, offset, sortOrder: order, downloadMedia: download, merge: merged } = query;
  const ack = Object.entries(ackNames).find(([, name]) => name === query['filter.ack'])?.[0];
  const filter = given({
    timestampLte: query['filter.timestamp.lte'],
    timestampGte: query['filter.timestamp.gte'],
    fromMe: query['filter.fromMe'],
    ack: ack === undefined ? undefined : Number(ack),
  });
  return { ...given({ limit, offset, sortOrder: order, downloadMedia: download, merge: merged }), filter };
};

const listRoute = (sessions: Sessions): Route =>
  route({
    method: 'GET',
    path,
    summary: 'List messages of a chat',
    params: ChatParams,
    query: MessagesQuery,
    responses: found,
    async handle({ params, query }) {
      return (await sessions.capability(params.session, 'messageReading')).list(params.chatId, queryOf(query));
    },
  });

/** `GET /api/messages`, of the tag Chatting. */
export const deprecatedMessagesRoute = (sessions: Sessions): Route =>
  route({
    method: 'GET',
    path: '/api/messages',
    summary: 'List messages of a chat',
    deprecated: true,
    query: DeprecatedQuery,
    responses: found,
    async handle({ query }) {
      const messages = await sessions.capability(query.session ?? 'default', 'messageReading');
      return messages.list(query.chatId, queryOf(query));
    },
  });

const getRoute = (sessions: Sessions): Route =>
  route({
    method: 'GET',
    path: `${path}/{messageId}`,
    summary: 'Get a message',
    params: MessageParams,
    query: MessageQuery,
    responses: { 200: { description: 'The message', schema: WAMessage }, ...readingFailures },
    async handle({ params, query }) {
      const messages = await sessions.capability(params.session, 'messageReading');
      return messages.get(params.chatId, params.messageId, given(query));
    },
  });

const readRoute = (sessions: Sessions): Route =>
  route({
    method: 'POST',
    path: `${path}/read`,
    summary: 'Mark the newest messages of a chat as read',
    params: ChatParams,
    query: ReadQuery,
    responses: { 201: { description: 'What was marked', schema: ReadChatMessagesResponse }, ...failures },
    async handle({ params, query }) {
      const messages = await sessions.capability(params.session, 'messageReading');
      return { ids: await messages.markRead(params.chatId, given(query)) };
    },
  });
