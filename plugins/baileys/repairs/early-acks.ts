import type { AuthenticationCreds, BinaryNode } from '@whiskeysockets/baileys';
import type { BaileysSocket } from '../socket/socket.ts';

/**
 * Baileys takes the account's id for each ack (`sendMessageAck` in `messages-recv.js`) and fails before there is one, so what
 * WhatsApp tells a client that is not linked is never confirmed. A client that has asked for a pairing code has an id, and
 * Baileys confirms. Listeners of a notification's type come first: what they store is stored before it is confirmed.
 *
 * Whether Baileys can do it is tried before the websocket is open. To be called then, for a client that is not linked.
 */
export const confirmBeforeLinked = (sock: AckingSocket, creds: Pick<AuthenticationCreds, 'me'>): void => {
  let isUnable = true;
  if (!creds.me) void confirms(sock).then((itself) => (isUnable = !itself));
  sock.ws.on('CB:notification', ({ attrs }: BinaryNode) => {
    const { id, from, type } = attrs;
    if (!isUnable || creds.me || id === undefined || from === undefined) return;
    const ack = { id, to: from, class: 'notification', ...(type === undefined ? {} : { type }) };
    // The end of the connection: WhatsApp tells the next one.
    sock.sendNode({ tag: 'ack', attrs: ack }).catch(() => undefined);
  });
};

export type AckingSocket = Pick<BaileysSocket, 'ws' | 'sendNode' | 'sendMessageAck'>;

/** One that has no fault finds nothing missing but the connection. */
const confirms = ({ sendMessageAck }: AckingSocket): Promise<boolean> =>
  sendMessageAck({ tag: 'notification', attrs: {} }).then(
    () => true,
    (error) => !(error instanceof TypeError),
  );
