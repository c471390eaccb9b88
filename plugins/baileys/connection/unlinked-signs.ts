import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildren, jidDecode } from '@whiskeysockets/baileys';
import type { AuthState } from '../credentials/auth-state.ts';
import type { BaileysSocket } from '../socket/socket.ts';
import type { Verdict } from './disconnect.ts';
import { isOwnPhone } from './phone-signs.ts';

type Me = AuthState['creds']['me'];

/**
 * Watches for what tells a device that it is not linked any more before the server refuses it, as WhatsApp Web does: the
 * account's phone has registered anew, or the account's list of devices is without this one. Baileys reads neither.
 */
export const watchUnlinking = (
  sock: BaileysSocket,
  { creds }: Pick<AuthState, 'creds'>,
  end: (verdict: Verdict) => void,
): void => {
  sock.ws.on('CB:notification,type:encrypt', (stanza: BinaryNode) => {
    if (!getBinaryNodeChild(stanza, 'identity') || !isOwnPhone(stanza.attrs['from'], creds.me)) return;
    end({ reason: 'logged_out', message: 'the phone has registered anew: its devices are not linked any more' });
  });
  sock.ws.on('CB:notification,type:account_sync', (stanza: BinaryNode) => {
    const devices = getBinaryNodeChildren(getBinaryNodeChild(stanza, 'devices'), 'device');
    if (!isWithout(devices, creds.me)) return;
    end({ reason: 'device_removed', message: 'the list of the devices of the account is without this one' });
  });
};

/** A list without the phone itself is none. */
const isWithout = (devices: readonly BinaryNode[], me: Me): boolean => {
  const own = jidDecode(me?.id)?.device;
  const users = [jidDecode(me?.id)?.user, jidDecode(me?.lid)?.user];
  if (own === undefined) return false;
  const ids = devices.flatMap(({ attrs }) => {
    const decoded = jidDecode(attrs['jid']);
    return decoded && users.includes(decoded.user) ? [decoded.device ?? 0] : [];
  });
  return ids.includes(0) && !ids.includes(own);
};
