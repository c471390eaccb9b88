import { type AuthenticationCreds, jidDecode, jidNormalizedUser } from '@whiskeysockets/baileys';
import type { MeInfo } from 'waha-runtime';
import { chatIdOf } from '../messages/ids.ts';
import { isLinked } from './credential-codec.ts';

type Me = NonNullable<AuthenticationCreds['me']>;

/** What was made of Baileys' words last, for as long as they are the same: every event and every send asks. */
const made = new WeakMap<Me, { readonly of: Pick<Me, 'id' | 'lid' | 'name'>; readonly info: MeInfo }>();

/** Who these credentials belong to; null before linking. Baileys' `sock.user` does not follow changes, the credentials do. */
export const meOf = (creds: AuthenticationCreds): MeInfo | null => {
  const { me } = creds;
  if (!isLinked(creds) || !me) return null;
  const known = made.get(me);
  if (known && known.of.id === me.id && known.of.lid === me.lid && known.of.name === me.name) return known.info;
  const { id, lid, name } = me;
  const hidden = lid ? { lid: jidNormalizedUser(lid) } : {};
  const info: MeInfo = Object.freeze({ id: chatIdOf(id), ...hidden, jid: id, pushName: name ?? '' });
  made.set(me, { of: { id, ...(lid === undefined ? {} : { lid }), ...(name === undefined ? {} : { name }) }, info });
  return info;
};

/** Whether anything in it differs. */
export const isSameMe = (one: MeInfo | null, other: MeInfo | null): boolean =>
  one?.id === other?.id && one?.lid === other?.lid && one?.jid === other?.jid && one?.pushName === other?.pushName;

/**
 * Whether a jid is one of ours, whichever device. Numbers and hidden ids are two name spaces of digits: the same digits in
 * the other one are somebody else.
 */
export const isMe = (jid: string | null | undefined, me: Pick<Me, 'id' | 'lid'> | null | undefined): boolean => {
  const decoded = jidDecode(jid ?? undefined);
  if (!decoded || !me) return false;
  if (decoded.server === 'lid' || decoded.server === 'hosted.lid') return decoded.user === jidDecode(me.lid)?.user;
  const isNumber = ['s.whatsapp.net', 'c.us', 'hosted'].includes(decoded.server);
  return isNumber && decoded.user === jidDecode(me.id)?.user;
};
