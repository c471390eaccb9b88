import type { LibraryMessage, LibraryNews, LidPair, StoredChat } from '../../contracts/library.ts';
import type { Change } from '../../contracts/storage.ts';
import { libraryMessageOf, type MessageRow, rowOf, type Sequence } from '../message-rows.ts';
import { DraftChats } from './draft-chats.ts';
import { DraftContacts } from './draft-contacts.ts';
import { RowSet } from './row-set.ts';
import type { LidRow } from './schemas.ts';
import type { Tables } from './tables.ts';
import type { MessageChange, Work } from './work.ts';

const REFUSED = -1;

/** One commit in the making: reads the rows that are concerned, changes them in memory, and says what to write. */
export class Draft {
  /** How many messages are new. */
  added = 0;
  readonly #session: string;
  readonly #tables: Tables;
  readonly #messages: RowSet<MessageRow>;
  readonly #byId = new Map<string, MessageRow[]>();
  readonly #lids: RowSet<LidRow>;
  readonly #chats: DraftChats;
  readonly #contacts: DraftContacts;
  readonly #more: Change[] = [];

  readonly #sequence: Sequence;

  constructor(session: string, tables: Tables, sequence: Sequence) {
    this.#session = session;
    this.#sequence = sequence;
    this.#tables = tables;
    this.#messages = new RowSet(tables.messages, ['session', 'id', 'chatId', 'fromMe']);
    this.#lids = new RowSet(tables.lids, ['session', 'lid']);
    this.#chats = new DraftChats(session, tables.chats);
    this.#contacts = new DraftContacts(session, tables.contacts);
  }

  async load(group: readonly Work[]): Promise<void> {
    const session = this.#session;
    const news = group.flatMap((work) => ('news' in work ? [work.news] : []));
    const changed = group.flatMap((work) => ('target' in work ? [work.target.id] : []));
    const messages = [...changed, ...news.flatMap(({ messages = [], acks = [] }) => [...messages, ...acks].map(idOf))];
    const pairs = news.flatMap(({ lids = [] }) => lids);
    const chats = news.flatMap(chatsIn);
    const contacts = news.flatMap((one) => (one.contacts ?? []).map(idOf));
    const people = [...chats, ...contacts, ...pairs.flatMap(({ lid, pn }) => [lid, pn])];
    await Promise.all([
      this.#messages.load(among(session, 'id', messages)),
      this.#lids.load(among(session, 'lid', people.filter(isLid))),
      this.#lids.load(
        among(
          session,
          'pn',
          people.filter((id) => id.endsWith('@c.us')),
        ),
      ),
    ]);
    for (const row of this.#messages.all()) this.#file(row);
    const known = this.#lids.all();
    const related = (ids: readonly string[]) => [...ids, ...twins(ids, [...known, ...pairs])];
    await Promise.all([
      this.#chats.load(among(session, 'id', related(people))),
      this.#contacts.load(among(session, 'id', related(people))),
    ]);
    for (const pair of known) this.#pair(pair);
  }

  apply(work: Work): void {
    if ('news' in work) this.#take(work.news);
    else this.#change(work);
  }

  changes(): Change[] {
    this.#chats.settle((id) => this.#contacts.nameOf(id));
    const sets = [this.#messages, this.#lids, this.#chats, this.#contacts];
    return [...sets.flatMap((rows) => rows.changes()), ...this.#more];
  }

  #take(news: LibraryNews): void {
    for (const pair of news.lids ?? []) this.#learn(pair);
    for (const contact of news.contacts ?? []) this.#contacts.take(contact);
    for (const chat of news.chats ?? []) this.#chats.take(chat, news.live === true);
    for (const message of news.messages ?? []) this.#add(message, news.live === true);
    for (const { id, ack } of news.acks ?? []) this.#step(id, ack);
    const { removedChats = [] } = news;
    for (const id of news.live ? removedChats.flatMap((one) => this.#chats.namesOf(one)) : removedChats)
      this.#forget(id);
    this.#takeLabels(news);
  }

  #takeLabels({ labels = [], removedLabels = [], labelled = [], unlabelled = [] }: LibraryNews): void {
    const session = this.#session;
    const { labels: rows, labelled: links } = this.#tables;
    for (const label of labels) this.#more.push(rows.putting({ session, ...label }));
    for (const id of removedLabels) {
      this.#more.push(rows.removing({ session, id }), links.removing({ session, labelId: id }));
    }
    for (const { messageId = '', ...link } of labelled) this.#more.push(links.putting({ session, messageId, ...link }));
    for (const { messageId = '', ...link } of unlabelled) {
      this.#more.push(links.removing({ session, messageId, ...link }));
    }
  }

  #learn(pair: LidPair): void {
    this.#lids.put({ session: this.#session, ...pair });
    this.#pair(pair);
  }

  #pair(pair: LidPair): void {
    this.#chats.pair(pair);
    this.#contacts.pair(pair);
  }

  #add(message: LibraryMessage, live: boolean): void {
    const { id, chatId, fromMe } = message;
    if (this.#messages.get({ session: this.#session, id, chatId, fromMe: Number(fromMe) })) return;
    const row = rowOf(this.#session, message, this.#sequence);
    this.#messages.put(row);
    this.#file(row);
    this.added += 1;
    if (message.listed) this.#chats.message(message, live);
  }

  #step(id: string, ack: number): void {
    for (const row of this.#byId.get(id) ?? []) {
      const forwards = ack > row.ack || (ack === REFUSED && row.ack === 0);
      if (row.fromMe === 1 && forwards) this.#replace(row, { ack });
    }
  }

  #change({ target, change }: MessageChange): void {
    for (const row of this.#byId.get(target.id) ?? []) {
      const changed = change(libraryMessageOf(row));
      if (!changed) continue;
      const { listed = row.listed === 1, data = row.data } = changed;
      this.#replace(row, { listed: Number(listed), data });
    }
  }

  #forget(chatId: string): void {
    this.#chats.forget(chatId);
    this.#more.push(this.#tables.messages.removing({ session: this.#session, chatId }));
  }

  #replace(row: MessageRow, fields: Partial<MessageRow>): void {
    const changed = { ...row, ...fields };
    this.#messages.put(changed);
    const same = this.#byId.get(row.id) ?? [];
    this.#byId.set(
      row.id,
      same.map((one) => (one === row ? changed : one)),
    );
  }

  #file(row: MessageRow): void {
    this.#byId.set(row.id, [...(this.#byId.get(row.id) ?? []), row]);
  }
}

const idOf = ({ id }: { readonly id: string }): string => id;
const isLid = (id: string): boolean => id.endsWith('@lid');

const chatsIn = ({ messages = [], chats = [], removedChats = [] }: LibraryNews): string[] => [
  ...removedChats,
  ...messages.map(({ chatId }) => chatId),
  ...chats.map((chat: Pick<StoredChat, 'id'>) => chat.id),
];

const twins = (ids: readonly string[], pairs: readonly LidPair[]): string[] => {
  const wanted = new Set(ids);
  return pairs.flatMap(({ lid, pn }) => (wanted.has(lid) || wanted.has(pn) ? [lid, pn] : []));
};

/** Nothing to look for: null. */
const among = <K extends string>(session: string, column: K, ids: readonly string[]) =>
  ids.length === 0 ? null : ({ session, [column]: { in: [...new Set(ids)] } } as never);
