import {
  badRequest,
  type MessageButton,
  named,
  notImplementedByEngine,
  type Route,
  type Static,
  Type,
  WAMessage,
} from 'waha-runtime';
import { BinaryFile, bytesOf, FileContent, FileURL, RemoteFile } from '../files/fetch.ts';
import { ChatId, flag, given, sending, Text } from '../schemas/chatting.ts';
import { BodySession } from '../schemas/session.ts';
import { type SendRouteOptions, sendRoute } from '../sending/send-route.ts';

const link = 'https://example.org';
const short = Type.String({ maxLength: 4096 });
const maybeShort = Type.Optional(Type.Union([short, Type.Null()]));

const Button = named(
  'Button',
  Type.Object({
    type: Type.Enum(['reply', 'url', 'call', 'copy'], { type: 'string', default: 'reply' }),
    text: short,
    id: maybeShort,
    url: maybeShort,
    phoneNumber: maybeShort,
    copyCode: maybeShort,
  }),
);
const SendButtonsRequest = named(
  'SendButtonsRequest',
  Type.Object({
    ...sending,
    header: maybeShort,
    headerImage: Type.Optional(Type.Union([RemoteFile, BinaryFile, Type.Null()])),
    body: Text,
    footer: maybeShort,
    buttons: Type.Array(Button, { minItems: 1, maxItems: 10 }),
  }),
);
const LinkPreviewData = named(
  'LinkPreviewData',
  Type.Object({
    url: Type.String({ minLength: 1, maxLength: 4000, examples: [link] }),
    title: short,
    description: maybeShort,
    image: Type.Optional(Type.Union([FileURL, FileContent, Type.Null()])),
  }),
);
const MessageLinkCustomPreviewRequest = named(
  'MessageLinkCustomPreviewRequest',
  Type.Object({
    ...sending,
    text: Type.String({ maxLength: 65_536, examples: [`Look at this: ${link}`] }),
    linkPreviewHighQuality: flag(true),
    preview: LinkPreviewData,
  }),
);
const MessagePollVoteRequest = named(
  'MessagePollVoteRequest',
  Type.Object({
    session: BodySession,
    chatId: ChatId,
    pollMessageId: Type.String(),
    pollServerId: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
    votes: Type.Array(Type.String()),
  }),
);
const MessageButtonReply = named(
  'MessageButtonReply',
  Type.Object({
    session: BodySession,
    chatId: ChatId,
    replyTo: maybeShort,
    selectedDisplayText: Type.String(),
    selectedButtonID: Type.String(),
  }),
);

/** Links with a preview of one's own, buttons, and what this engine cannot do. */
export const richRoutes = (options: SendRouteOptions): Route[] => [
  previewRoute(options),
  buttonsRoute(options),
  sendRoute(options, {
    path: '/api/sendPollVote',
    summary: 'Vote in a poll (not with this engine)',
    body: MessagePollVoteRequest,
    send: () => Promise.reject(notImplementedByEngine('NOWEB', 'sendPollVote')),
  }),
  sendRoute(options, {
    path: '/api/send/buttons/reply',
    summary: 'Press a button (not with this engine)',
    body: MessageButtonReply,
    send: () => Promise.reject(notImplementedByEngine('NOWEB', 'send/buttons/reply')),
  }),
];

const previewRoute = (options: SendRouteOptions): Route =>
  sendRoute(options, {
    path: '/api/send/link-custom-preview',
    summary: 'Send a text with a link preview of your own',
    description: 'The text must contain `preview.url`.',
    body: MessageLinkCustomPreviewRequest,
    answer: WAMessage,
    async send(session, { chatId, text, preview, linkPreviewHighQuality, id, reply_to }, signal) {
      const contents = await options.sessions.capability(session, 'contents');
      const { url, title, description, image } = preview;
      const picture = image ? await bytesOf(image, { http: options.http, field: 'preview.image', signal }) : undefined;
      return contents.sendLinkPreview({
        chatId,
        text,
        preview: { url, title, ...given({ description, image: picture }) },
        highQuality: linkPreviewHighQuality ?? true,
        ...given({ id: id || null, replyTo: reply_to || null }),
      });
    },
  });

const buttonsRoute = (options: SendRouteOptions): Route =>
  sendRoute(options, {
    path: '/api/sendButtons',
    summary: 'Send buttons; most phones no longer show them',
    deprecated: true,
    body: SendButtonsRequest,
    answer: WAMessage,
    async send(session, { chatId, header, headerImage, body, footer, buttons, id, reply_to }, signal) {
      const contents = await options.sessions.capability(session, 'contents');
      const image = headerImage
        ? await bytesOf(headerImage, { http: options.http, field: 'headerImage', signal })
        : undefined;
      return contents.sendButtons({
        chatId,
        body,
        buttons: buttons.map(buttonOf),
        ...given({ header, headerImage: image, footer, id: id || null, replyTo: reply_to || null }),
      });
    },
  });

/** Each type has a field of its own. */
const buttonOf = (button: Static<typeof Button>, index: number): MessageButton => {
  const { type, text } = button;
  const need = (name: 'url' | 'phoneNumber' | 'copyCode'): string => {
    const value = button[name];
    if (!value) throw badRequest(`buttons[${index}].${name} is required for a button of type '${type}'`);
    return value;
  };
  if (type === 'url') return { type, text, url: need('url') };
  if (type === 'call') return { type, text, phoneNumber: need('phoneNumber') };
  if (type === 'copy') return { type, text, copyCode: need('copyCode') };
  return { type: 'reply', text, id: button.id || String(index + 1) };
};
