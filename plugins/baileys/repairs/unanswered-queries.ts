import { AsyncLocalStorage } from 'node:async_hooks';
import type { BaileysSocket } from '../socket/socket.ts';

const TAG = 'TAG:';
/** The queries of the work that is under way, without an answer so far. */
const asked = new AsyncLocalStorage<Set<string>>();

/**
 * Does something with Baileys, and says whether WhatsApp answered everything that it asked. Baileys resolves a query with
 * nothing when its time is up, and much of what stands on it takes that for success.
 */
export const withAnswers = async <T>(
  { ws }: Pick<BaileysSocket, 'ws'>,
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly answered: boolean }> => {
  const left = new Set<string>();
  const answered = (tag: string) => () => void left.delete(tag);
  const listeners = new Map<string, () => void>();
  // Baileys waits for the answer to a query by listening for its tag.
  const note = (event: string | symbol): void => {
    if (typeof event !== 'string' || !event.startsWith(TAG) || asked.getStore() !== left || listeners.has(event))
      return;
    const listener = answered(event);
    listeners.set(event, listener);
    left.add(event);
    ws.on(event, listener);
  };
  ws.on('newListener', note);
  try {
    const value = await asked.run(left, work);
    return { value, answered: left.size === 0 };
  } finally {
    ws.off('newListener', note);
    for (const [event, listener] of listeners) ws.off(event, listener);
  }
};
