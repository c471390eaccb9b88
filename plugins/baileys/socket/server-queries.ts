import { type BinaryNode, S_WHATSAPP_NET } from '@whiskeysockets/baileys';
import { isRuntimeError, unavailable } from 'waha-runtime';
import type { Requests } from './requests.ts';
import type { BaileysSocket } from './socket.ts';

/** Asks WhatsApp to remove this device, and waits for its word: Baileys' own `logout` does not. */
export const unlinkDevice = async (sock: BaileysSocket, jid: string, timeoutMs: number): Promise<void> => {
  const removal = { tag: 'remove-companion-device', attrs: { jid, reason: 'user_initiated' } };
  await askServer(sock, { xmlns: 'md', type: 'set' }, removal, timeoutMs);
};

/**
 * A ping that the server answers. Rejects without an answer. A connection that ends takes its pings along, before anybody
 * else hears of it; then this rejects after `ended` only, for the end says why.
 */
export const ping = async (requests: Requests, timeoutMs: number, ended: Promise<void>): Promise<void> => {
  const content = { tag: 'ping', attrs: {} };
  try {
    await requests.call('the ping', (sock) => askServer(sock, { xmlns: 'w:p', type: 'get' }, content, timeoutMs));
  } catch (error) {
    if (isRuntimeError(error, 'CONNECTION_LOST')) await ended;
    throw error;
  }
};

/**
 * Asks WhatsApp's server, and waits for its word: Baileys resolves with nothing when the time is up. Rejects with
 * `UNAVAILABLE` then, and as Baileys does when WhatsApp refuses.
 */
export const askServer = async (
  sock: BaileysSocket,
  attrs: Record<string, string>,
  content: BinaryNode | null,
  timeoutMs?: number,
): Promise<BinaryNode> => {
  const children = content ? [content] : [];
  return answered(
    await sock.query({ tag: 'iq', attrs: { to: S_WHATSAPP_NET, ...attrs }, content: children }, timeoutMs),
  );
};

/** The answer to a query; `UNAVAILABLE` without one. */
export const answered = (answer: BinaryNode | undefined): BinaryNode => {
  if (answer === undefined) throw unavailable('WhatsApp did not answer in time');
  return answer;
};
