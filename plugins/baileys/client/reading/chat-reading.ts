import { type ChatInfo, type ChatSummary, mapInTurns } from 'waha-runtime';
import type {
  ChatListQuery,
  ChatReading,
  LibraryMessage,
  OverviewQuery,
  SessionLibrary,
  StoredChat,
} from 'waha-runtime/engine';
import type { People } from '../../identity/people.ts';
import type { PhoneNumbers } from '../../identity/phone-numbers.ts';
import type { MessageStore } from '../../store/message-store.ts';
import type { LongLists } from './long-lists.ts';
import type { BaileysMessageReading } from './message-reading.ts';
import { Names } from './names.ts';
import { storeOf } from './store-off.ts';

/** How many chats are asked for their newest message at the same time. */
const READ_AT_ONCE = 50;

/** One line of a list: a chat, and the other one of the same person. */
interface Line {
  readonly chat: StoredChat;
  readonly twin: StoredChat | undefined;
  readonly info: ChatInfo;
}

export interface ChatReadingOptions {
  readonly messageStore: MessageStore;
  readonly messages: BaileysMessageReading;
  readonly numbers: Pick<PhoneNumbers, 'idOf'>;
  readonly people: Pick<People, 'named'>;
  readonly longLists: LongLists;
  /** A picture that is known already: nobody is asked for those of a page. */
  pictureOf(chatId: string): string | null;
}

/** Chats, from the store. */
export class BaileysChatReading implements ChatReading {
  readonly #options: ChatReadingOptions;

  constructor(options: ChatReadingOptions) {
    this.#options = options;
  }

  list(query: ChatListQuery): Promise<ChatInfo[]> {
    return this.#options.longLists.read(query.limit, () => this.#list(query));
  }

  overview(query: OverviewQuery): Promise<ChatSummary[]> {
    return this.#options.longLists.read(query.limit, () => this.#overview(query));
  }

  async #list({ sortBy = 'conversationTimestamp', sortOrder, merge = true, ...page }: ChatListQuery) {
    const library = storeOf(this.#options.messageStore);
    const byTime = sortBy === 'conversationTimestamp';
    const chats = await library.chats({
      ...page,
      sortBy: byTime ? 'timestamp' : sortBy,
      descending: sortOrder === undefined ? byTime : sortOrder === 'desc',
      merge,
    });
    return (await linesOf(library, chats, { merge, people: this.#options.people })).map(({ info }) => info);
  }

  async #overview({ ids, merge = true, ...page }: OverviewQuery): Promise<ChatSummary[]> {
    const library = storeOf(this.#options.messageStore);
    const { numbers, people } = this.#options;
    const asked = ids && (await Promise.all(ids.map((id, at) => numbers.idOf(id, `ids[${at}]`))));
    const wanted = asked && merge ? (await Names.of(library, asked)).all(asked) : asked;
    const query = { ...page, descending: true, merge, ...(wanted ? { ids: wanted } : {}) };
    const lines = await linesOf(library, await library.chats(query), { merge, people });
    const { messages, pictureOf } = this.#options;
    const newest = await mapInTurns(lines, (line) => newestOf(library, line), READ_AT_ONCE);
    const shown = await messages.shown(
      newest.flatMap((message) => message ?? []),
      false,
    );
    return lines.map(({ info }, at) => ({
      id: info.id,
      ...(info.identity ? { identity: info.identity } : {}),
      name: info.name,
      picture: pictureOf(info.id),
      lastMessage: (newest[at] && shown.shift()) ?? null,
      _chat: info,
    }));
  }
}

const newestOf = async (library: SessionLibrary, { chat, twin }: Line): Promise<LibraryMessage | undefined> => {
  const [message] = await library.messages({ chatIds: twin ? [chat.id, twin.id] : [chat.id], limit: 1 });
  return message;
};

/** What is kept of these chats, in the order of the ids; those that are not known are left out. */
export const infosOf = async (
  library: SessionLibrary,
  ids: readonly string[],
  people: Pick<People, 'named'>,
): Promise<ChatInfo[]> => {
  const chats = new Map((ids.length > 0 ? await library.chats({ ids }) : []).map((chat) => [chat.id, chat]));
  const known = ids.flatMap((id) => chats.get(id) ?? []);
  return (await linesOf(library, known, { merge: false, people })).map(({ info }) => info);
};

interface Showing {
  readonly merge: boolean;
  readonly people: Pick<People, 'named'>;
}

const linesOf = async (
  library: SessionLibrary,
  chats: readonly StoredChat[],
  { merge, people }: Showing,
): Promise<Line[]> => {
  const ids = chats.map(({ id }) => id);
  const names = await Names.of(library, ids);
  const listed = new Set(ids);
  const others = merge ? names.all(ids).filter((id) => !listed.has(id)) : [];
  const twins = new Map((others.length > 0 ? await library.chats({ ids: others }) : []).map((chat) => [chat.id, chat]));
  return mapInTurns(chats, (chat) => {
    const twin = twins.get(names.both(chat.id).find((id) => id !== chat.id) ?? '');
    const shownId = merge ? (names.phoneOf(chat.id) ?? chat.id) : chat.id;
    const identity = people.named(shownId, names.otherOf(shownId));
    return { chat, twin, info: { ...infoOf(chat, twin, names), id: shownId, ...(identity ? { identity } : {}) } };
  });
};

const infoOf = (chat: StoredChat, twin: StoredChat | undefined, names: Names): ChatInfo => {
  const { id, name, timestamp, unread, archived, pinned, mutedUntil } = chat;
  return {
    id,
    lid: names.lidOf(id),
    pn: names.phoneOf(id),
    name: name ?? twin?.name ?? null,
    conversationTimestamp: timestamp,
    unreadCount: twin && twin.unread > 0 ? Math.max(unread, 0) + twin.unread : unread,
    archived: archived || twin?.archived === true,
    pinned: pinned || twin?.pinned || null,
    muteEndTime: mutedUntil || twin?.mutedUntil || null,
  };
};
