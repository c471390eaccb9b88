import type { BinaryNode } from '@whiskeysockets/baileys';

/**
 * Baileys queues messages that waited on the server apart from live ones, which overtake them. Without the attribute
 * `offline` all go the same way; it decides about nothing but that queue and the type of the upsert, which we do not read.
 */
export const asLive = ({ attrs }: BinaryNode): void => {
  delete attrs.offline;
};
