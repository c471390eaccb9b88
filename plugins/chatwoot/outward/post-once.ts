import { type Clock, pause } from 'waha-runtime';
import { bareId, type MessageMap } from '../message-map.ts';
import type { ChatwootServer, NewMessage } from '../server/chatwoot-server.ts';
import type { Party } from '../server/contacts.ts';
import type { Conversations } from '../server/conversations.ts';
import { ServerAway, ServerRefused } from '../server/failures.ts';

interface Parts {
  readonly app: string;
  readonly server: ChatwootServer;
  readonly conversations: Conversations;
  readonly map: MessageMap;
  readonly clock: Clock;
}

/** A message for a chat, with the WhatsApp message that it stands for. */
export interface Post extends NewMessage {
  readonly whatsapp: string;
}

/** How long a server that did not answer in time has to finish what it was asked (ms). */
const lateGrace = 3_000;

/**
 * Posts a message once, whatever happens in between. That it is about to be posted is written down before; where nobody knows
 * whether it was, it is looked for by its `source_id`, which Chatwoot keeps and does not make unique.
 */
export class PostOnce {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Gives the conversation that it is in. */
  async post(party: Party, { whatsapp, ...message }: Post): Promise<number> {
    const { app, map } = this.#parts;
    const before = await map.get(app, message.sourceId);
    if (before?.chatwoot != null) return before.conversation;
    const found = before ? await this.#find(before.conversation, message.sourceId) : null;
    const row = { app, source: message.sourceId, whatsapp: bareId(whatsapp), full: whatsapp, direction: 'in' };
    if (before && found !== null) {
      await map.put({ ...row, conversation: before.conversation, chatwoot: found });
      return before.conversation;
    }
    return this.#postTo(party, row, message);
  }

  async #postTo(
    party: Party,
    row: { app: string; source: string; whatsapp: string; full: string; direction: string },
    message: NewMessage,
    isLastTry = false,
  ): Promise<number> {
    const { server, conversations, map, clock } = this.#parts;
    const conversation = await conversations.of(party);
    await map.put({ ...row, conversation, chatwoot: null });
    try {
      const chatwoot = await server.postMessage(conversation, message);
      await map.put({ ...row, conversation, chatwoot });
      return conversation;
    } catch (error) {
      if (error instanceof ServerAway && error.isLate) await pause(lateGrace, clock);
      conversations.forget(conversation);
      // The conversation, or the message that is answered, may be gone.
      if (!(error instanceof ServerRefused) || isLastTry) throw error;
      return this.#postTo(party, row, { ...message, replyTo: undefined }, true);
    }
  }

  async #find(conversation: number, sourceId: string): Promise<number | null> {
    try {
      return (await this.#parts.server.findMessage(conversation, sourceId))?.id ?? null;
    } catch (error) {
      if (error instanceof ServerRefused) return null;
      throw error;
    }
  }
}
