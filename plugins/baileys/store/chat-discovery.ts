import { isJidGroup } from '@whiskeysockets/baileys';
import { type Log, sentence } from 'waha-runtime';
import type { LidMappings } from '../identity/lid-mappings.ts';
import { chatIdOf } from '../messages/ids.ts';
import { pairOf } from '../messages/stored-message.ts';
import { Recent } from '../recent.ts';
import type { BaileysSocket } from '../socket/socket.ts';
import type { MessageStore } from './message-store.ts';

const CHATS = 2000;

export interface ChatDiscoveryOptions {
  readonly sock: BaileysSocket;
  readonly messageStore: MessageStore;
  readonly names: LidMappings;
  readonly log: Log;
}

/** Finds out who a chat is with, once in a connection: the other name of a person, the subject of a group. */
export class ChatDiscovery {
  readonly #options: ChatDiscoveryOptions;
  readonly #known = new Recent<true>(CHATS);

  constructor(options: ChatDiscoveryOptions) {
    this.#options = options;
  }

  /** There is something in this chat. */
  chat(jid: string): void {
    const { messageStore, log } = this.#options;
    if (!messageStore.library || this.#known.has(jid)) return;
    const asked = isJidGroup(jid) ? this.#group(jid) : this.#person(jid);
    asked.catch((error) => log.debug({ err: sentence(error) }, 'nothing was found out about a chat'));
  }

  /** The first message to somebody comes before WhatsApp has said who it is, so it is asked again at the next. */
  async #person(jid: string): Promise<void> {
    const { messageStore, names } = this.#options;
    const lids = pairOf(jid, await names.of(jid));
    if (lids.length === 0) return;
    this.#known.set(jid, true);
    await messageStore.learn({ lids });
  }

  async #group(jid: string): Promise<void> {
    const { messageStore, sock } = this.#options;
    this.#known.set(jid, true);
    const id = chatIdOf(jid);
    const [chat] = (await messageStore.library?.chats({ ids: [id] })) ?? [];
    if (chat?.name) return;
    const { subject } = await sock.groupMetadata(jid);
    if (subject) await messageStore.learn({ chats: [{ id, name: subject }] });
  }
}
