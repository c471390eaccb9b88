import { proto, type WAMessage as RawMessage } from '@whiskeysockets/baileys';
import type { LibraryMessage, LidPair } from 'waha-runtime/engine';
import { numberOf } from '../../json-safe.ts';
import { kindOf } from '../../messages/content.ts';
import { chatIdOf, kindOfChat } from '../../messages/ids.ts';
import { ackOf } from '../../messages/payload.ts';
import { pairOf } from '../../messages/stored-message.ts';
import { seconds } from '../feed.ts';
import { fieldsIn } from './fields.ts';

const MESSAGES = 2;
const MESSAGE = 1;
const ORDER = 2;

/** A chat of the history: what is said about it, and its messages, not yet decoded. */
export interface Conversation {
  readonly about: proto.IConversation & { readonly id: string };
  readonly messages: readonly Uint8Array[];
}

/** Takes a conversation apart. Null for one without an id. */
export const readConversation = (bytes: Uint8Array): Conversation | null => {
  const messages: Uint8Array[] = [];
  const head: Uint8Array[] = [];
  for (const { number, content, whole } of fieldsIn(bytes)) {
    if (number === MESSAGES && content) messages.push(content);
    else head.push(whole);
  }
  const about = proto.Conversation.decode(Buffer.concat(head));
  return about.id ? { about, messages } : null;
};

/**
 * A message of the history; null for what is no message to anybody. It is stored with the bytes it came in. `order` tells
 * which of the same second is later, where the history itself does not.
 */
export const historyMessage = (entry: Uint8Array, chat: string, order: number): LibraryMessage | null => {
  let data: Uint8Array | null = null;
  let sequence = order;
  for (const { number, content, whole } of fieldsIn(entry)) {
    if (number === MESSAGE) data = content;
    if (number === ORDER) sequence = numberOf(proto.HistorySyncMsg.decode(whole).msgOrderId) || order;
  }
  if (!data) return null;
  const raw = proto.WebMessageInfo.decode(data);
  const { id, fromMe, participant } = raw.key ?? {};
  if (!id || kindOf(raw as unknown as RawMessage) !== 'message') return null;
  const author = participant || raw.participant;
  return {
    chatId: chatIdOf(raw.key?.remoteJid || chat),
    id,
    fromMe: fromMe === true,
    participant: author ? chatIdOf(author) : null,
    timestamp: numberOf(raw.messageTimestamp),
    // A copy: the piece of the history that it is part of is large.
    data: Uint8Array.from(data),
    ack: ackOf(Object.hasOwn(raw, 'status') ? raw.status : undefined),
    listed: true,
    viaApi: false,
    sequence,
  };
};

/** Who is who, as a conversation says it. */
const pairsOf = ({ id, pnJid, lidJid, accountLid }: proto.IConversation): LidPair[] => [
  ...pairOf(id, pnJid),
  ...pairOf(id, lidJid || accountLid),
];

/** What is said about a chat. How much is unread only when it is said for today. */
export const aboutChat = (about: Conversation['about'], isFirst: boolean) => {
  const id = chatIdOf(about.id);
  const has = (field: keyof proto.IConversation) => Object.hasOwn(about, field) && about[field] != null;
  const name = about.displayName || about.name || about.username;
  const isPerson = kindOfChat(about.id) === 'person';
  const chat = {
    id,
    timestamp: numberOf(about.conversationTimestamp || about.lastMsgTimestamp),
    ...(isFirst ? { unread: about.markedAsUnread ? -1 : numberOf(about.unreadCount) } : {}),
    ...(has('archived') ? { archived: about.archived === true } : {}),
    ...(has('pinned') ? { pinned: seconds(about.pinned) } : {}),
    ...(has('muteEndTime') ? { mutedUntil: seconds(about.muteEndTime) } : {}),
    ...(!isPerson && name ? { name } : {}),
  };
  const contacts = isPerson && name ? [{ id, name }] : [];
  return { lids: pairsOf(about), chats: [chat], contacts };
};
