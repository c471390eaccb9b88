import { named, QueuedSend, type Route, route, type Static, Type, WAMessage } from 'waha-runtime';
import { ChatId, failures, flag, given, Mentions, maybe, sending, Text } from '../schemas/chatting.ts';
import { BodySession } from '../schemas/session.ts';
import { sendOrQueue, withSendAt } from '../sending/queued.ts';
import { type SendRouteOptions, sendRoute } from '../sending/send-route.ts';
import { SentMessage, withKey } from '../sending/sent-message.ts';

const preview = { linkPreview: flag(true), linkPreviewHighQuality: flag(false) };

const MessageTextRequest = named(
  'MessageTextRequest',
  Type.Object({ ...sending, text: Text, ...preview, mentions: Mentions }),
);
const MessageReplyRequest = named(
  'MessageReplyRequest',
  Type.Object({ ...sending, text: Text, ...preview, mentions: Mentions }),
);
const MessageLinkPreviewRequest = named(
  'MessageLinkPreviewRequest',
  Type.Object({
    session: BodySession,
    chatId: ChatId,
    id: maybe('Send under this id'),
    url: Type.String({ minLength: 1, maxLength: 4000, examples: ['https://example.org'] }),
    title: Type.String({ maxLength: 4000 }),
  }),
);
const SendTextQuery = Type.Object({ phone: ChatId, text: Text, session: BodySession });

/** Texts, in the four ways that WAHA takes them. */
export const textRoutes = (options: SendRouteOptions): Route[] => [
  sendRoute(options, {
    path: '/api/sendText',
    summary: 'Send a text message',
    body: MessageTextRequest,
    answer: WAMessage,
    send: (session, body) => sendText(options, session, body),
  }),
  sendRoute(options, {
    path: '/api/reply',
    summary: 'Reply to a message; use sendText with reply_to instead',
    deprecated: true,
    body: MessageReplyRequest,
    answer: WAMessage,
    send: (session, body) => sendText(options, session, body),
  }),
  sendRoute(options, {
    path: '/api/sendLinkPreview',
    summary: 'Send a link with a preview; use sendText instead',
    deprecated: true,
    body: MessageLinkPreviewRequest,
    answer: WAMessage,
    send: (session, { chatId, id, title, url }) =>
      sendText(options, session, { chatId, id: id ?? null, text: title ? `${title}\n${url}` : url, linkPreview: true }),
  }),
  sendTextByQuery(options),
];

const sendText = async (
  { sessions }: SendRouteOptions,
  session: string,
  body: Omit<Static<typeof MessageTextRequest>, 'session'>,
): Promise<WAMessage> => {
  const { messages } = await sessions.client(session);
  return messages.sendText({
    chatId: body.chatId,
    text: body.text,
    ...given({ id: body.id || null, replyTo: body.reply_to || null, mentions: body.mentions }),
    linkPreview: body.linkPreview ?? true,
    linkPreviewHighQuality: body.linkPreviewHighQuality ?? false,
  });
};

const byQuery = 'GET /api/sendText';

interface QueryAsked {
  readonly query: Omit<Static<typeof SendTextQuery>, 'sendAt'>;
  readonly key: string | undefined;
}

const sendTextByQuery = (options: SendRouteOptions): Route => {
  options.queue?.handle(byQuery, ({ body, key }) => sendAsked(options, { query: body as QueryAsked['query'], key }));
  return route({
    method: 'GET',
    right: 'send',
    path: '/api/sendText',
    summary: 'Send a text message',
    deprecated: true,
    query: withSendAt(SendTextQuery),
    responses: {
      200: { description: 'The message, as WhatsApp took it', schema: SentMessage },
      202: { description: 'It waits in the queue', schema: QueuedSend },
      ...failures,
    },
    handle({ query, headers }) {
      const key = headers['idempotency-key'];
      const session = query.session ?? 'default';
      const body = { ...query, chatId: query.phone };
      const asked = { session, operation: byQuery, body, file: undefined, key };
      return sendOrQueue(options.queue, asked, () => sendAsked(options, { query, key }));
    },
  });
};

const sendAsked = ({ sessions, once }: SendRouteOptions, { query, key }: QueryAsked): Promise<unknown> => {
  const session = query.session ?? 'default';
  const { phone: chatId, text } = query;
  const request = { key, session, operation: byQuery, content: { session, phone: chatId, text } };
  return once.run(request, async (id) => {
    const { messages } = await sessions.client(session);
    return withKey(await messages.sendText({ chatId, text, ...given({ id }) }));
  });
};
