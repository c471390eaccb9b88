import {
  named,
  type Route,
  type RouteGroup,
  type RouteResponse,
  route,
  type Sessions,
  Type,
  WAMessage,
} from 'waha-runtime';
import { BodySession } from './session-schemas.ts';

const ChatId = Type.String({
  minLength: 1,
  maxLength: 200,
  description: 'A chat: <phone>@c.us, <id>@g.us, <id>@lid, <id>@newsletter, or a phone number',
  examples: ['11111111111@c.us'],
});
const maybe = (description: string) => Type.Optional(Type.Union([Type.String(), Type.Null()], { description }));

const MessageTextRequest = named(
  'MessageTextRequest',
  Type.Object({
    session: BodySession,
    chatId: ChatId,
    text: Type.String({ examples: ['Hi there!'] }),
    reply_to: maybe('The id of the message to quote'),
    linkPreview: Type.Optional(Type.Union([Type.Boolean(), Type.Null()], { default: true })),
    linkPreviewHighQuality: Type.Optional(Type.Union([Type.Boolean(), Type.Null()], { default: false })),
    mentions: Type.Optional(
      Type.Union([Type.Array(Type.String()), Type.Null()], { description: 'Chat ids to notify' }),
    ),
    id: maybe('Taken for compatibility'),
  }),
);
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
const ChatRequest = named('ChatRequest', Type.Object({ session: BodySession, chatId: ChatId }));
const SendTextQuery = Type.Object({
  phone: ChatId,
  text: Type.String(),
  session: BodySession,
});

const failures: Record<number, RouteResponse> = {
  404: { description: 'There is no such session' },
  422: { description: 'The session is not WORKING, or WhatsApp refused' },
  503: { description: 'The connection closed during the call' },
};

/** The tag Chatting: messages go out. */
export const chattingGroup = (sessions: Sessions): RouteGroup => ({
  tag: 'Chatting',
  description: 'Send messages, mark them as seen, show that you are typing',
  routes: [sendText(sessions), sendTextByQuery(sessions), sendSeen(sessions), ...typing(sessions)],
});

const sendText = (sessions: Sessions): Route =>
  route({
    method: 'POST',
    path: '/api/sendText',
    summary: 'Send a text message',
    body: MessageTextRequest,
    responses: { 201: { description: 'The message, as WhatsApp took it', schema: WAMessage }, ...failures },
    async handle({ body }) {
      const { messages } = await sessions.client(body.session ?? 'default');
      return messages.sendText({
        chatId: body.chatId,
        text: body.text,
        ...(body.reply_to ? { replyTo: body.reply_to } : {}),
        ...(body.mentions ? { mentions: body.mentions } : {}),
        linkPreview: body.linkPreview ?? true,
        linkPreviewHighQuality: body.linkPreviewHighQuality ?? false,
      });
    },
  });

const sendTextByQuery = (sessions: Sessions): Route =>
  route({
    method: 'GET',
    path: '/api/sendText',
    summary: 'Send a text message',
    deprecated: true,
    query: SendTextQuery,
    responses: { 200: { description: 'The message, as WhatsApp took it', schema: WAMessage }, ...failures },
    async handle({ query }) {
      const { messages } = await sessions.client(query.session ?? 'default');
      return messages.sendText({ chatId: query.phone, text: query.text });
    },
  });

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
