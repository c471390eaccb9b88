import { jidNormalizedUser, proto, type WAMessageKey } from '@whiskeysockets/baileys';
import { isMany } from '../messages/ids.ts';
import type { BaileysSocket } from '../socket/socket.ts';

const { SET } = proto.SyncdMutation.SyncdOperation;

/**
 * Stars messages, or takes their stars away. Baileys stars the first of several, names no author where a group's message is
 * somebody else's, and files the star under `regular_low`; phones look for it under `regular_high` (docs/protocol.md, "History
 * and app state").
 */
export const starMessages = async (
  sock: Pick<BaileysSocket, 'appPatch'>,
  jid: string,
  keys: readonly WAMessageKey[],
  starred: boolean,
): Promise<void> => {
  for (const { id, fromMe, participant } of keys) {
    const author = isMany(jid) && !fromMe && participant ? jidNormalizedUser(participant) : '0';
    await sock.appPatch({
      syncAction: { starAction: { starred } },
      index: ['star', jid, id ?? '', fromMe ? '1' : '0', author],
      type: 'regular_high',
      apiVersion: 2,
      operation: SET,
    });
  }
};
