import { type ContactInfo, mapInTurns } from 'waha-runtime';
import type { ContactListQuery, ContactReading, StoredContact } from 'waha-runtime/engine';
import type { People } from '../../identity/people.ts';
import type { PhoneNumbers } from '../../identity/phone-numbers.ts';
import type { MessageStore } from '../../store/message-store.ts';
import type { LongLists } from './long-lists.ts';
import { Names } from './names.ts';
import { storeOf } from './store-off.ts';

/** Whose contacts they are. */
interface ContactAccount {
  readonly numbers: Pick<PhoneNumbers, 'idOf'>;
  readonly people: Pick<People, 'named'>;
  readonly longLists: LongLists;
  /** Our own id. */
  me(): string | undefined;
}

/** Contacts, from the store. */
export class BaileysContactReading implements ContactReading {
  readonly #messageStore: MessageStore;
  readonly #account: ContactAccount;

  constructor(messageStore: MessageStore, account: ContactAccount) {
    this.#messageStore = messageStore;
    this.#account = account;
  }

  list(query: ContactListQuery): Promise<ContactInfo[]> {
    return this.#account.longLists.read(query.limit, () => this.#list(query));
  }

  async #list({ sortBy = 'id', sortOrder = 'asc', ...page }: ContactListQuery): Promise<ContactInfo[]> {
    const library = storeOf(this.#messageStore);
    const contacts = await library.contacts({ ...page, sortBy, descending: sortOrder === 'desc' });
    const ids = contacts.map(({ id }) => id);
    const names = await Names.of(library, ids);
    return mapInTurns(contacts, (contact) => this.#shown(contact, names));
  }

  async get(contactId: string): Promise<ContactInfo | null> {
    const library = storeOf(this.#messageStore);
    const id = await this.#account.numbers.idOf(contactId, 'contactId');
    const names = await Names.of(library, [id]);
    const both = names.both(id);
    const [contact] = await library.contactsOf(both);
    if (contact) return this.#shown(contact, names);
    // Somebody without a name: known by a chat, or by the two ids.
    const isKnown = both.length > 1 || (await library.chats({ ids: both })).length > 0;
    if (!isKnown) return null;
    return this.#shown({ id: names.phoneOf(id) ?? id, name: null, pushName: null, verifiedName: null }, names);
  }

  #shown({ id, name, pushName, verifiedName }: StoredContact, names: Names): ContactInfo {
    const phone = names.phoneOf(id);
    const identity = this.#account.people.named(id, names.otherOf(id));
    return {
      id,
      lid: names.lidOf(id),
      number: phone?.replace(/@.*/, '') ?? null,
      name,
      pushname: pushName,
      verifiedName,
      isMe: phone !== null && phone === this.#account.me(),
      ...(identity ? { identity } : {}),
    };
  }
}
