import type { WAMessage as RawMessage, WAMessageKey } from '@whiskeysockets/baileys';
import { type Log, sentence } from 'waha-runtime';
import type { LibraryMessage, LibraryNews, SessionHistory, SessionLibrary, StoredMessage } from 'waha-runtime/engine';
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
  /** A chat or person under all names, in WAHA's form. */
  idsOf(jids: readonly (string | null | undefined)[]): Promise<string[]>;
}

const REVOKED = 1;

/** What a session keeps of its messages. A store that fails loses no event: it is logged. */
export class MessageStore implements SessionHistory {
  readonly library: SessionLibrary | null;
  readonly #options: MessageStoreOptions;
  /** What is being written, by message id: whoever looks for a message waits for it. */
  readonly #writing = new Map<string, Promise<void>>();

  constructor(options: MessageStoreOptions) {
    this.#options = options;
    this.library = options.library;
  }

  remember(message: StoredMessage): Promise<void> {
    return this.#options.history.remember(message);
  }

  async find(id: string): Promise<StoredMessage | null> {
    await this.#writing.get(id);
    return this.#options.history.find(id);
  }

  /** Of others, under both names of a person, newest first. */
  async newest(chatId: string, limit: number): Promise<StoredMessage[]> {
    const { history, idsOf } = this.#options;
    const names = await idsOf([chatId]);
    if (names.length < 2) return history.newest(chatId, limit);
    const found = (await Promise.all(names.map((name) => history.newest(name, limit)))).flat();
    return found.sort((one, other) => other.timestamp - one.timestamp).slice(0, limit);
  }

  /**
   * The name that a chat goes by on the phone, which looks for changes of it under that one: others write in it under the same.
   * What was sent from here says nothing, for the sender chose the name.
   */
  async nameOf(chatId: string): Promise<string> {
    const names = await this.#options.idsOf([chatId]);
    if (names.length < 2) return chatId;
    const [heard] = await this.newest(chatId, 1);
    if (heard) return heard.chatId;
    const chats = await this.library?.chats({ ids: names, sortBy: 'timestamp', descending: true, limit: 1 });
    return chats?.[0]?.id ?? chatId;
  }

  /** Keeps a message that came or is about to be sent. */
  async keep(raw: RawMessage, viaApi = false): Promise<void> {
    const stored = storedMessage(raw, viaApi);
    if (!stored) return;
    const { history, library, ignores, onChat } = this.#options;
    const chat = raw.key.remoteJid ?? '';
    const message = { ...stored, listed: stored.listed && !ignores(chat) };
    const write = () => (library ? library.add(newsOf(raw, message)) : history.remember(message));
    const work = this.#write(stored.id, write, 'a message was not remembered');
    if (message.listed) onChat(chat);
    await work;
  }

  /** Something is said in this chat about a message of it. */
  touched(chat: string | null | undefined): void {
    if (chat) this.#options.onChat(chat);
  }

  /** An edit, a revocation or a reaction changes what is remembered of the message it is about, with a library or without. */
  change({ id, chatId, fromMe }: StoredMessage, make: Make): Promise<void> {
    const { history, library } = this.#options;
    const isIt = (found: StoredMessage) => found.chatId === chatId && found.fromMe === fromMe;
    const write = async (): Promise<void> => {
      if (library) return library.change({ id }, (found) => (isIt(found) ? changed(found, make) : null));
      const found = await history.find(id);
      const made = found && isIt(found) ? make(found) : null;
      if (found && made) await history.remember({ ...found, data: encoded(made.raw), listed: made.listed });
    };
    return this.#write(id, write, 'a remembered message was not changed');
  }

  /** The message of this key goes: it was deleted on this account's devices. */
  async remove({ id, remoteJid }: WAMessageKey): Promise<void> {
    if (!id || !remoteJid) return;
    const stored = await this.find(id).catch(() => null);
    if (!stored || !(await this.#options.idsOf([remoteJid])).includes(stored.chatId)) return;
    await this.change(stored, (message) => ({
      raw: { ...recall(message), message: null, messageStubType: REVOKED } as RawMessage,
      listed: false,
    }));
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

  /** What became of chats today, under whichever of their names. */
  chatsChanged(chats: NonNullable<LibraryNews['chats']>): Promise<void> {
    return this.learn({ chats, live: true });
  }

  /** Whatever else became known. */
  async learn(news: LibraryNews): Promise<void> {
    const { library } = this.#options;
    if (library) await this.#logged(library.add(news), 'the store did not take something in');
  }

  /** Writes about one message take effect one after the other. Never rejects. */
  #write(id: string, work: () => Promise<void>, failure: string): Promise<void> {
    const before = this.#writing.get(id);
    const done = this.#logged(before ? before.then(work) : work(), failure, id).then(() => {
      if (this.#writing.get(id) === done) this.#writing.delete(id);
    });
    this.#writing.set(id, done);
    return done;
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

/** What becomes of a remembered message; null leaves it. */
type Make = (message: StoredMessage) => { readonly raw: RawMessage; readonly listed: boolean } | null;

const changed = (found: LibraryMessage, make: Make) => {
  const made = make(found);
  return made && { data: encoded(made.raw), listed: found.listed && made.listed };
};
