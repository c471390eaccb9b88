import type { proto } from '@whiskeysockets/baileys';
import { type Content, type ContentType, type FileKind, lines, type Text } from './content-type.ts';
import {
  header,
  interactive,
  invoice,
  payment,
  place,
  poll,
  product,
  rich,
  structured,
  template,
} from './structured-types.ts';

type Field = keyof Content;
type Change = Extract<ContentType, { as: 'change' }>;
type Table = { readonly [F in Field]-?: ContentType<NonNullable<Content[F]>> };

const protocol = { as: 'protocol' } as const;
const future = { as: 'wrapper', inner: ({ message }: proto.Message.IFutureProofMessage) => message } as const;
const change = <E extends Change['event']>(event: E) => ({ as: 'change', event }) as const;
const caption = ({ caption }: { readonly caption?: Text }): Text => caption;
const media = (file: FileKind) => ({ as: 'content', file, text: caption }) as const;

/**
 * Every type of message that WhatsApp's protocol has (`proto.Message`), and what it is here. A type that a newer library brings
 * does not compile until it has its line. `docs/messages.md` shows the same table to users.
 */
export const contentTypes: Table = {
  conversation: { as: 'content', text: (text) => text },
  extendedTextMessage: { as: 'content', text: ({ text }) => text },
  imageMessage: media('Image'),
  videoMessage: media('Video'),
  ptvMessage: media('Video'),
  audioMessage: { as: 'content', file: 'Audio' },
  documentMessage: media('Document'),
  // Stickers go by the keys of pictures.
  stickerMessage: { as: 'content', file: 'Image' },
  stickerPackMessage: {
    as: 'content',
    file: 'Sticker Pack',
    text: ({ caption, name, packDescription }) => lines(caption, name, packDescription),
  },
  contactMessage: { as: 'content' },
  contactsArrayMessage: { as: 'content' },
  locationMessage: place,
  liveLocationMessage: { as: 'content', text: caption },
  pollCreationMessage: poll,
  pollCreationMessageV2: poll,
  pollCreationMessageV3: poll,
  pollCreationMessageV4: future,
  pollCreationMessageV5: poll,
  pollResultSnapshotMessage: { as: 'content', text: ({ name }) => name },
  pollResultSnapshotMessageV3: { as: 'content', text: ({ name }) => name },
  eventMessage: {
    as: 'content',
    text: ({ name, description }) => lines(name, description),
    within: ({ location }) => [{ locationMessage: location ?? null }],
  },
  templateMessage: template,
  highlyStructuredMessage: structured,
  interactiveMessage: interactive,
  interactiveResponseMessage: { as: 'content', text: ({ body }) => body?.text },
  buttonsMessage: {
    as: 'content',
    text: ({ text, contentText, footerText }) => lines(text, contentText, footerText),
    within: header,
  },
  buttonsResponseMessage: {
    as: 'content',
    text: ({ selectedDisplayText, selectedButtonId }) => selectedDisplayText || selectedButtonId,
  },
  templateButtonReplyMessage: {
    as: 'content',
    text: ({ selectedDisplayText, selectedId }) => selectedDisplayText || selectedId,
  },
  listMessage: {
    as: 'content',
    text: ({ title, description, footerText }) => lines(title, description, footerText),
  },
  listResponseMessage: {
    as: 'content',
    text: ({ title, description, singleSelectReply }) => title || description || singleSelectReply?.selectedRowId,
  },
  productMessage: product,
  orderMessage: { as: 'content', text: ({ orderTitle, message }) => lines(orderTitle, message) },
  invoiceMessage: invoice,
  sendPaymentMessage: payment,
  requestPaymentMessage: payment,
  paymentInviteMessage: { as: 'content' },
  groupInviteMessage: { as: 'content', text: ({ groupName, caption }) => lines(groupName, caption) },
  newsletterAdminInviteMessage: {
    as: 'content',
    text: ({ newsletterName, caption }) => lines(newsletterName, caption),
  },
  newsletterFollowerInviteMessageV2: {
    as: 'content',
    text: ({ newsletterName, caption }) => lines(newsletterName, caption),
  },
  requestPhoneNumberMessage: { as: 'content' },
  scheduledCallCreationMessage: { as: 'content', text: ({ title }) => title },
  bcallMessage: { as: 'content', text: caption },
  commentMessage: { as: 'content', within: ({ message }) => [message] },
  richResponseMessage: rich,
  questionResponseMessage: { as: 'content', text: ({ text }) => text },
  statusQuestionAnswerMessage: { as: 'content', text: ({ text }) => text },
  statusQuotedMessage: { as: 'content', text: ({ text }) => text },

  deviceSentMessage: { as: 'wrapper', inner: ({ message }) => message },
  ephemeralMessage: future,
  viewOnceMessage: future,
  viewOnceMessageV2: future,
  viewOnceMessageV2Extension: future,
  documentWithCaptionMessage: future,
  editedMessage: future,
  groupMentionedMessage: future,
  botInvokeMessage: future,
  botTaskMessage: future,
  botForwardedMessage: future,
  lottieStickerMessage: future,
  eventCoverImage: future,
  statusMentionMessage: future,
  groupStatusMentionMessage: future,
  groupStatusMessage: future,
  groupStatusMessageV2: future,
  statusAddYours: future,
  pollCreationOptionImageMessage: future,
  associatedChildMessage: future,
  limitSharingMessage: future,
  questionMessage: future,
  questionReplyMessage: future,

  reactionMessage: change('message.reaction'),
  encReactionMessage: change('message.reaction'),
  protocolMessage: change('message.edited, message.revoked'),
  secretEncryptedMessage: change('message.edited, message.revoked'),
  pollUpdateMessage: change('poll.vote'),
  encEventResponseMessage: change('event.response'),
  // Opened, it is a `commentMessage`.
  encCommentMessage: { as: 'content' },
  pinInChatMessage: change('message.pinned'),
  keepInChatMessage: change('message.kept'),
  scheduledCallEditMessage: change(null),
  declinePaymentRequestMessage: change(null),
  cancelPaymentRequestMessage: change(null),
  statusStickerInteractionMessage: change(null),

  senderKeyDistributionMessage: protocol,
  fastRatchetKeySenderKeyDistributionMessage: protocol,
  messageContextInfo: protocol,
  // What Baileys makes of a call to a group, and what a phone writes down of one; calls have events of their own.
  call: protocol,
  callLogMesssage: protocol,
  chat: protocol,
  stickerSyncRmrMessage: protocol,
  messageHistoryBundle: protocol,
  messageHistoryNotice: protocol,
  statusNotificationMessage: protocol,
  // The pictures of an album follow as messages of their own.
  albumMessage: protocol,
  // A text that linked devices are not to have; its event is `message.waiting`.
  placeholderMessage: protocol,
};
