import { jidDecode } from '@whiskeysockets/baileys';
import type { AuthState } from './auth-state.ts';

type Known = Pick<AuthState, 'known'>;

/** The domain that Baileys gives hidden ids in the names of sessions (`WAJIDDomains`). */
const hiddenDomain = 1;

/**
 * Under which name the sessions with a device are stored: under the hidden id where one is known. Null where Baileys has to find
 * out. `ProtocolAddress.toString` of libsignal, with the domain that Baileys puts into names.
 */
export const sessionNameOf = (jid: string, auth: Known): string | null => {
  const { user, server, device = 0, domainType } = jidDecode(jid) ?? {};
  if (!user || device === 99) return null;
  if (server === 'lid') return `${user}_${domainType}.${device}`;
  if (server !== 's.whatsapp.net' || domainType) return null;
  const hidden = auth.known('lid-mapping', user);
  if (hidden === null) return `${user}.${device}`;
  return typeof hidden === 'string' && hidden !== '' ? `${hidden}_${hiddenDomain}.${device}` : null;
};

/** Under which name the key of a sender in a group is stored: `SenderKeyName.toString` of Baileys. */
export const senderNameOf = (group: string, author: string): string | null => {
  const { user, server, device = 0, domainType } = jidDecode(author) ?? {};
  if (!user || device === 99) return null;
  if (server === 'lid') return `${group}::${user}_${domainType}::${device}`;
  return server === 's.whatsapp.net' && !domainType ? `${group}::${user}::${device}` : null;
};
