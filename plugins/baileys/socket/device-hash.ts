import { createHash } from 'node:crypto';
import { jidDecode } from '@whiskeysockets/baileys';

/**
 * WhatsApp's name for a set of devices, by their addresses: version 2, six bytes of SHA-256 over the sorted addresses, in base64
 * without padding (`phashV2` of WhatsApp Web, whatsmeow `participantListHashV2`).
 */
export const deviceHash = (jids: readonly string[]): string => {
  const hash = createHash('sha256').update(jids.map(hashed).sort().join('')).digest();
  return `2:${hash.subarray(0, 6).toString('base64').replaceAll('=', '')}`;
};

/** `user.agent:device@server`: an address with everything written out. */
const hashed = (jid: string): string => {
  const { user = '', device = 0, server = '' } = jidDecode(jid) ?? {};
  return `${user}.0:${device}@${server}`;
};
