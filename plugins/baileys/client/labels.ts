import { badRequest, type ChatInfo, type Label, notFound, SerialQueue, unavailable, unprocessable } from 'waha-runtime';
import type { LabelContent, Labels, StoredLabel } from 'waha-runtime/engine';
import type { People } from '../identity/people.ts';
import type { PhoneNumbers } from '../identity/phone-numbers.ts';
import { type LabelBook, labelOf } from '../inbound/labels.ts';
import { jidOf } from '../messages/ids.ts';
import type { Requests } from '../socket/requests.ts';
import type { MessageStore } from '../store/message-store.ts';
import { changeAppState } from './app-state.ts';
import { infosOf } from './reading/chat-reading.ts';
import { Names } from './reading/names.ts';
import { storeOf } from './reading/store-off.ts';

/** As many as WhatsApp's own clients let one make. */
const MOST = 20;

export interface BaileysLabelsOptions {
  readonly requests: Requests;
  readonly messageStore: MessageStore;
  readonly book: LabelBook;
  readonly numbers: Pick<PhoneNumbers, 'idOf'>;
  readonly people: Pick<People, 'of' | 'named'>;
}

/** Labels, in the app state that the phone and its linked devices share. */
export class BaileysLabels implements Labels {
  readonly #options: BaileysLabelsOptions;
  /** Ids and names are given one after the other: two labels that are made at once must not get the same. */
  readonly #turns = new SerialQueue();

  constructor(options: BaileysLabelsOptions) {
    this.#options = options;
  }

  async list(): Promise<Label[]> {
    return (await this.#stored()).map(labelOf);
  }

  create(content: LabelContent): Promise<Label> {
    return this.#turn(async () => {
      const labels = await this.#stored();
      if (labels.length >= MOST) throw unprocessable(`there are ${MOST} labels already, and WhatsApp allows no more`);
      checkName(labels, content.name);
      const highest = Math.max(0, ...labels.map(({ id }) => Number(id)).filter(Number.isSafeInteger));
      return this.#put({ id: String(highest + 1), ...content });
    });
  }

  update(labelId: string, content: LabelContent): Promise<Label> {
    return this.#turn(async () => {
      const labels = await this.#stored();
      find(labels, labelId);
      checkName(
        labels.filter(({ id }) => id !== labelId),
        content.name,
      );
      return this.#put({ id: labelId, ...content });
    });
  }

  remove(labelId: string): Promise<void> {
    return this.#turn(async () => {
      const label = find(await this.#stored(), labelId);
      await this.#edit(label, true);
    });
  }

  async ofChat(chatId: string): Promise<Label[]> {
    // Events name bots and broadcasts, too; nothing of theirs bears a label.
    if (!canBearLabels(await this.#options.numbers.idOf(chatId))) return [];
    const { names } = await this.#chat(chatId);
    const links = await this.#linksOf(names);
    const wanted = new Set(links.map(({ labelId }) => labelId));
    return (await this.#stored()).filter(({ id }) => wanted.has(id)).map(labelOf);
  }

  setForChat(chatId: string, labelIds: readonly string[]): Promise<void> {
    return this.#turn(async () => {
      const labels = await this.#stored();
      for (const id of labelIds) find(labels, id);
      const { names, address } = await this.#chat(chatId);
      const links = await this.#linksOf(names);
      const held = new Set(links.map(({ labelId }) => labelId));
      for (const link of links) if (!labelIds.includes(link.labelId)) await this.#link(link, false);
      for (const labelId of new Set(labelIds))
        if (!held.has(labelId)) await this.#link({ labelId, chatId: address }, true);
    });
  }

  async chats(labelId: string): Promise<Awaited<ReturnType<Labels['chats']>>> {
    find(await this.#stored(), labelId);
    const { people } = this.#options;
    const links = await this.#library.labelLinks({ labelId });
    const ids = links.flatMap(({ chatId, messageId }) => (messageId === undefined ? [chatId] : []));
    const known = new Map((await infosOf(this.#library, ids, people)).map((info) => [info.id, info]));
    const shown = ids.map(async (id) => {
      const { unreadCount: _, ...info } = known.get(id) ?? (await unknownChat(id, people));
      return info;
    });
    return Promise.all(shown);
  }

  /** A silent server holds up who comes next for the time of a query; what does not come to its turn by then is not done. */
  #turn<T>(action: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let isLate = false;
      const giveUp = () => {
        isLate = true;
        reject(unavailable('WhatsApp did not answer in time'));
      };
      const timer = setTimeout(giveUp, this.#options.requests.timeoutMs);
      void this.#turns.run(async () => {
        clearTimeout(timer);
        if (!isLate) await action().then(resolve, reject);
      });
    });
  }

  get #library() {
    return storeOf(this.#options.messageStore);
  }

  /** By number; what has none comes last. */
  async #stored(): Promise<StoredLabel[]> {
    const labels = await this.#library.labels();
    return labels.sort((a, b) => (Number(a.id) || Number.MAX_VALUE) - (Number(b.id) || Number.MAX_VALUE));
  }

  /**
   * A chat under all of its names, and the one that a label is put on: phones look for the label under the name that the chat
   * itself has.
   */
  async #chat(chatId: string): Promise<{ readonly names: readonly string[]; readonly address: string }> {
    const id = await this.#options.numbers.idOf(chatId);
    if (!canBearLabels(id)) throw badRequest('chatId must be a person or a group');
    const names = (await Names.of(this.#library, [id])).both(id);
    return { names, address: await this.#options.messageStore.nameOf(id) };
  }

  async #linksOf(names: readonly string[]) {
    const links = await Promise.all(names.map((chatId) => this.#library.labelLinks({ chatId })));
    return links.flat().filter(({ messageId }) => messageId === undefined);
  }

  async #put(label: StoredLabel): Promise<Label> {
    await this.#edit(label, false);
    return labelOf(label);
  }

  async #edit(label: StoredLabel, deleted: boolean): Promise<void> {
    const { requests, book } = this.#options;
    await changeAppState(requests, 'the label', (sock) => sock.chatModify({ addLabel: { ...label, deleted } }, ''));
    await book.changed({ label, deleted });
  }

  async #link({ labelId, chatId }: { labelId: string; chatId: string }, labelled: boolean): Promise<void> {
    const { requests, book } = this.#options;
    const change = labelled ? { addChatLabel: { labelId } } : { removeChatLabel: { labelId } };
    await changeAppState(requests, 'the label of the chat', (sock) => sock.chatModify(change, jidOf(chatId)));
    await book.changed({ link: { labelId, chatId }, labelled });
  }
}

const unknownChat = async (id: string, people: Pick<People, 'of'>): Promise<ChatInfo> => {
  const identity = await people.of(id);
  return { id, ...(identity ? { identity } : {}), name: null, conversationTimestamp: 0, unreadCount: 0 };
};

const find = (labels: readonly StoredLabel[], labelId: string): StoredLabel => {
  const found = labels.find(({ id }) => id === labelId);
  if (!found) throw notFound(`label '${labelId}' is not known`);
  return found;
};

const checkName = (labels: readonly StoredLabel[], name: string): void => {
  const other = labels.find((label) => label.name === name);
  if (other) throw unprocessable(`name: label '${other.id}' has this name already`);
};

const canBearLabels = (chatId: string): boolean => /@(c\.us|lid|g\.us)$/.test(chatId);
