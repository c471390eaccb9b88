import { normalizeMessageContent, type proto, type WAMessage as RawMessage } from '@whiskeysockets/baileys';
import { jsonSafe } from '../json-safe.ts';
import { chatIdOf } from './ids.ts';

type Content = proto.IMessage;

/** What a message is to us. `internal` is WhatsApp talking to itself: keys, history, group bookkeeping. */
export type MessageKind = 'message' | 'reaction' | 'edited' | 'revoked' | 'vote' | 'response' | 'waiting' | 'internal';

const { REVOKE, MESSAGE_EDIT } = { REVOKE: 0, MESSAGE_EDIT: 14 } as const;
const CIPHERTEXT_STUB = 2;
const bookkeeping = new Set([
  'senderKeyDistributionMessage',
  'messageContextInfo',
  'encReactionMessage',
  'pinInChatMessage',
  // What Baileys makes of a call to a group; calls have events of their own.
  'call',
]);

/** The content without its wrappers (disappearing, view once, edited, document with caption). */
export const contentOf = (raw: RawMessage): Content => normalizeMessageContent(raw.message) ?? {};

export const kindOf = (raw: RawMessage): MessageKind => {
  if (!raw.message) return raw.messageStubType === CIPHERTEXT_STUB ? 'waiting' : 'internal';
  if (raw.category === 'peer') return 'internal';
  const content = contentOf(raw);
  if (content.reactionMessage) return 'reaction';
  if (content.pollUpdateMessage) return 'vote';
  if (content.encEventResponseMessage) return 'response';
  if (content.protocolMessage) {
    const { type } = content.protocolMessage;
    if ((type ?? REVOKE) === REVOKE) return content.protocolMessage.key ? 'revoked' : 'internal';
    return type === MESSAGE_EDIT ? 'edited' : 'internal';
  }
  return namesIn(content).some((name) => !bookkeeping.has(name)) ? 'message' : 'internal';
};

/** The text of a message, or the caption of its media. */
export const bodyOf = (content: Content): string | null =>
  content.conversation ||
  content.extendedTextMessage?.text ||
  mediaOf(content)?.caption ||
  content.buttonsResponseMessage?.selectedDisplayText ||
  content.templateButtonReplyMessage?.selectedDisplayText ||
  content.listResponseMessage?.title ||
  pollOf(content)?.name ||
  null;

interface Media {
  readonly mimetype?: string | null;
  readonly caption?: string | null;
  readonly fileName?: string | null;
}

/** The media of a message, if it has some. */
export const mediaOf = (content: Content): Media | undefined =>
  content.imageMessage ??
  content.videoMessage ??
  content.ptvMessage ??
  content.audioMessage ??
  content.documentMessage ??
  content.stickerMessage ??
  undefined;

/** The poll that a message asks. */
export const pollOf = (content: Content) =>
  content.pollCreationMessage ?? content.pollCreationMessageV2 ?? content.pollCreationMessageV3;

export const locationOf = (content: Content) => {
  const place = content.locationMessage ?? content.liveLocationMessage;
  if (place?.degreesLatitude == null || place.degreesLongitude == null) return null;
  const named = content.locationMessage;
  return {
    latitude: String(place.degreesLatitude),
    longitude: String(place.degreesLongitude),
    live: content.liveLocationMessage != null,
    name: named?.name ?? null,
    address: named?.address ?? null,
    url: named?.url ?? null,
    description: content.liveLocationMessage?.caption ?? null,
  };
};

export const vCardsOf = (content: Content): string[] | null => {
  const contacts = content.contactMessage ? [content.contactMessage] : (content.contactsArrayMessage?.contacts ?? []);
  const cards = contacts.flatMap(({ vcard }) => (vcard ? [vcard] : []));
  return cards.length > 0 ? cards : null;
};

/** What the message answers, from its own context. */
export const replyOf = (content: Content) => {
  const info = contextOf(content);
  if (!info?.stanzaId || !info.quotedMessage) return null;
  const quoted = normalizeMessageContent(info.quotedMessage) ?? {};
  const body = bodyOf(quoted);
  return {
    id: info.stanzaId,
    ...(info.participant ? { participant: chatIdOf(info.participant) } : {}),
    ...(body === null ? {} : { body }),
    _data: jsonSafe(info.quotedMessage),
  };
};

const contextOf = (content: Content): proto.IContextInfo | undefined => {
  for (const name of namesIn(content)) {
    const part = content[name as keyof Content];
    const info = typeof part === 'object' && part !== null && 'contextInfo' in part ? part.contextInfo : undefined;
    if (info) return info as proto.IContextInfo;
  }
  return undefined;
};

const namesIn = (content: Content): string[] =>
  Object.keys(content).filter((name) => content[name as keyof Content] != null);
