import { type MeInfo, type MessageListQuery, mapInTurns, notFound, type WAMessage } from 'waha-runtime';
import type { LibraryMessage, MessageReading, SessionLibrary } from 'waha-runtime/engine';
import type { LidMappings } from '../../identity/lid-mappings.ts';
import { otherNamesIn } from '../../identity/other-names.ts';
import type { PhoneNumbers } from '../../identity/phone-numbers.ts';
import type { MediaIn } from '../../media/media-in.ts';
import { isMany, messageIdOf, readMessageId } from '../../messages/ids.ts';
import { messagePayload } from '../../messages/payload.ts';
import { recall } from '../../messages/stored-message.ts';
import type { MessageStore } from '../../store/message-store.ts';
import type { Seen } from '../seen.ts';
import type { LongLists } from './long-lists.ts';
import { Names } from './names.ts';
import { storeOf } from './store-off.ts';

export interface MessageReadingOptions {
  readonly messageStore: MessageStore;
  readonly media: MediaIn;
  readonly numbers: Pick<PhoneNumbers, 'idOf'>;
  readonly names: Pick<LidMappings, 'of'>;
  readonly seen: Seen;
  readonly longLists: LongLists;
  me(): MeInfo | null;
}

/** Files fetched at the same time for one answer, which is also after how many messages the event loop gets a turn. */
const AT_ONCE = 8;
const DAY_S = 24 * 60 * 60;
/** How many messages are marked as read when nobody says, as in WAHA. */
const READ = { person: 30, many: 100, days: 7 };

/** WAHA's word for all chats together, where messages are listed. */
const EVERY_CHAT = 'all';

/** Stored messages, as events would carry them. */
export class BaileysMessageReading implements MessageReading {
  readonly #options: MessageReadingOptions;

  constructor(options: MessageReadingOptions) {
    this.#options = options;
  }

  /** Only the reading takes turns: the files of a list may take long to come. */
  async list(chatId: string, query: MessageListQuery): Promise<WAMessage[]> {
    const found = await this.#options.longLists.read(query.limit, () => this.#found(chatId, query));
    return this.shown(found, query.downloadMedia ?? true);
  }

  async #found(chatId: string, query: MessageListQuery): Promise<LibraryMessage[]> {
    const library = storeOf(this.#options.messageStore);
    const { limit, offset, sortOrder = 'desc', merge = true, filter = {} } = query;
    const { timestampGte: from, timestampLte: to, fromMe, ack } = filter;
    return library.messages({
      ...(chatId === EVERY_CHAT
        ? {}
        : { chatIds: await chatsOf(library, await this.#options.numbers.idOf(chatId), merge) }),
      descending: sortOrder === 'desc',
      ...(limit === undefined ? {} : { limit }),
      ...(offset === undefined ? {} : { offset }),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(fromMe === undefined ? {} : { fromMe }),
      ...(ack === undefined ? {} : { ack }),
    });
  }

  async get(chatId: string, messageId: string, options: Pick<MessageListQuery, 'downloadMedia' | 'merge'>) {
    const library = storeOf(this.#options.messageStore);
    const { downloadMedia = true, merge = true } = options;
    const { id, fromMe } = readMessageId(messageId, 'messageId');
    const found = await library.message(
      await chatsOf(library, await this.#options.numbers.idOf(chatId), merge),
      id,
      fromMe,
    );
    const [message] = found ? await this.shown([found], downloadMedia) : [];
    if (!message) throw notFound(`message '${messageId}' is not known in chat '${chatId}'`);
    return message;
  }

  async markRead(chatId: string, options: { messages?: number; days?: number }): Promise<string[]> {
    const id = await this.#options.numbers.idOf(chatId);
    const { messages = isMany(id) ? READ.many : READ.person, days = READ.days } = options;
    const since = Math.floor(Date.now() / 1000) - days * DAY_S;
    const marked = await this.#options.seen.markNewest(id, messages, since);
    return marked.map((stored) => messageIdOf({ ...stored, remoteJid: stored.chatId }, this.#options.me()?.id));
  }

  /** A few at a time, so that neither files nor other sessions wait for a long answer. */
  async shown(found: readonly LibraryMessage[], downloadMedia: boolean): Promise<WAMessage[]> {
    const authors = found.flatMap(({ chatId, participant }) => (participant ? [chatId, participant] : [chatId]));
    const names = await Names.of(storeOf(this.#options.messageStore), authors);
    return mapInTurns(found, (one) => this.#shown(one, names, downloadMedia), AT_ONCE);
  }

  async #shown(stored: LibraryMessage, names: Names, downloadMedia: boolean): Promise<WAMessage> {
    const { media, me, names: mappings } = this.#options;
    const raw = recall(stored);
    raw.status = stored.ack + 1;
    // As in a live message, where WhatsApp says both.
    Object.assign(raw.key, alternativesOf(stored, names));
    const file = downloadMedia ? await media.fetch(raw) : media.describe(raw);
    const source = stored.viaApi ? 'api' : 'app';
    const others = await otherNamesIn(raw, { names: mappings, me });
    return messagePayload(raw, { me: me()?.id, source, others, ...(file ? { media: file } : {}) });
  }
}

const alternativesOf = ({ chatId, participant }: LibraryMessage, names: Names) => {
  const [chat, author] = [names.otherJid(chatId), participant === null ? null : names.otherJid(participant)];
  return { ...(chat ? { remoteJidAlt: chat } : {}), ...(author ? { participantAlt: author } : {}) };
};

/** The chats to read as one. A second one only when it is there: one chat is read page by page from its index. */
const chatsOf = async (library: SessionLibrary, id: string, merge: boolean): Promise<string[]> => {
  const both = merge ? (await Names.of(library, [id])).both(id) : [id];
  if (both.length === 1) return both;
  const known = await library.chats({ ids: both });
  return known.length > 0 ? known.map((chat) => chat.id) : [id];
};
