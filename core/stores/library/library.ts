import type {
  ChatQuery,
  LabelLink,
  LibraryMessage,
  LibraryNews,
  LidPair,
  MessageQuery,
  Page,
  PendingJob,
  SessionLibrary,
  StoredChat,
  StoredContact,
  StoredLabel,
} from '../../contracts/library.ts';
import type { Where } from '../../contracts/storage.ts';
import { byTime, libraryMessageOf, type MessageRow } from '../message-rows.ts';
import type { TimeLimit } from '../time-limit.ts';
import { piecesOf, sizeOf } from './news.ts';
import type { ChatRow, ContactRow, LidRow } from './schemas.ts';
import type { Tables } from './tables.ts';
import type { MessageChange } from './work.ts';
import type { LibraryWriter } from './writer.ts';

export interface LibraryOptions {
  readonly within: TimeLimit;
  writer(): LibraryWriter;
}

/** The `SessionLibrary` on collections. */
export class CollectionLibrary implements SessionLibrary {
  readonly #session: string;
  readonly #tables: Tables;
  readonly #options: LibraryOptions;

  constructor(session: string, tables: Tables, options: LibraryOptions) {
    this.#session = session;
    this.#tables = tables;
    this.#options = options;
  }

  async add(news: LibraryNews): Promise<void> {
    if (sizeOf(news) === 0) return;
    const writer = this.#options.writer();
    await Promise.all(piecesOf(news).map((piece) => writer.write({ news: piece })));
  }

  change(target: MessageChange['target'], change: MessageChange['change']): Promise<void> {
    return this.#options.writer().write({ target, change });
  }

  async chats({ sortBy = 'timestamp', descending = false, merge = false, ids, ...page }: ChatQuery) {
    const where: Where<ChatRow> = {
      session: this.#session,
      ...(merge ? { hidden: 0 } : {}),
      ...(ids ? { id: { in: ids } } : {}),
    };
    const orderBy = sortedBy(sortBy, descending);
    const rows = await this.#read(() => this.#tables.chats.find({ where, orderBy, ...paged(page) }));
    return rows.map(chatOf);
  }

  async messages(query: MessageQuery): Promise<LibraryMessage[]> {
    const { limit, offset = 0, descending = true, chatIds = [undefined] } = query;
    const orderBy = byTime(descending);
    const [only, ...others] = chatIds;
    if (chatIds.length === 0) return [];
    if (others.length === 0) {
      const rows = await this.#readMessages(only, query, { orderBy, ...paged({ limit, offset }) });
      return rows.map(libraryMessageOf);
    }
    // Each chat is read in the order of its index; the two are merged here.
    const reach = limit === undefined ? {} : { limit: offset + limit };
    const found = await Promise.all(chatIds.map((chatId) => this.#readMessages(chatId, query, { orderBy, ...reach })));
    const rows = found.flat().sort((a, b) => (descending ? -1 : 1) * compareTimes(a, b));
    return rows.slice(offset, limit === undefined ? undefined : offset + limit).map(libraryMessageOf);
  }

  async message(chatIds: readonly string[], id: string, fromMe?: boolean): Promise<LibraryMessage | null> {
    const where = { session: this.#session, id, chatId: { in: chatIds }, listed: 1 };
    const [row] = await this.#read(() =>
      this.#tables.messages.find({
        where: fromMe === undefined ? where : { ...where, fromMe: Number(fromMe) },
        limit: 1,
      }),
    );
    return row ? libraryMessageOf(row) : null;
  }

