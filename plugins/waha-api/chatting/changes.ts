import { named, type Route, Type, WAMessage } from 'waha-runtime';
import { about, ChatId, given, MessageId, maybe } from '../schemas/chatting.ts';
import { BodySession } from '../schemas/session.ts';
import { type SendRouteOptions, sendRoute } from '../sending/send-route.ts';

const MessageReactionRequest = named(
  'MessageReactionRequest',
  Type.Object({
    ...about,
    reaction: Type.String({ maxLength: 100, description: 'An emoji; empty takes the reaction back', examples: ['🙏'] }),
  }),
);
const MessageStarRequest = named(
  'MessageStarRequest',
  Type.Object({ session: BodySession, messageId: MessageId, chatId: ChatId, star: Type.Boolean() }),
);
const MessageForwardRequest = named(
  'MessageForwardRequest',
  Type.Object({ session: BodySession, chatId: ChatId, messageId: MessageId, id: maybe('Send under this id') }),
);

/** Reactions, stars and forwards. */
export const changeRoutes = (options: SendRouteOptions): Route[] => {
  const { sessions } = options;
  return [
    sendRoute(options, {
      method: 'PUT',
      path: '/api/reaction',
      summary: 'React to a message with an emoji',
      body: MessageReactionRequest,
      answer: WAMessage,
      async send(session, { messageId, reaction, id }) {
        const changes = await sessions.capability(session, 'changes');
        return changes.react({ messageId, reaction, ...given({ id: id || null }) });
      },
    }),
    sendRoute(options, {
      method: 'PUT',
      path: '/api/star',
      summary: 'Star a message, or take the star back',
      body: MessageStarRequest,
      answer: Type.Object({}),
      async send(session, { messageId, chatId, star }) {
        const changes = await sessions.capability(session, 'changes');
        await changes.star({ messageId, chatId, star });
        return {};
      },
    }),
    sendRoute(options, {
      path: '/api/forwardMessage',
      summary: 'Forward a message',
      body: MessageForwardRequest,
      answer: WAMessage,
      async send(session, { chatId, messageId, id }) {
        const changes = await sessions.capability(session, 'changes');
        return changes.forward({ chatId, messageId, ...given({ id: id || null }) });
      },
    }),
  ];
};
