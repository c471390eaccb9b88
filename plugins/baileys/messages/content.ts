import { proto, type WAMessage as RawMessage } from '@whiskeysockets/baileys';
import { jsonSafe } from '../json-safe.ts';
import { type Content, type ContentType, lines } from './content-type.ts';
import { contentTypes } from './content-types.ts';
import { chatIdOf } from './ids.ts';
import { fieldsOf, partsOf, unwrapped } from './parts.ts';

/**
 * What a message is to us. `sealed` is encrypted once more, with the secret of the message it is about. `note` changes something
 * and has no event; `internal` is WhatsApp talking to itself; `unknown` is of a type that this program's protocol does not have.
 */
export type MessageKind =
  | 'message'
  | 'reaction'
  | 'edited'
  | 'revoked'
  | 'pinned'
  | 'kept'
  | 'vote'
  | 'response'
  | 'sealed'
  | 'waiting'
  | 'note'
  | 'internal'
  | 'unknown';

const { REVOKE, MESSAGE_EDIT } = proto.Message.ProtocolMessage.Type;
const { CIPHERTEXT } = proto.WebMessageInfo.StubType;

/** The content without its wrappers: disappearing, view once, edited, document with caption and all the others. */
export const contentOf = (raw: Pick<RawMessage, 'message'>): Content => unwrapped(raw.message);

export const kindOf = (raw: RawMessage): MessageKind => {
  if (!raw.message) return isWaiting(raw) ? 'waiting' : 'internal';
  if (raw.category === 'peer') return 'internal';
  const content = contentOf(raw);
  const names = fieldsOf(content);
  if (content.reactionMessage) return 'reaction';
  if (content.pollUpdateMessage) return 'vote';
  if (content.encEventResponseMessage) return 'response';
  if (content.secretEncryptedMessage || content.encCommentMessage || content.encReactionMessage) return 'sealed';
  if (content.protocolMessage) return changeIn(content.protocolMessage);
  if (content.placeholderMessage) return 'waiting';
  if (content.pinInChatMessage) return 'pinned';
  if (content.keepInChatMessage) return 'kept';
  if (names.length === 0) return 'unknown';
  const types = new Set(names.map((name) => (contentTypes[name] as ContentType | undefined)?.as));
  if (types.has('content')) return 'message';
  return types.has('change') ? 'note' : 'internal';
};

/** Not decrypted yet, or (a picture to be seen once) not for linked devices. */
const isWaiting = ({ key, messageStubType }: RawMessage): boolean =>
  messageStubType === CIPHERTEXT || (key as { isViewOnce?: boolean }).isViewOnce === true;

const changeIn = ({ type, key }: proto.Message.IProtocolMessage): MessageKind => {
  if ((type ?? REVOKE) === REVOKE) return key ? 'revoked' : 'internal';
  return type === MESSAGE_EDIT ? 'edited' : 'internal';
};

/** What kind of message that is, for logs and counters: `pinInChatMessage`, `protocolMessage.EPHEMERAL_SETTING`. */
export const typeOf = (raw: RawMessage): string => {
  const content = contentOf(raw);
  const { type } = content.protocolMessage ?? {};
  if (content.protocolMessage) return `protocolMessage.${proto.Message.ProtocolMessage.Type[type ?? REVOKE] ?? type}`;
  const name = fieldsOf(content).find((field) => field !== 'messageContextInfo');
  if (name) return name;
  return raw.messageStubType ? `stub.${proto.WebMessageInfo.StubType[raw.messageStubType]}` : 'nothing';
};

/** Everything in a message that is text, as a phone shows it: header, text or caption, footer, the cards of a carousel. */
export const bodyOf = (content: Content): string | null =>
  lines(...partsOf(content).map(({ type, value }) => type.text?.(value as never)));

interface Media {
  readonly mimetype?: string | null;
  readonly caption?: string | null;
  readonly fileName?: string | null;
}

/** The first file of a message, if it has some. */
export const mediaOf = (content: Content): Media | undefined => {
  const part = partsOf(content).find(({ type }) => type.file !== undefined);
  return part && (part.value as Media);
};

/** The poll that a message asks. */
export const pollOf = (content: Content): proto.Message.IPollCreationMessage | undefined =>
  content.pollCreationMessage ??
  content.pollCreationMessageV2 ??
  content.pollCreationMessageV3 ??
  content.pollCreationMessageV5 ??
  undefined;

export const locationOf = (content: Content) => {
  const part = partsOf(content).find(({ name }) => name === 'locationMessage' || name === 'liveLocationMessage');
  if (!part) return null;
  const isLive = part.name === 'liveLocationMessage';
  const place = part.value as proto.Message.ILocationMessage & proto.Message.ILiveLocationMessage;
  if (place.degreesLatitude == null || place.degreesLongitude == null) return null;
  return {
    latitude: String(place.degreesLatitude),
    longitude: String(place.degreesLongitude),
    live: isLive || place.isLive === true,
    name: place.name ?? null,
    address: place.address ?? null,
    url: place.url ?? null,
    description: (isLive ? place.caption : place.comment) ?? null,
  };
};

export const vCardsOf = (content: Content): string[] | null => {
  const cards = partsOf(content).flatMap(({ name, value }) => {
    if (name === 'contactMessage') return [value as proto.Message.IContactMessage];
    return name === 'contactsArrayMessage' ? ((value as proto.Message.IContactsArrayMessage).contacts ?? []) : [];
  });
  const texts = cards.flatMap(({ vcard }) => vcard || []);
  return texts.length > 0 ? texts : null;
};

/** Who is mentioned, in the form in which the sender wrote it. */
export const mentionedIn = (content: Content): string[] => [
  ...new Set((contextOf(content)?.mentionedJid ?? []).map(chatIdOf)),
];

/** What the message answers, from its own context; for a comment, what it is about. */
export const replyOf = (content: Content) => {
  const about = content.commentMessage?.targetMessageKey;
  if (about?.id)
    return {
      id: about.id,
      hasMedia: false,
      ...(about.participant ? { participant: chatIdOf(about.participant) } : {}),
    };
  const info = contextOf(content);
  if (!info?.stanzaId || !info.quotedMessage) return null;
  const quoted = unwrapped(info.quotedMessage);
  const [body, media] = [bodyOf(quoted), mediaOf(quoted)];
  return {
    id: info.stanzaId,
    ...(info.participant ? { participant: chatIdOf(info.participant) } : {}),
    ...(body === null ? {} : { body }),
    hasMedia: media !== undefined,
    ...(media ? { media: { url: null, mimetype: media.mimetype ?? null, filename: media.fileName ?? null } } : {}),
    _data: jsonSafe(info.quotedMessage),
  };
};

/** What a message says of its surroundings: what it quotes, whom it mentions, how long it lives. */
export const contextOf = (content: Content): proto.IContextInfo | undefined => {
  for (const { value } of partsOf(content)) {
    const info = typeof value === 'object' && 'contextInfo' in value ? value.contextInfo : undefined;
    if (info) return info as proto.IContextInfo;
  }
  return undefined;
};
