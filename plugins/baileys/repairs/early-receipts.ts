import type { BaileysSocket } from '../socket/socket.ts';
import type { ReceiptGate } from './receipt-gate.ts';

/**
 * Baileys writes the receipt of a message before it hands the message out: a crash in between would lose it. The returned
 * function is called at each decryption, and holds what is written until that message has been published.
 *
 * Messages are decrypted and handed out one at a time under Baileys' mutex. So when the next one is decrypted, or the mutex
 * is free again, the one before has been handed out, or waits in Baileys' buffer, which is emptied here.
 */
export const holdUntilPublished = (
  sock: BaileysSocket,
  gate: ReceiptGate,
  published: () => Promise<void>,
): (() => void) => {
  let held: number[] = [];
  let looking = false;
  const letGo = () => {
    if (held.length === 0) return;
    const done = held;
    held = [];
    sock.ev.flush();
    void published().then(() => {
      for (const hold of done) gate.release(hold);
    });
  };
  return () => {
    letGo();
    held.push(gate.holdForPublishing());
    if (looking) return;
    looking = true;
    void sock.messageMutex
      .mutex(async () => undefined)
      .then(() => {
        looking = false;
        letGo();
      });
  };
};
