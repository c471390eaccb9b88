import { proto, type WAMessage as RawMessage } from '@whiskeysockets/baileys';
import type { LibraryMessage, LidPair, StoredMessage } from 'waha-runtime/engine';
import { numberOf } from '../json-safe.ts';
import { kindOf } from './content.ts';
import { chatIdOf } from './ids.ts';
import { ackOf } from './payload.ts';

/** What the store keeps of a message; null for one without id or chat. */
export const storedMessage = (raw: RawMessage, viaApi: boolean): LibraryMessage | null => {
  const { id, remoteJid, fromMe } = raw.key;
  const participant = raw.key.participant || raw.participant;
  if (!id || !remoteJid) return null;
  return {
    chatId: chatIdOf(remoteJid),
    id,
    fromMe: fromMe === true,
    participant: participant ? chatIdOf(participant) : null,
    timestamp: numberOf(raw.messageTimestamp),
    data: encoded(raw),
    ack: ackOf(raw.status ?? undefined),
    listed: kindOf(raw) === 'message',
    viaApi,
  };
};

/** The message as bytes. */
export const encoded = (raw: RawMessage): Uint8Array =>
  proto.WebMessageInfo.encode(proto.WebMessageInfo.fromObject({ ...raw, key: { ...raw.key } })).finish();

/** The message as Baileys had it. In a history, authors stand beside the key. */
export const recall = (stored: StoredMessage): RawMessage => {
  const raw = proto.WebMessageInfo.decode(stored.data) as unknown as RawMessage;
  if (raw.participant && !raw.key.participant) raw.key.participant = raw.participant;
  return raw;
};

/** Two names of one person, when they are that; in whichever order. */
export const pairOf = (one: string | null | undefined, other: string | null | undefined): LidPair[] => {
  if (!one || !other) return [];
  const ids = [chatIdOf(one), chatIdOf(other)];
  const lid = ids.find((id) => id.endsWith('@lid'));
  const pn = ids.find((id) => id.endsWith('@c.us'));
  return lid && pn ? [{ lid, pn }] : [];
};

/** The names that the key of a message tells apart. */
export const pairsIn = ({ key }: RawMessage): LidPair[] => [
  ...pairOf(key.remoteJid, key.remoteJidAlt),
  ...pairOf(key.participant, key.participantAlt),
];
