import type { EventEmitter } from 'node:events';
import type { BinaryNode } from '@whiskeysockets/baileys';

/** As many as Baileys asks for. */
const BATCH = 100;

/**
 * WhatsApp hands out what waited in batches, as many stanzas as it is asked for, and sends nothing new before all of it was
 * taken (docs/protocol.md, "What waited on the server"). Baileys asks for the first hundred and never again. Here the next
 * batch is asked for when one is complete, until the server says that it was all.
 */
export const askForAllThatWaited = (client: EventEmitter, send: (batch: BinaryNode) => Promise<unknown>): void => {
  let taken = 0;
  const count = (stanza: BinaryNode): void => {
    if (stanza.attrs?.['offline'] === undefined || ++taken % BATCH !== 0) return;
    const batch = { tag: 'offline_batch', attrs: { count: String(BATCH) } };
    // One that cannot be written belongs to a connection that ends.
    send({ tag: 'ib', attrs: {}, content: [batch] }).catch(() => undefined);
  };
  client.on('CB:ib,,offline_preview', () => {
    taken = 0;
    client.on('frame', count);
  });
  client.on('CB:ib,,offline', () => client.off('frame', count));
};