  async contacts({ sortBy = 'id', descending = false, ...page }: Page & { sortBy?: 'id' | 'name' }) {
    const query = { where: { session: this.#session }, orderBy: sortedBy(sortBy, descending), ...paged(page) };
    return (await this.#read(() => this.#tables.contacts.find(query))).map(contactOf);
  }

  async contactsOf(ids: readonly string[]): Promise<StoredContact[]> {
    const where = { session: this.#session, id: { in: ids } };
    return (await this.#read(() => this.#tables.contacts.find({ where }))).map(contactOf);
  }

  async lids({ descending = false, ...page }: Page): Promise<LidPair[]> {
    const orderBy = [{ column: 'lid', descending }] as const;
    const query = { where: { session: this.#session }, orderBy, ...paged(page) };
    return (await this.#read(() => this.#tables.lids.find(query))).map(pairOf);
  }

  countLids(): Promise<number> {
    return this.#read(() => this.#tables.lids.count({ session: this.#session }));
  }

  async pairsOf(ids: readonly string[]): Promise<LidPair[]> {
    const session = this.#session;
    const lids = ids.filter((id) => id.endsWith('@lid'));
    const pns = ids.filter((id) => id.endsWith('@c.us'));
    const found = await Promise.all([
      lids.length > 0 ? this.#read(() => this.#tables.lids.find({ where: { session, lid: { in: lids } } })) : [],
      pns.length > 0 ? this.#read(() => this.#tables.lids.find({ where: { session, pn: { in: pns } } })) : [],
    ]);
    return found.flat().map(pairOf);
  }

  async labels(): Promise<StoredLabel[]> {
    const query = { where: { session: this.#session }, orderBy: [{ column: 'id' }] } as const;
    return (await this.#read(() => this.#tables.labels.find(query))).map(({ session: _, ...label }) => label);
  }

  async labelLinks(of: { readonly labelId: string } | { readonly chatId: string }): Promise<LabelLink[]> {
    const where = { session: this.#session, ...of };
    const rows = await this.#read(() => this.#tables.labelled.find({ where }));
    return rows.map(({ labelId, chatId, messageId }) => ({ labelId, chatId, ...(messageId ? { messageId } : {}) }));
  }

  async pendingJobs(): Promise<PendingJob[]> {
    const query = { where: { session: this.#session }, orderBy: [{ column: 'id' }] } as const;
    return (await this.#read(() => this.#tables.pendingJobs.find(query))).map(({ id, data }) => ({ id, data }));
  }

  putPendingJob(job: PendingJob): Promise<void> {
    return this.#read(() => this.#tables.pendingJobs.put({ session: this.#session, ...job }));
  }

  async removePendingJob(id: string): Promise<void> {
    await this.#read(() => this.#tables.pendingJobs.remove({ session: this.#session, id }));
  }

  #readMessages(
    chatId: string | undefined,
    { from, to, fromMe, ack }: MessageQuery,
    query: object,
  ): Promise<MessageRow[]> {
    const time = { ...(from === undefined ? {} : { gte: from }), ...(to === undefined ? {} : { lte: to }) };
    const where: Where<MessageRow> = {
      session: this.#session,
      ...(chatId === undefined ? {} : { chatId }),
      listed: 1,
      ...(from === undefined && to === undefined ? {} : { timestamp: time }),
      ...(fromMe === undefined ? {} : { fromMe: Number(fromMe) }),
      ...(ack === undefined ? {} : { ack }),
    };
    return this.#read(() => this.#tables.messages.find({ where, ...query }));
  }

  #read<T>(work: () => Promise<T>): Promise<T> {
    return this.#options.within(`reading the store of session '${this.#session}'`, work);
  }
}

const sortedBy = <C extends 'timestamp' | 'name' | 'id'>(column: C, descending: boolean) =>
  column === 'id'
    ? ([{ column: 'id', descending }] as const)
    : ([
        { column, descending },
        { column: 'id', descending },
      ] as const);

const paged = ({ limit, offset }: { readonly limit?: number | undefined; readonly offset?: number | undefined }) => ({
  ...(limit === undefined ? {} : { limit }),
  ...(offset === undefined ? {} : { offset }),
});

const compareTimes = (a: MessageRow, b: MessageRow): number => a.timestamp - b.timestamp || a.place - b.place;

const chatOf = ({ session: _, hidden: __, archived, ...row }: ChatRow): StoredChat => ({
  ...row,
  archived: archived === 1,
});
const contactOf = ({ session: _, ...row }: ContactRow): StoredContact => row;
const pairOf = ({ lid, pn }: LidRow): LidPair => ({ lid, pn });
