import { jidNormalizedUser } from '@whiskeysockets/baileys';
import { badRequest, unavailable, unprocessable } from 'waha-runtime';
import { type AddressBook, type ContactName, notOnWhatsApp } from 'waha-runtime/engine';
import type { PhoneNumbers } from '../identity/phone-numbers.ts';
import { chatIdOf } from '../messages/ids.ts';
import { hiddenIdOf } from '../socket/hidden-ids.ts';
import type { Requests } from '../socket/requests.ts';
import { askServer } from '../socket/server-queries.ts';
import type { BaileysSocket } from '../socket/socket.ts';
import type { MessageStore } from '../store/message-store.ts';
import { changeAppState } from './app-state.ts';

const LONGEST_NAME = 100;

/** The account's contacts and block list, and what others say of themselves. */
export class BaileysAddressBook implements AddressBook {
  readonly #requests: Requests;
  readonly #messageStore: MessageStore;
  readonly #numbers: Pick<PhoneNumbers, 'jidOf'>;

  constructor(requests: Requests, messageStore: MessageStore, numbers: Pick<PhoneNumbers, 'jidOf'>) {
    this.#numbers = numbers;
    this.#requests = requests;
    this.#messageStore = messageStore;
  }

  async about(contactId: string): Promise<string | null> {
    const jid = await this.#numbers.jidOf(contactId, 'contactId');
    if (!isPerson(jid)) return null;
    const found = await this.#requests.call('the about', (sock) => sock.fetchStatus(jid));
    if (!found) throw unavailable('WhatsApp did not answer about the contact');
    const told = found[0]?.['status'] as { status?: string | null } | undefined;
    if (!told) throw notOnWhatsApp('contactId', chatIdOf(jid));
    return told.status || null;
  }

  async rename(contactId: string, { firstName, lastName }: ContactName): Promise<void> {
    const fullName = `${firstName.trim()} ${lastName.trim()}`.trim();
    if (fullName === '') throw badRequest('firstName must not be empty');
    if (fullName.length > LONGEST_NAME)
      throw badRequest(`firstName and lastName must not be longer than ${LONGEST_NAME} characters`);
    const jid = await this.#personOf(contactId, 'chatId');
    const { pn, lid } = await this.#requests.call('the contact', (sock) => namesOf(sock, jid));
    if (!pn)
      throw unprocessable(`chatId: the phone number of '${chatIdOf(jid)}' is not known, and contacts are kept by it`);
    const names = { fullName, firstName: firstName.trim() || fullName, saveOnPrimaryAddressbook: true };
    const contact = { ...names, ...(lid ? { lidJid: lid } : {}) };
    await changeAppState(this.#requests, 'the contact', (sock) => sock.chatModify({ contact }, pn));
    await this.#messageStore.learn({ contacts: [{ id: chatIdOf(pn), name: fullName }] });
  }

  async block(contactId: string, blocked: boolean): Promise<void> {
    const jid = await this.#personOf(contactId, 'contactId');
    await this.#requests.call('the change of the block list', async (sock) => {
      const { pn, lid } = await namesOf(sock, jid);
      if (!lid) throw notOnWhatsApp('contactId', chatIdOf(jid));
      if (!pn)
        throw unprocessable(`contactId: the phone number of '${chatIdOf(jid)}' is not known, and blocking takes it`);
      const item = blocked ? { action: 'block', jid: lid, pn_jid: pn } : { action: 'unblock', jid: lid };
      await askServer(sock, { xmlns: 'blocklist', type: 'set' }, { tag: 'item', attrs: item });
    });
  }

  /** The jid of a person; a `BAD_REQUEST` for anything else. */
  async #personOf(id: string, field: string): Promise<string> {
    const jid = await this.#numbers.jidOf(id, field);
    if (!isPerson(jid)) throw badRequest(`${field} must be a person: <phone>@c.us or <id>@lid`);
    return jid;
  }
}

/** Bots, groups and channels say nothing of themselves in this way. */
const isPerson = (jid: string): boolean => /@(s\.whatsapp\.net|lid)$/.test(jid);

/** Both names of a person, as far as they are known; WhatsApp is asked for the hidden one. */
const namesOf = async (sock: BaileysSocket, jid: string) => {
  const isLid = jid.endsWith('@lid');
  const other = isLid ? await sock.signalRepository.lidMapping.getPNForLID(jid) : await hiddenIdOf(sock, jid);
  const normalized = other ? jidNormalizedUser(other) : undefined;
  return isLid ? { pn: normalized, lid: jid } : { pn: jid, lid: normalized };
};
