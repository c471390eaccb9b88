import { type BinaryNode, getBinaryNodeChild } from '@whiskeysockets/baileys';
import type { BaileysSocket } from '../socket/socket.ts';

/**
 * WhatsApp says that what we know of groups is out of date: we were away for too long. Baileys asks for all of them and keeps
 * nothing of the answer. Here the word is taken out of its sight, and `refresh` asks once.
 */
export const takeDirtyGroups = (sock: BaileysSocket, refresh: () => Promise<void>): void => {
  sock.ws.prependListener('CB:ib,,dirty', (stanza: BinaryNode) => {
    const dirty = getBinaryNodeChild(stanza, 'dirty');
    if (dirty?.attrs['type'] !== 'groups') return;
    dirty.attrs['type'] = 'groups-taken';
    refresh()
      .then(() => sock.cleanDirtyBits('groups'))
      .catch(() => undefined);
  });
};
