import type { proto, SignalKeyStoreWithTransaction } from '@whiskeysockets/baileys';
import { jidNormalizedUser } from '@whiskeysockets/baileys';
import { buildMergedTcTokenIndexWrite } from '@whiskeysockets/baileys/lib/Utils/tc-token-utils.js';
import { numberOf } from '../../json-safe.ts';

/**
 * Keeps the tokens by which people let us write to them, as Baileys does when it reads a history itself: filed under the
 * hidden id where that is known, and never an older one over a newer one.
 */
export const keepTokens = async (
  chats: readonly proto.IConversation[],
  keys: SignalKeyStoreWithTransaction,
): Promise<void> => {
  const found = new Map<string, { token: Buffer; timestamp: number; sent: number }>();
  for (const { id, lidJid, tcToken, tcTokenTimestamp, tcTokenSenderTimestamp } of chats) {
    const timestamp = numberOf(tcTokenTimestamp);
    if (!id || !tcToken?.length || timestamp === 0) continue;
    const place = jidNormalizedUser(lidJid || id);
    found.set(place, { token: Buffer.from(tcToken), timestamp, sent: numberOf(tcTokenSenderTimestamp) });
  }
  if (found.size === 0) return;
  const known = await keys.get('tctoken', [...found.keys()]);
  const entries = [...found].flatMap(([place, { token, timestamp, sent }]) => {
    if (Number(known[place]?.timestamp ?? 0) >= timestamp) return [];
    const value = { ...known[place], token, timestamp: String(timestamp), ...(sent ? { senderTimestamp: sent } : {}) };
    return [[place, value] as const];
  });
  if (entries.length === 0) return;
  const added = entries.map(([place]) => place);
  const index = await buildMergedTcTokenIndexWrite(keys, added);
  await keys.set({ tctoken: { ...Object.fromEntries(entries), ...index } });
};
