import { type BinaryNode, S_WHATSAPP_NET } from '@whiskeysockets/baileys';
import { unavailable } from 'waha-runtime';
import type { BaileysSocket } from './socket-options.ts';

/** Asks WhatsApp to remove this device, and waits for its word: Baileys' own `logout` does not. */
export const unlinkDevice = async (sock: BaileysSocket, jid: string, timeoutMs: number): Promise<void> => {
  const removal = { tag: 'remove-companion-device', attrs: { jid, reason: 'user_initiated' } };
  await ask(sock, { xmlns: 'md', type: 'set' }, removal, timeoutMs);
};

/** A ping that the server answers. Rejects without an answer. */
export const ping = async (sock: BaileysSocket, timeoutMs: number): Promise<void> => {
  await ask(sock, { xmlns: 'w:p', type: 'get' }, { tag: 'ping', attrs: {} }, timeoutMs);
};

const ask = async (
  sock: BaileysSocket,
  attrs: Record<string, string>,
  content: BinaryNode,
  timeoutMs: number,
): Promise<void> => {
  const iq = { tag: 'iq', attrs: { to: S_WHATSAPP_NET, ...attrs }, content: [content] };
  // Baileys resolves with nothing when the time is up.
  const answer: unknown = await sock.query(iq, timeoutMs);
  if (answer === undefined) throw unavailable(`WhatsApp did not answer within ${timeoutMs} ms`);
};
