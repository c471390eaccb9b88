import type { ChatUpdate } from '@whiskeysockets/baileys';
import type { ChatArchivePayload } from 'waha-runtime/engine';
import type { People } from '../identity/people.ts';
import type { PersonIdentity } from '../messages/identity.ts';
import { chatIdOf } from '../messages/ids.ts';
import { Recent } from '../recent.ts';
import type { BaileysSocket } from '../socket/socket.ts';
import type { Fact } from './event-queue.ts';
import type { Publisher } from './publisher.ts';

const KEPT = 5000;

export interface ArchiveOptions {
  readonly publisher: Publisher;
  readonly people: Pick<People, 'of'>;
  readonly now: () => number;
  tell(fact: Fact): void;
}

/** Chats that go into the archive and come out of it, on the phone, on another device or by our doing. */
export class Archive {
  readonly #options: ArchiveOptions;
  readonly #archived = new Recent<boolean>(KEPT);

  constructor({ ev }: Pick<BaileysSocket, 'ev'>, options: ArchiveOptions) {
    this.#options = options;
    ev.on('chats.update', (updates) => {
      for (const update of updates) this.#hear(update);
    });
  }

  /** Changed from here. */
  async changed(payload: ChatArchivePayload): Promise<void> {
    this.#archived.set(payload.id, payload.archived);
    await this.#publish(payload, await this.#options.people.of(payload.id));
  }

  #hear({ id, archived, conversationTimestamp, conditional }: ChatUpdate): void {
    if (!id || archived == null) return;
    const chatId = chatIdOf(id);
    const known = this.#archived.get(chatId);
    // With "keep chats archived" off, Baileys says at each message that the chat is not archived.
    const isAside = conversationTimestamp != null && !archived;
    if (known === archived || (isAside && known === undefined)) return;
    this.#archived.set(chatId, archived);
    // The first sync tells how things have been for long.
    if (conditional) return;
    const { people, now, tell } = this.#options;
    const payload = { id: chatId, archived, timestamp: Math.floor(now() / 1000) };
    let who: PersonIdentity | null = null;
    const look = async (): Promise<void> => {
      who = await people.of(chatId);
    };
    tell({ prepared: look(), publish: () => this.#publish(payload, who) });
  }
  #publish({ id, ...state }: ChatArchivePayload, identity: PersonIdentity | null): Promise<void> {
    const payload = { id, ...(identity ? { identity } : {}), ...state };
    return this.#options.publisher.publish('chat.archive', payload, {});
  }
}
