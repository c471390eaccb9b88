import { jidNormalizedUser, type WAMessage as RawMessage, type WAMessageKey } from '@whiskeysockets/baileys';
import { notFound } from 'waha-runtime';
import type { MessageTarget, SessionHistory } from 'waha-runtime/engine';
import type { PhoneNumbers } from '../identity/phone-numbers.ts';
import { jidOf, readMessageId } from '../messages/ids.ts';
import { recall } from '../messages/stored-message.ts';

/** What a message is found with. */
export interface MessageKnowledge {
  readonly history: SessionHistory;
  readonly numbers: Pick<PhoneNumbers, 'known'>;
}

/** A message that something is to be done with. */
export interface Found {
  /** Its chat, under the name it was sent or received with. */
  readonly jid: string;
  readonly key: WAMessageKey & { readonly id: string; readonly fromMe: boolean };
  /** The message itself, when it is remembered. */
  readonly raw: RawMessage | undefined;
  /** Of a post in a channel, where the id says it. */
  readonly serverId?: string;
}

/**
 * Finds a message by its id. What is remembered of it is believed first; else the id must say, or `chatId`, where it is.
 * Rejects with `BAD_REQUEST` naming the field, or `NOT_FOUND`.
 */
export const findMessage = async (
  { history, numbers }: MessageKnowledge,
  { messageId, chatId }: Pick<MessageTarget, 'messageId' | 'chatId'>,
): Promise<Found> => {
  const ref = readMessageId(messageId, 'messageId');
  const chat = chatId === undefined ? undefined : jidOf(chatId);
  const stored = await history.find(ref.id);
  const server = ref.serverId === undefined ? {} : { serverId: ref.serverId };
  if (stored && (ref.fromMe ?? stored.fromMe) === stored.fromMe) {
    const raw = recall(stored);
    const jid = raw.key.remoteJid ?? jidOf(stored.chatId);
    const participant = raw.key.participant ? { participant: jidNormalizedUser(raw.key.participant) } : {};
    return { jid, key: { remoteJid: jid, id: ref.id, fromMe: stored.fromMe, ...participant }, raw, ...server };
  }
  const named = ref.chatId ? jidOf(ref.chatId, 'messageId') : chat;
  if (!named || ref.fromMe === undefined) {
    throw notFound(`message '${messageId}' is not known; give its full id, such as true_11111111111@c.us_3EB0...`);
  }
  const jid = await numbers.known(named);
  const participant = ref.participant && !ref.fromMe ? { participant: jidOf(ref.participant, 'messageId') } : {};
  return { jid, key: { remoteJid: jid, id: ref.id, fromMe: ref.fromMe, ...participant }, raw: undefined, ...server };
};
