import { jidDecode } from '@whiskeysockets/baileys';
import { badRequest, phoneDigits } from 'waha-runtime';
import { hiddenIdOf, numberBehind } from './hidden-ids.ts';

/** The server's own JID: an empty-user pair, which Baileys compares literally (docs/protocol.md, "Frames and stanzas"). */
export const SERVER = '@s.whatsapp.net';

/** A user JID taken apart. `number` is always the phone number in digits, also when the JID was a LID. */
export interface Address {
  readonly number: string;
  /** 0 is the phone itself, linked devices count from 1. */
  readonly device: number;
  readonly kind: 'pn' | 'lid';
}

/** `5511…[:device]@s.whatsapp.net`; device 0 is not written. */
export const pnJid = (number: string, device = 0): string => `${number}${device ? `:${device}` : ''}@s.whatsapp.net`;

/** `<hidden id>[:device]@lid`; device 0 is not written. */
export const lidJid = (number: string, device = 0): string => `${hiddenIdOf(number)}${device ? `:${device}` : ''}@lid`;

/** A user JID of the given kind. */
export const jidOf = (kind: Address['kind'], number: string, device = 0): string =>
  kind === 'lid' ? lidJid(number, device) : pnJid(number, device);

/** Takes a user JID apart; undefined for groups, broadcasts, newsletters, the server, LIDs that are not ours and what is no number of anybody (`0@s.whatsapp.net`). */
export function parseJid(jid: string | undefined): Address | undefined {
  const decoded = jidDecode(jid);
  if (!decoded?.user) return undefined;
  const device = decoded.device ?? 0;
  if (decoded.server === 's.whatsapp.net' || decoded.server === 'c.us') {
    return phoneDigits(decoded.user) === decoded.user ? { number: decoded.user, device, kind: 'pn' } : undefined;
  }
  const number = decoded.server === 'lid' ? numberBehind(decoded.user) : undefined;
  return number === undefined ? undefined : { number, device, kind: 'lid' };
}

/** A phone number in digits. Throws `BAD_REQUEST` when nothing is left that could be one. */
export function digitsOf(number: string): string {
  const digits = phoneDigits(number.split(/[@:]/, 1)[0] ?? '');
  if (digits === null) throw badRequest(`'${number}' is not a phone number`);
  return digits;
}
