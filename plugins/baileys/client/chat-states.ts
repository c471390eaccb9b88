import type { proto } from '@whiskeysockets/baileys';
import { badRequest, type ChatStates } from 'waha-runtime';
import type { ChatArchivePayload } from 'waha-runtime/engine';
import type { PhoneNumbers } from '../identity/phone-numbers.ts';
import { chatIdOf, jidOf } from '../messages/ids.ts';
import { recall } from '../messages/stored-message.ts';
import type { Requests } from '../socket/requests.ts';
import type { MessageStore } from '../store/message-store.ts';
import { changeAppState } from './app-state.ts';

export interface ChatStatesOptions {
  readonly requests: Requests;
  readonly messageStore: MessageStore;
  readonly numbers: Pick<PhoneNumbers, 'jidOf'>;
  readonly now: () => number;
  /** A chat went into the archive or came out of it, by our doing. */
  archived(payload: ChatArchivePayload): Promise<void>;
}

/** Archives chats and marks them, on the phone and all linked devices. */
export class BaileysChatStates implements ChatStates {
  readonly #options: ChatStatesOptions;

  constructor(options: ChatStatesOptions) {
    this.#options = options;
  }

  async archive(chatId: string, archived: boolean): Promise<void> {
    const jid = await this.#chatOf(chatId);
    const lastMessages = await this.#range(jid);
    const { requests, messageStore, now } = this.#options;
    await changeAppState(requests, 'the change of the archive', (sock) =>
      sock.chatModify({ archive: archived, lastMessages }, jid),
    );
    const id = chatIdOf(jid);
    await messageStore.chatsChanged([{ id, archived }]);
    await this.#options.archived({ id, archived, timestamp: Math.floor(now() / 1000) });
  }

  async markUnread(chatId: string): Promise<void> {
    const jid = await this.#chatOf(chatId);
    const lastMessages = await this.#range(jid);
    const { requests, messageStore } = this.#options;
    await changeAppState(requests, 'the mark', (sock) => sock.chatModify({ markRead: false, lastMessages }, jid));
    await messageStore.chatsChanged([{ id: chatIdOf(jid), unread: -1 }]);
  }

  /** The jid under which the phone has the chat. */
  async #chatOf(chatId: string): Promise<string> {
    const jid = await this.#options.numbers.jidOf(chatId);
    if (!/@(s\.whatsapp\.net|lid|g\.us)$/.test(jid)) throw badRequest('chatId must be a person or a group');
    return jidOf(await this.#options.messageStore.nameOf(chatIdOf(jid)));
  }

  /**
   * Up to where the change holds: everything so far. A message that comes later undoes it where the account's settings say
   * so. The newest message that is known goes along, as WhatsApp's own clients do it.
   */
  async #range(jid: string): Promise<proto.SyncActionValue.ISyncActionMessageRange> {
    const [newest] = await this.#options.messageStore.newest(chatIdOf(jid), 1);
    const lastMessageTimestamp = Math.floor(this.#options.now() / 1000);
    if (!newest) return { lastMessageTimestamp };
    const { key } = recall(newest);
    return { lastMessageTimestamp, messages: [{ key: { ...key, remoteJid: jid }, timestamp: newest.timestamp }] };
  }
}
