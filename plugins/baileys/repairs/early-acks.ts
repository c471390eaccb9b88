import type { AuthenticationCreds, BinaryNode } from '@whiskeysockets/baileys';
import type { BaileysSocket } from '../socket/socket.ts';

/**
 * Baileys takes the account's id for each ack (`sendMessageAck` in `messages-recv.js`) and fails before there is one, so what
 * WhatsApp tells a client that is not linked is never confirmed. A client that has asked for a pairing code has an id, and
 * Baileys confirms. Listeners of a notification's type come first: what they store is stored before it is confirmed.
 */
export const confirmBeforeLinked = (sock: BaileysSocket, creds: AuthenticationCreds): void => {
  sock.ws.on('CB:notification', ({ attrs }: BinaryNode) => {
    const { id, from, type } = attrs;
    if (creds.me || id === undefined || from === undefined) return;
    const ack = { id, to: from, class: 'notification', ...(type === undefined ? {} : { type }) };
    // The end of the connection: WhatsApp tells the next one.
    sock.sendNode({ tag: 'ack', attrs: ack }).catch(() => undefined);
  });
};
