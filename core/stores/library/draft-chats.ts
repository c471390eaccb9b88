import type { LibraryMessage, LibraryNews, LidPair } from '../../contracts/library.ts';
import type { Change, Collection, Where } from '../../contracts/storage.ts';
import { RowSet } from './row-set.ts';
import type { ChatRow } from './schemas.ts';

type ChatNews = NonNullable<LibraryNews['chats']>[number];

/** Statuses, broadcast lists and channels are no chats. */
const isChat = (id: string): boolean => /@(c\.us|lid|g\.us)$/.test(id);

/** The chats that one commit concerns. */
export class DraftChats {
  readonly #session: string;
  readonly #rows: RowSet<ChatRow>;
  readonly #pairs = new Map<string, LidPair>();

  constructor(session: string, rows: Collection<ChatRow>) {
    this.#session = session;
    this.#rows = new RowSet(rows, ['session', 'id']);
  }

  load(where: Where<ChatRow> | null): Promise<void> {
    return this.#rows.load(where);
  }

  pair(pair: LidPair): void {
    this.#pairs.set(pair.lid, pair);
  }

  /** What becomes of a person's chat today becomes of it under both names; what it is called, and how old it is, stays apart. */
  take(news: ChatNews, live: boolean): void {
    this.#put(news);
    if (!live) return;
    const { name: _name, timestamp: _timestamp, ...state } = news;
    for (const id of this.namesOf(news.id)) if (id !== news.id && this.#known(id)) this.#put({ ...state, id });
  }

  #put({ id, archived, ...news }: ChatNews): void {
    if (!isChat(id)) return;
    const fields = { ...news, ...(archived === undefined ? {} : { archived: Number(archived) }) };
    const row = this.#of(id);
    const timestamp = Math.max(row.timestamp, news.timestamp ?? 0);
    this.#rows.put({ ...row, ...fields, timestamp });
  }

  message({ chatId, fromMe, timestamp }: LibraryMessage, live: boolean): void {
    if (!isChat(chatId)) return;
    const row = this.#of(chatId);
    const unread = live && !fromMe ? Math.max(row.unread, 0) + 1 : row.unread;
    this.#rows.put({ ...row, unread, timestamp: Math.max(row.timestamp, timestamp) });
  }

  /** A chat under all of its names. */
  namesOf(id: string): string[] {
    const pair = [...this.#pairs.values()].find(({ lid, pn }) => lid === id || pn === id);
    return pair ? [pair.lid, pair.pn] : [id];
  }

  forget(id: string): void {
    this.#rows.remove({ session: this.#session, id });
  }

  /**
   * People's chats are called as their contacts are. Of the two chats of one person, the one with the newest message is
   * the one that shows.
   */
  settle(nameOf: (id: string) => string | null): void {
    for (const row of this.#rows.all()) this.#rows.put({ ...row, name: nameOf(row.id) ?? row.name });
    for (const { lid, pn } of this.#pairs.values()) {
      const [hidden, phone] = [this.#known(lid), this.#known(pn)];
      const older = hidden && phone && (hidden.timestamp > phone.timestamp ? pn : lid);
      for (const row of [hidden, phone]) if (row) this.#rows.put({ ...row, hidden: Number(row.id === older) });
    }
  }

  changes(): Change[] {
    return this.#rows.changes();
  }

  #known(id: string): ChatRow | undefined {
    return this.#rows.get({ session: this.#session, id });
  }

  #of(id: string): ChatRow {
    const empty = { name: null, timestamp: 0, unread: 0, archived: 0, pinned: 0, mutedUntil: 0, hidden: 0 };
    return this.#known(id) ?? { session: this.#session, id, ...empty };
  }
}
