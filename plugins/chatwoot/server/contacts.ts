import type { ChatwootConfig } from '../config.ts';
import { type ChatwootServer, listOf } from './chatwoot-server.ts';
import { type Json, ServerRefused } from './failures.ts';

/** Somebody, or a group, whose chat is shown: by every name that WhatsApp has for it. */
export interface Party {
  /** The chat's id: what the contact's identifier is. */
  readonly chatId: string;
  readonly name: string;
  /** `+4915200002002`; null where there is no number. */
  readonly phone: string | null;
  readonly jid: string | null;
  readonly lid: string | null;
}

/** A contact in Chatwoot, in our inbox. */
export interface Contact {
  readonly id: number;
  /** Names the contact in the inbox. */
  readonly source: string;
}

/** The attributes of a contact that say who it is in WhatsApp. WAHA's names. */
export const attributes = {
  chatId: 'waha_whatsapp_chat_id',
  jid: 'waha_whatsapp_jid',
  lid: 'waha_whatsapp_lid',
} as const;

const maxName = 255;

/** Finds the contact of a party, or makes it. Whoever asks again after a failure finds what was made. */
export class Contacts {
  readonly #server: ChatwootServer;
  readonly #config: ChatwootConfig;
  #defined: Promise<void> | null = null;

  constructor(server: ChatwootServer, config: ChatwootConfig) {
    this.#server = server;
    this.#config = config;
  }

  async of(party: Party): Promise<Contact> {
    await this.#define();
    const known = await this.#search(party);
    if (known) return this.#joined(known, party);
    try {
      return await this.#create(party, party.phone);
    } catch (error) {
      if (!(error instanceof ServerRefused) || error.status !== 422) throw error;
    }
    // Somebody else made it meanwhile, or Chatwoot does not take the number for one.
    const taken = await this.#search(party);
    return taken ? this.#joined(taken, party) : this.#create(party, null);
  }

  /** Chatwoot filters by attributes that are defined only. */
  async #define(): Promise<void> {
    this.#defined ??= this.#defineAll().catch((error) => {
      this.#defined = null;
      throw error;
    });
    await this.#defined;
  }

  async #defineAll(): Promise<void> {
    const answer: unknown = await this.#server.get('/custom_attribute_definitions?attribute_model=1');
    const known = new Set(listOf(answer).map((entry) => entry?.['attribute_key']));
    for (const [what, key] of Object.entries(attributes)) {
      if (known.has(key)) continue;
      await this.#server
        .post('/custom_attribute_definitions', {
          attribute_display_name: `WhatsApp ${what}`,
          attribute_display_type: 0,
          attribute_description: `The ${what} of the contact in WhatsApp`,
          attribute_key: key,
          attribute_model: 1,
        })
        .catch(ignoreTaken);
    }
  }

  async #search({ chatId, jid, lid, phone }: Party): Promise<Json> {
    const ids = [...new Set([chatId, jid, lid].filter((id) => id !== null))];
    const clauses: (readonly [string, readonly string[]])[] = [
      ['identifier', ids],
      [attributes.chatId, ids],
      ...(jid ? [[attributes.jid, [jid]] as const] : []),
      ...(lid ? [[attributes.lid, [lid]] as const] : []),
      ...(phone ? [['phone_number', [phone]] as const] : []),
    ];
    const payload = clauses.map(([key, values], index) => ({
      attribute_key: key,
      filter_operator: 'equal_to',
      values,
      ...(index < clauses.length - 1 ? { query_operator: 'OR' } : {}),
    }));
    const answer = await this.#server.post('/contacts/filter', { payload });
    const found = listOf(answer?.['payload']);
    const first = found.find((contact) => contact?.['identifier'] === chatId);
    return first ?? found.find((contact) => contact?.['phone_number']) ?? found[0] ?? null;
  }

  async #create(party: Party, phone: string | null): Promise<Contact> {
    const answer = await this.#server.post('/contacts', {
      inbox_id: this.#config.inboxId,
      name: party.name.slice(0, maxName),
      identifier: party.chatId,
      ...(phone ? { phone_number: phone } : {}),
      custom_attributes: attributesOf(party),
    });
    const payload = answer?.['payload'] as Json;
    const contact = (payload?.['contact'] ?? payload) as Json;
    const id = contact?.['id'];
    const source = (payload?.['contact_inbox'] as Json)?.['source_id'] ?? this.#sourceOf(contact);
    if (typeof id !== 'number') throw new ServerRefused('Chatwoot made a contact without an id', 422);
    return typeof source === 'string' ? { id, source } : this.#join(id);
  }

  /** The contact with what was not known when it was made, and in our inbox. */
  async #joined(contact: Json, party: Party): Promise<Contact> {
    const id = contact?.['id'] as number;
    const before = (contact?.['custom_attributes'] ?? {}) as Record<string, unknown>;
    const wanted = attributesOf(party);
    const isNews = Object.entries(wanted).some(([key, value]) => before[key] !== value);
    const misses = party.phone !== null && !contact?.['phone_number'];
    if (isNews || misses) {
      const phone = misses ? { phone_number: party.phone } : {};
      await this.#server
        .put(`/contacts/${id}`, { custom_attributes: { ...before, ...wanted }, ...phone })
        .catch(ignoreTaken);
    }
    const source = this.#sourceOf(contact);
    return source === undefined ? this.#join(id) : { id, source };
  }

  #sourceOf(contact: Json): string | undefined {
    const ours = listOf(contact?.['contact_inboxes']).find(
      (entry) => (entry?.['inbox'] as Json)?.['id'] === this.#config.inboxId,
    );
    const source = ours?.['source_id'];
    return typeof source === 'string' ? source : undefined;
  }

  async #join(id: number): Promise<Contact> {
    const answer = await this.#server.post(`/contacts/${id}/contact_inboxes`, { inbox_id: this.#config.inboxId });
    const source = answer?.['source_id'];
    if (typeof source !== 'string') throw new ServerRefused('Chatwoot gave a contact no source_id in the inbox', 422);
    return { id, source };
  }
}

const attributesOf = ({ chatId, jid, lid }: Party): Record<string, string> => ({
  [attributes.chatId]: chatId,
  ...(jid ? { [attributes.jid]: jid } : {}),
  ...(lid ? { [attributes.lid]: lid } : {}),
});

const ignoreTaken = (error: unknown): null => {
  if (error instanceof ServerRefused && error.status === 422) return null;
  throw error;
};
