import type { WAMessage as RawMessage } from '@whiskeysockets/baileys';
import type { WAMedia, WAMessage } from 'waha-runtime';
import { type Ack, ackName, type MessageAckPayload } from 'waha-runtime/engine';
import { jsonSafe, numberOf } from '../json-safe.ts';
import { bodyOf, contentOf, locationOf, mediaOf, mentionedIn, replyOf, vCardsOf } from './content.ts';
import type { Content } from './content-type.ts';
import { identityOf, type OtherNames } from './identity.ts';
import { chatIdOf, isMany, messageIdOf } from './ids.ts';

/** What a payload needs to know besides the message. */
export interface PayloadContext {
  /** Our own id, `<phone>@c.us`. */
  readonly me: string | undefined;
  readonly source: 'api' | 'app';
  /** Of those whom the message names. */
  readonly others?: OtherNames | undefined;
  /** Its file, when it has been fetched. */
  readonly media?: WAMedia | undefined;
}

/** Baileys' message as WAHA's. `from` is the chat, as in WAHA's NOWEB engine; in groups `participant` is the author. */
export const messagePayload = (
  raw: RawMessage,
  { me, source, media: fetched, others = unknown }: PayloadContext,
): WAMessage => {
  const content = contentOf(raw);
  const media = mediaOf(content);
  const mentionedIds = mentionedIn(content);
  const ack = ackOf(raw.status);
  return {
    id: messageIdOf(raw.key, me),
    timestamp: numberOf(raw.messageTimestamp),
    ...addressOf(raw, me, others),
    source,
    body: bodyOf(content),
    hasMedia: media !== undefined,
    media:
      fetched ?? (media ? { url: null, mimetype: media.mimetype ?? null, filename: media.fileName ?? null } : null),
    mediaUrl: fetched?.url ?? null,
    ack,
    ackName: ackName(ack),
    location: locationOf(content),
    vCards: vCardsOf(content),
    replyTo: replyTo(content, others),
    ...(mentionedIds.length > 0 ? { mentionedIds, mentionedIdentities: identitiesOf(mentionedIds, others) } : {}),
    _data: jsonSafe(raw),
  };
};

const unknown: OtherNames = new Map();

const identitiesOf = (ids: readonly string[], others: OtherNames) =>
  ids.flatMap((id) => identityOf(id, others.get(id)) ?? []);

const replyTo = (content: Content, others: OtherNames) => {
  const reply = replyOf(content);
  const author = reply?.participant ? identityOf(reply.participant, others.get(reply.participant)) : null;
  return reply && { ...reply, ...(author ? { participantIdentity: author } : {}) };
};

/** Who wrote where. */
export const addressOf = (raw: Pick<RawMessage, 'key'>, me: string | undefined, others: OtherNames = unknown) => {
  const { remoteJid, participant, fromMe } = raw.key;
  const chatId = chatIdOf(remoteJid ?? '');
  const many = isMany(chatId);
  const author = fromMe ? me : participant && chatIdOf(participant);
  const { remoteJidAlt, participantAlt, remoteJidUsername, participantUsername } = raw.key;
  const from = many ? null : identityOf(remoteJid, remoteJidAlt ?? others.get(chatId), remoteJidUsername);
  const authorAlt = (fromMe ? null : participantAlt) ?? others.get(author ?? '');
  const to = many || fromMe ? chatId : (me ?? null);
  const reader = many ? null : fromMe ? from : identityOf(to, others.get(to ?? ''));
  const writer = many ? identityOf(author, authorAlt, participantUsername) : null;
  return {
    from: chatId,
    ...(!many && remoteJidAlt ? { fromAlt: chatIdOf(remoteJidAlt) } : {}),
    ...(from ? { fromIdentity: from } : {}),
    fromMe: fromMe === true,
    to,
    ...(reader ? { toIdentity: reader } : {}),
    ...(many && author ? { participant: author } : {}),
    ...(many && !fromMe && participantAlt ? { participantAlt: chatIdOf(participantAlt) } : {}),
    ...(writer ? { participantIdentity: writer } : {}),
  };
};

/** Baileys' status, 0 for an error to 5 for played, as WAHA's ack, which is one less. */
export const ackOf = (status: unknown): Ack => {
  const number = typeof status === 'number' ? status - 1 : 0;
  return (number >= -1 && number <= 4 ? number : 0) as Ack;
};

export interface AckFacts {
  readonly id: string;
  readonly chatId: string;
  /** Who received or read it, in a group. */
  readonly participant: string | null;
  /** The same person by the other kind of id; without a participant, the chat's. */
  readonly alt?: string | undefined;
  readonly ack: Ack;
  readonly me: string | undefined;
}

/** A step of one of our own messages. */
export const ackPayload = ({ id, chatId, participant, alt, ack, me }: AckFacts): MessageAckPayload => {
  const who = identityOf(participant ?? chatId, alt);
  return {
    id: messageIdOf({ id, remoteJid: chatId, fromMe: true }, me),
    from: chatId,
    to: chatId,
    ...(participant === null ? {} : { participant }),
    ...(alt ? { [participant === null ? 'fromAlt' : 'participantAlt']: alt } : {}),
    ...(who && participant === null ? { fromIdentity: who, toIdentity: who } : {}),
    ...(who && participant !== null ? { participantIdentity: who } : {}),
    fromMe: true,
    ack,
    ackName: ackName(ack),
  };
};
