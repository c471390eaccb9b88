import { type BinaryNode, S_WHATSAPP_NET } from '@whiskeysockets/baileys';
import type { AuthState } from '../credentials/auth-state.ts';
import type { BaileysSocket } from '../socket/socket.ts';

/** What the server itself says to a client that is not linked: `handle` gets notifications of one type, from nobody else. */
export const onServerNotice = (
  sock: BaileysSocket,
  auth: Pick<AuthState, 'linked'>,
  type: string,
  handle: (stanza: BinaryNode) => void,
): void => {
  sock.ws.on(`CB:notification,type:${type}`, (stanza: BinaryNode) => {
    if (stanza.attrs['from'] === S_WHATSAPP_NET && !auth.linked) handle(stanza);
  });
};
