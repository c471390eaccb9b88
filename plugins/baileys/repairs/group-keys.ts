import { ownSenderKeyNames } from '../credentials/sender-key-names.ts';
import type { BaileysSocket } from '../socket/socket.ts';

/**
 * Whoever is removed from a group could read on: Baileys keeps writing with the key that they have. So ours is thrown away, and
 * the next message makes a new one and hands it to those who are left. Under the mutex of sending, for a message under way
 * writes down at its end who has the key.
 */
export const rotateGroupKey = async ({ authState: { creds, keys } }: BaileysSocket, group: string): Promise<void> => {
  const { me } = creds;
  if (!me) return;
  const own = ownSenderKeyNames(me, group);
  await keys.transaction(async () => {
    await keys.set({
      'sender-key-memory': { [group]: null },
      'sender-key': Object.fromEntries(own.map((name) => [name, null])),
    });
  }, me.id);
};
