import { named, type Route, type RouteGroup, route, type Sessions, Type } from 'waha-runtime';
import { ChatId, ChatRequest, failures, maybe } from '../schemas/chatting.ts';
import { BodySession } from '../schemas/session.ts';
import { newMessageIdRoute } from '../sending/message-ids.ts';
import type { SendRouteOptions } from '../sending/send-route.ts';
import { changeRoutes } from './changes.ts';
import { contentRoutes } from './contents.ts';
import { mediaRoutes } from './media.ts';
import { richRoutes } from './rich.ts';
import { textRoutes } from './text.ts';

const SendSeenRequest = named(
  'SendSeenRequest',
  Type.Object({
    session: BodySession,
    chatId: ChatId,
    messageIds: Type.Optional(
      Type.Union([Type.Array(Type.String()), Type.Null()], { description: 'The newest unread ones when absent' }),
    ),
    messageId: Type.Optional(Type.Union([Type.String(), Type.Null()], { deprecated: true })),
    participant: maybe('The author of the messages, in groups'),
  }),
);

/** The tag Chatting: messages go out. */
export const chattingGroup = (options: SendRouteOptions): RouteGroup => {
  const { sessions } = options;
  return {
    tag: 'Chatting',
    description:
      'Send messages, mark them as seen, show that you are typing. With an `Idempotency-Key` header, a request that comes again within a day sends nothing twice.',
    routes: [
      ...textRoutes(options),
      ...mediaRoutes(options),
      ...contentRoutes(options),
      ...richRoutes(options),
      ...changeRoutes(options),
      sendSeen(sessions),
      ...typing(sessions),
      newMessageIdRoute(sessions),
    ],
  };
};

const sendSeen = (sessions: Sessions): Route =>
  route({
    method: 'POST',
    path: '/api/sendSeen',
    summary: 'Mark messages as seen',
    body: SendSeenRequest,
    responses: { 201: { description: 'Marked', schema: Type.Object({}) }, ...failures },
    async handle({ body }) {
      const { messages } = await sessions.client(body.session ?? 'default');
      const ids = body.messageIds ?? (body.messageId ? [body.messageId] : undefined);
      await messages.sendSeen({
        chatId: body.chatId,
        ...(ids ? { messageIds: ids } : {}),
        ...(body.participant ? { participant: body.participant } : {}),
      });
      return {};
    },
  });

const typing = (sessions: Sessions): Route[] => {
  const one = (path: string, summary: string, state: 'typing' | 'paused'): Route =>
    route({
      method: 'POST',
      path,
      summary,
      body: ChatRequest,
      responses: { 201: { description: 'Shown' }, ...failures },
      async handle({ body }) {
        const presence = await sessions.capability(body.session ?? 'default', 'presence');
        await presence.setChatState(body.chatId, state);
        return {};
      },
    });
  return [
    one('/api/startTyping', 'Show that you are typing', 'typing'),
    one('/api/stopTyping', 'Show that you stopped typing', 'paused'),
  ];
};
