import { proto, type WAMessage as RawMessage } from '@whiskeysockets/baileys';
import type { SessionHistory, StoredMessage } from 'waha-runtime';
import { chatIdOf } from '../ids.ts';
import { numberOf } from '../json-safe.ts';

/** Keeps a message for quotes, retries and read receipts. */
export const remember = async (history: SessionHistory, raw: RawMessage): Promise<void> => {
  const { id, remoteJid, fromMe, participant } = raw.key;
  if (!id || !remoteJid) return;
  await history.remember({
    chatId: chatIdOf(remoteJid),
    id,
    fromMe: fromMe === true,
    participant: participant ? chatIdOf(participant) : null,
    timestamp: numberOf(raw.messageTimestamp),
    data: proto.WebMessageInfo.encode(proto.WebMessageInfo.fromObject({ ...raw, key: { ...raw.key } })).finish(),
  });
};

/** The message as Baileys had it. */
export const recall = (stored: StoredMessage): RawMessage =>
  proto.WebMessageInfo.decode(stored.data) as unknown as RawMessage;
