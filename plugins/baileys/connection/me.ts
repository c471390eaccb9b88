import { type AuthenticationCreds, jidNormalizedUser } from '@whiskeysockets/baileys';
import type { MeInfo } from 'waha-runtime';
import { isLinked } from '../credentials/credential-codec.ts';
import { chatIdOf } from '../ids.ts';

/** Who these credentials belong to; null before linking. Baileys' `sock.user` does not follow changes, the credentials do. */
export const meOf = (creds: AuthenticationCreds): MeInfo | null => {
  const { me } = creds;
  if (!isLinked(creds) || !me) return null;
  const lid = me.lid ? { lid: jidNormalizedUser(me.lid) } : {};
  return { id: chatIdOf(me.id), ...lid, jid: me.id, pushName: me.name ?? '' };
};

/** Whether anything in it differs. */
export const isSameMe = (one: MeInfo | null, other: MeInfo | null): boolean =>
  one?.id === other?.id && one?.lid === other?.lid && one?.jid === other?.jid && one?.pushName === other?.pushName;
