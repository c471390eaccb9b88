import type { EventEmitter } from 'node:events';
import type { BinaryNode } from '@whiskeysockets/baileys';
import { asLive } from './offline-queue.ts';

/** Stanzas whose handling ends in a receipt or an ack, and in an event. */
const handled = new Set<string | symbol>(['CB:message', 'CB:receipt', 'CB:notification', 'CB:call']);

type Listener = (...args: unknown[]) => unknown;

/**
 * Baileys listens with asynchronous functions whose rejections nobody catches: one would end the process. Here they go to
 * `onError`, and `handling` has the stanzas that are being handled, so that the end of a connection can wait for them. `onMessage` is called when
 * a message has been handled.
 */
export const catchRejections = (
  client: EventEmitter,
  handling: Set<Promise<unknown>>,
  onError: (event: string, error: unknown) => void,
  onMessage: (stanza: BinaryNode) => void = () => undefined,
): void => {
  for (const event of client.eventNames()) {
    const listeners = client.listeners(event) as Listener[];
    client.removeAllListeners(event);
    for (const listener of listeners) {
      client.on(event, (...args: unknown[]) => {
        if (event === 'CB:message') asLive(args[0] as BinaryNode);
        const result = listener(...args);
        if (!(result instanceof Promise)) return;
        const caught = result.catch((error) => onError(String(event), error));
        if (!handled.has(event)) return;
        handling.add(caught);
        void caught.then(() => {
          handling.delete(caught);
          if (event === 'CB:message') onMessage(args[0] as BinaryNode);
        });
      });
    }
  }
};
