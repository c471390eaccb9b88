import type { BinaryNode } from '@whiskeysockets/baileys';
import { getBinaryNodeChild } from '@whiskeysockets/baileys';
import { unavailable, whatsAppRefused } from 'waha-runtime';
import type { Pairing, PairingCode } from 'waha-runtime/engine';
import { digitsOf } from '../messages/ids.ts';
import type { Requests } from '../socket/requests.ts';
import type { BaileysSocket } from '../socket/socket.ts';

/** How long WhatsApp takes a code. */
const LIFETIME_MS = 180_000;
const ACCEPTED = 'CB:iq,type:result,link_code_companion_reg';
const REFUSED = 'CB:iq,type:error';

export interface PairingOptions {
  readonly requests: Requests;
  readonly timeoutMs: number;
  readonly now: () => number;
}

/** Linking by a code that is typed into the phone. */
export const pairingOf = ({ requests, timeoutMs, now }: PairingOptions): Pairing => ({
  async requestCode(phoneNumber): Promise<PairingCode> {
    const digits = digitsOf(phoneNumber);
    const code = await requests.call('the pairing code', async (sock) => {
      const taken = answer(sock, timeoutMs);
      const requested = sock.requestPairingCode(digits);
      requested.catch(() => taken.cancel());
      const [made] = await Promise.all([requested, taken.promise]);
      return made;
    });
    return { code: `${code.slice(0, 4)}-${code.slice(4)}`, expiresAt: now() + LIFETIME_MS };
  },
});

/** Baileys does not wait for the server's word on a code; without it the user would type one that nobody knows. */
const answer = (sock: BaileysSocket, timeoutMs: number): { promise: Promise<void>; cancel(): void } => {
  let cancel: () => void = () => undefined;
  const promise = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(
      () => finish(() => reject(unavailable(`WhatsApp did not answer within ${timeoutMs} ms`))),
      timeoutMs,
    );
    const accepted = () => finish(resolve);
    const refused = (stanza: BinaryNode) => {
      const error = getBinaryNodeChild(stanza, 'error');
      finish(() => reject(whatsAppRefused('the pairing code', error?.attrs['code'])));
    };
    // The end of the connection: whoever asked was told already.
    const gone = () => finish(resolve);
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      sock.ws.off(ACCEPTED, accepted);
      sock.ws.off(REFUSED, refused);
      sock.ws.off('error', gone);
      settle();
    };
    cancel = () => finish(resolve);
    sock.ws.on(ACCEPTED, accepted);
    sock.ws.on(REFUSED, refused);
    sock.ws.on('error', gone);
  });
  promise.catch(() => undefined);
  return { promise, cancel };
};
