import { type BinaryNode, jidDecode } from '@whiskeysockets/baileys';
import type { AuthState } from '../credentials/auth-state.ts';
import type { BaileysSocket } from '../socket/socket.ts';

/**
 * Watches for signs of life of the account's own phone: a message that it wrote (or handed over, as keys and history), and a
 * receipt of its own, which it gives for what linked devices send. Both name their author, and the phone is device 0. Nothing
 * else tells a linked device of it: WhatsApp shows no presence of one's own, and what the server says of the account may come
 * from another linked device. `tell` gets the time that the stanza carries, at most once for each second of it.
 */
export const watchPhone = (
  sock: BaileysSocket,
  { creds }: Pick<AuthState, 'creds'>,
  now: () => number,
  tell: (seenAt: number) => void,
): void => {
  let last = 0;
  const look = ({ attrs }: BinaryNode): void => {
    if (!isOwnPhone(attrs['participant'] ?? attrs['from'], creds.me)) return;
    const seconds = Number(attrs['t']);
    const seenAt = Number.isSafeInteger(seconds) && seconds > 0 ? seconds * 1000 : now();
    if (seenAt <= last) return;
    last = seenAt;
    tell(seenAt);
  };
  sock.ws.on('CB:message', look);
  sock.ws.on('CB:receipt', look);
};

/** Whether a stanza's author is the phone of this account: its number or its hidden id, without a device. */
export const isOwnPhone = (author: string | undefined, me: { id: string; lid?: string } | undefined): boolean => {
  const decoded = jidDecode(author);
  if (!decoded || (decoded.device ?? 0) !== 0) return false;
  if (decoded.server === 'lid') return decoded.user === jidDecode(me?.lid)?.user;
  return decoded.server === 's.whatsapp.net' && decoded.user === jidDecode(me?.id)?.user;
};
