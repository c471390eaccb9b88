import { jidDecode } from '@whiskeysockets/baileys';
import type { BaileysSocket } from '../socket/socket.ts';

/**
 * Whoever is removed from a group could read on: Baileys keeps writing with the key that they have. So ours is thrown away, and
 * the next message makes a new one and hands it to those who are left. Under the mutex of sending, for a message under way
 * writes down at its end who has the key.
 */
export const rotateGroupKey = async ({ authState: { creds, keys } }: BaileysSocket, group: string): Promise<void> => {
  const { me } = creds;
  if (!me) return;
  const own = [me.id, me.lid].flatMap((jid) => (jid ? senderKeyName(group, jid) : []));
  await keys.transaction(async () => {
    await keys.set({
      'sender-key-memory': { [group]: null },
      'sender-key': Object.fromEntries(own.map((name) => [name, null])),
    });
  }, me.id);
};

/** How Baileys files the key of a device in a group (its `libsignal.js`). */
const senderKeyName = (group: string, jid: string): string[] => {
  const { user, device, domainType } = jidDecode(jid) ?? {};
  if (!user) return [];
  return [`${group}::${domainType ? `${user}_${domainType}` : user}::${device ?? 0}`];
};
