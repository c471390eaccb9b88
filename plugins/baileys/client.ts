import type { Client, MeInfo } from 'waha-runtime';
import { BaileysMessages, type MessagesParts } from './messages.ts';
import { BaileysPresence } from './presence.ts';

/** What a session that is WORKING can do through this engine. */
export const baileysClient = (parts: MessagesParts & { me(): MeInfo | null }): Client => ({
  me: parts.me,
  messages: new BaileysMessages(parts),
  presence: new BaileysPresence(parts.outgoing),
});
