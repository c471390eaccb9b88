import type { WAMessageKey } from '@whiskeysockets/baileys';
import { badRequest } from 'waha-runtime';
import type { SendSeen, StoredMessage } from 'waha-runtime/engine';
import type { PhoneNumbers } from '../identity/phone-numbers.ts';
import { chatIdOf, isMany, jidOf, readMessageId } from '../messages/ids.ts';
import { Recent } from '../recent.ts';
import type { Requests } from '../socket/requests.ts';
import type { MessageStore } from '../store/message-store.ts';

const NEWEST = 30;
const KEPT = 1000;

export interface SeenOptions {
  readonly requests: Requests;
  readonly messageStore: MessageStore;
  readonly numbers: Pick<PhoneNumbers, 'jidOf'>;
}

/** Marks messages as read. */
export class Seen {
  readonly #requests: Requests;
  readonly #messageStore: MessageStore;
  readonly #numbers: Pick<PhoneNumbers, 'jidOf'>;
  readonly #marked = new Recent<true>(KEPT);

  constructor({ requests, messageStore, numbers }: SeenOptions) {
    this.#numbers = numbers;
    this.#requests = requests;
    this.#messageStore = messageStore;
  }

  async send(seen: SendSeen): Promise<void> {
    const jid = await this.#numbers.jidOf(seen.chatId);
    const keys = seen.messageIds?.length ? await this.#named(jid, seen) : await this.#newest(jid);
    if (keys.length === 0) return;
    await this.#mark(keys);
  }

  async #mark(keys: WAMessageKey[]): Promise<void> {
    await this.#requests.call('the read receipt', (sock) => sock.readMessages(keys));
    for (const { id } of keys) if (id) this.#marked.set(id, true);
    const chats = new Set(keys.flatMap(({ remoteJid }) => (remoteJid ? [chatIdOf(remoteJid)] : [])));
    await this.#messageStore.chatsChanged([...chats].map((id) => ({ id, unread: 0 })));
  }

  /** Marks the newest messages of others that came since then (s), and gives their ids. */
  async markNewest(chatId: string, limit: number, since: number): Promise<StoredMessage[]> {
    const jid = await this.#numbers.jidOf(chatId);
    const found = (await this.#stored(jid, limit)).filter(({ timestamp }) => timestamp >= since);
    const newest = found.sort((a, b) => b.timestamp - a.timestamp).slice(0, limit);
    if (newest.length > 0) await this.#mark(newest.map(keyOf));
    return newest;
  }

  async #named(jid: string, { messageIds = [], participant }: SendSeen): Promise<WAMessageKey[]> {
    const author = participant === undefined ? undefined : jidOf(participant, 'participant');
    return Promise.all(
      messageIds.map(async (text, index) => {
        const ref = readMessageId(text, `messageIds[${index}]`);
        const stored = await this.#messageStore.find(ref.id);
        if (stored) return keyOf(stored);
        const by = author ?? (ref.participant && jidOf(ref.participant));
        if (isMany(jid) && !by) throw badRequest('participant is needed to mark messages of a group');
        return { remoteJid: jid, id: ref.id, fromMe: false, ...(by ? { participant: by } : {}) };
      }),
    );
  }

  async #newest(jid: string): Promise<WAMessageKey[]> {
    return (await this.#stored(jid, NEWEST)).map(keyOf);
  }

  async #stored(jid: string, limit: number): Promise<StoredMessage[]> {
    const found = await this.#messageStore.newest(chatIdOf(jid), limit);
    return found.filter(({ id, fromMe }) => !fromMe && !this.#marked.has(id));
  }
}

const keyOf = ({ chatId, id, participant }: StoredMessage): WAMessageKey => ({
  remoteJid: jidOf(chatId),
  id,
  fromMe: false,
  ...(participant ? { participant: jidOf(participant) } : {}),
});
