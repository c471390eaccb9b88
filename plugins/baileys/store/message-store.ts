import { type WAMessage as RawMessage, updateMessageWithReaction, type WAMessageKey } from '@whiskeysockets/baileys';
import { type Log, sentence } from 'waha-runtime';
import type { LibraryMessage, LibraryNews, SessionHistory, SessionLibrary, StoredMessage } from 'waha-runtime/engine';
import { contentOf, kindOf } from '../messages/content.ts';
import { chatIdOf } from '../messages/ids.ts';
import { encoded, pairsIn, recall, storedMessage } from '../messages/stored-message.ts';

export interface MessageStoreOptions {
  readonly history: SessionHistory;
  /** Null: only the newest messages are remembered, for quotes, retries and read receipts. */
  readonly library: SessionLibrary | null;
  readonly log: Log;
  /** Whether the session's config filters a chat. */
  ignores(jid: string): boolean;
  /** Something is in this chat. */
  onChat(jid: string): void;
}

const REVOKED = 1;

/** What a session keeps of its messages. A store that fails loses no event: it is logged. */
export class MessageStore implements SessionHistory {
  readonly library: SessionLibrary | null;
  readonly #options: MessageStoreOptions;

  constructor(options: MessageStoreOptions) {
    this.#options = options;
    this.library = options.library;
  }

  remember(message: StoredMessage): Promise<void> {
    return this.#options.history.remember(message);
  }

  find(id: string): Promise<StoredMessage | null> {
    return this.#options.history.find(id);
  }

  newest(chatId: string, limit: number): Promise<StoredMessage[]> {
    return this.#options.history.newest(chatId, limit);
  }

  /** Keeps a message that came or is about to be sent. */
  async keep(raw: RawMessage, viaApi = false): Promise<void> {
    const stored = storedMessage(raw, viaApi);
    if (!stored) return;
    const { history, library, ignores, onChat } = this.#options;
    const chat = raw.key.remoteJid ?? '';
    const message = { ...stored, listed: stored.listed && !ignores(chat) };
    const work = library ? library.add(newsOf(raw, message)) : history.remember(message);
    await this.#logged(work, 'a message was not remembered', stored.id);
    if (message.listed) onChat(chat);
  }

  /** An edit, a revocation or a reaction changes what is read back of the message it is about. */
  async apply(raw: RawMessage): Promise<void> {
    const { library, onChat } = this.#options;
    if (raw.key.remoteJid) onChat(raw.key.remoteJid);
    const change = library && changeBy(raw);
    if (!library || !change) return;
    const { id, make } = change;
    await this.#logged(library.change({ id }, make), 'a stored message was not changed', id);
  }

  /** The message of this key goes: it was deleted on this account's devices. */
  async remove({ id, remoteJid }: WAMessageKey): Promise<void> {
    const { library } = this.#options;
    if (!library || !id || !remoteJid) return;
    const chatId = chatIdOf(remoteJid);
    const make = (message: LibraryMessage) => (message.chatId === chatId ? revoked(message) : null);
    await this.#logged(library.change({ id }, make), 'a stored message was not removed', id);
  }

  async starred({ id }: WAMessageKey, starred: boolean): Promise<void> {
    const { library } = this.#options;
    if (!library || !id) return;
    const make = (message: LibraryMessage) => ({ data: encoded({ ...recall(message), starred } as RawMessage) });
    await this.#logged(library.change({ id }, make), 'a stored message was not changed', id);
  }

  /** A step of one of our own messages. */
  acked(id: string, ack: number): Promise<void> {
    return this.learn({ acks: [{ id, ack }] });
  }

  /** Like `learn`, for a caller who has to know. */
  async put(news: LibraryNews): Promise<void> {
    await this.#options.library?.add(news);
  }

  /** Whatever else became known. */
  async learn(news: LibraryNews): Promise<void> {
    const { library } = this.#options;
    if (library) await this.#logged(library.add(news), 'the store did not take something in');
  }

  async #logged(work: Promise<void>, message: string, id?: string): Promise<void> {
    await work.catch((error) => this.#options.log.warn({ id, err: sentence(error) }, message));
  }
}

const newsOf = (raw: RawMessage, message: LibraryMessage): LibraryNews => {
  const { fromMe, participant, remoteJid } = raw.key;
  const author = participant || remoteJid;
  const named = !fromMe && raw.pushName && author ? [{ id: chatIdOf(author), pushName: raw.pushName }] : [];
  return { messages: [message], live: true, lids: pairsIn(raw), contacts: named };
};

type Make = (message: LibraryMessage) => Partial<Pick<LibraryMessage, 'data' | 'listed'>> | null;

const changeBy = (raw: RawMessage): { id: string; make: Make } | null => {
  const { protocolMessage, reactionMessage } = contentOf(raw);
  const id = protocolMessage?.key?.id ?? reactionMessage?.key?.id;
  if (!id) return null;
  const within =
    (make: Make): Make =>
    (message) =>
      isInChat(raw, message) ? make(message) : null;
  switch (kindOf(raw)) {
    case 'edited':
      return { id, make: within((message) => (isAuthor(raw, message) ? edited(message, raw) : null)) };
    case 'revoked':
      return { id, make: within((message) => (isAuthor(raw, message) || isGroup(message) ? revoked(message) : null)) };
    case 'reaction':
      return { id, make: within((message) => reacted(message, raw)) };
    default:
      return null;
  }
};

const edited = (message: LibraryMessage, by: RawMessage) => {
  const { editedMessage } = contentOf(by).protocolMessage ?? {};
  if (!editedMessage) return null;
  return {
    data: encoded({ ...recall(message), message: { editedMessage: { message: editedMessage } } } as RawMessage),
  };
};

/** Nothing of what it said stays. */
const revoked = (message: LibraryMessage) => ({
  listed: false,
  data: encoded({ ...recall(message), message: null, messageStubType: REVOKED } as RawMessage),
});

const reacted = (message: LibraryMessage, by: RawMessage) => {
  const raw = recall(message);
  updateMessageWithReaction(raw, { ...contentOf(by).reactionMessage, key: by.key });
  return { data: encoded(raw) };
};

const isGroup = ({ chatId }: LibraryMessage): boolean => chatId.endsWith('@g.us');

/** Ids are chosen by their senders: nobody changes what is in another chat. */
const isInChat = ({ key }: RawMessage, { chatId }: LibraryMessage): boolean =>
  [key.remoteJid, key.remoteJidAlt].some((jid) => jid && chatIdOf(jid) === chatId);

const isAuthor = ({ key }: RawMessage, { fromMe, participant }: LibraryMessage): boolean => {
  if ((key.fromMe === true) !== fromMe) return false;
  if (fromMe || participant === null) return true;
  return [key.participant, key.participantAlt].some((jid) => jid && chatIdOf(jid) === participant);
};
