import { randomBytes } from 'node:crypto';
import { getBinaryNodeChild } from '@whiskeysockets/baileys';
import type { AuthState } from '../credentials/auth-state.ts';
import type { BaileysSocket } from '../socket/socket.ts';
import { onServerNotice } from './server-notices.ts';

/** Two names of one thing. A notification with neither means something else. */
const children = ['companion_reg_refresh', 'pair-device-rotate-qr'];

/**
 * Makes a new secret when WhatsApp retires the one in the QR codes, as it often does after the first scan: the phone then says
 * that it could not link, and links when it scans the same code with the new secret (docs/protocol.md, "QR refresh").
 */
export const watchQrRefresh = (
  sock: BaileysSocket,
  auth: Pick<AuthState, 'creds' | 'linked'>,
  /** Shows the codes anew, at once or when nothing depends on the old secret. */
  renew: (make: () => string) => void,
): void => {
  onServerNotice(sock, auth, 'companion_reg_refresh', (stanza) => {
    if (!children.some((tag) => getBinaryNodeChild(stanza, tag))) return;
    renew(() => {
      auth.creds.advSecretKey = randomBytes(32).toString('base64');
      return auth.creds.advSecretKey;
    });
  });
};
