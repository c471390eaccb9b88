import type { proto } from '@whiskeysockets/baileys';
import { badRequest, type ChatStates } from 'waha-runtime';
import type { ChatArchivePayload } from 'waha-runtime/engine';
import { chatIdOf, jidOf } from '../ids.ts';
import type { Memory } from '../store/memory.ts';
import { recall } from '../store/stored-message.ts';
import { changeAppState } from './app-state.ts';
import type { Outgoing } from './outgoing.ts';

export interface ChatStatesParts {
  readonly outgoing: Outgoing;
  readonly history: Memory;
  readonly now: () => number;
  /** A chat went into the archive or came out of it, by our doing. */
  archived(payload: ChatArchivePayload): Promise<void>;
}

/** Archives chats and marks them, on the phone and all linked devices. */
export class BaileysChatStates implements ChatStates {
  readonly #parts: ChatStatesParts;

  constructor(parts: ChatStatesParts) {
    this.#parts = parts;
  }

  async archive(chatId: string, archived: boolean): Promise<void> {
    const jid = chatOf(chatId);
    const lastMessages = await this.#range(jid);
    const { outgoing, history, now } = this.#parts;
    await changeAppState(outgoing, 'the change of the archive', (sock) =>
      sock.chatModify({ archive: archived, lastMessages }, jid),
    );
    const id = chatIdOf(jid);
    await history.learn({ chats: [{ id, archived }] });
    await this.#parts.archived({ id, archived, timestamp: Math.floor(now() / 1000) });
  }

  async markUnread(chatId: string): Promise<void> {
    const jid = chatOf(chatId);
    const lastMessages = await this.#range(jid);
    const { outgoing, history } = this.#parts;
    await changeAppState(outgoing, 'the mark', (sock) => sock.chatModify({ markRead: false, lastMessages }, jid));
    await history.learn({ chats: [{ id: chatIdOf(jid), unread: -1 }] });
  }

  /**
   * Up to where the change holds: everything so far. A message that comes later undoes it where the account's settings say
   * so. The newest message that is known goes along, as WhatsApp's own clients do it.
   */
  async #range(jid: string): Promise<proto.SyncActionValue.ISyncActionMessageRange> {
    const [newest] = await this.#parts.history.newest(chatIdOf(jid), 1);
    const lastMessageTimestamp = Math.floor(this.#parts.now() / 1000);
    if (!newest) return { lastMessageTimestamp };
    const { key } = recall(newest);
    return { lastMessageTimestamp, messages: [{ key: { ...key, remoteJid: jid }, timestamp: newest.timestamp }] };
  }
}

const chatOf = (chatId: string): string => {
  const jid = jidOf(chatId);
  if (!/@(s\.whatsapp\.net|lid|g\.us)$/.test(jid)) throw badRequest('chatId must be a person or a group');
  return jid;
};
