import type { Clock } from 'waha-runtime';
import type { ChatwootConfig } from '../config.ts';
import { type ChatwootServer, listOf } from './chatwoot-server.ts';
import type { Contact, Contacts, Party } from './contacts.ts';
import { type Json, ServerRefused } from './failures.ts';

/** How long a conversation is gone on with without a look at what became of it (ms). */
const trust = 5 * 60_000;
const maxKnown = 10_000;

/** Finds the conversation that a chat is shown in, or opens one. */
export class Conversations {
  readonly #server: ChatwootServer;
  readonly #contacts: Contacts;
  readonly #config: ChatwootConfig;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #known = new Map<string, { readonly id: number; readonly until: number }>();

  constructor(server: ChatwootServer, contacts: Contacts, config: ChatwootConfig, clock: Pick<Clock, 'now'>) {
    this.#server = server;
    this.#contacts = contacts;
    this.#config = config;
    this.#clock = clock;
  }

  async of(party: Party): Promise<number> {
    const known = this.#known.get(party.chatId);
    if (known && known.until > this.#clock.now()) return known.id;
    const contact = await this.#contacts.of(party);
    const id = (await this.#existing(contact)) ?? (await this.#open(contact));
    if (this.#known.size >= maxKnown) this.#known.clear();
    this.#known.set(party.chatId, { id, until: this.#clock.now() + trust });
    return id;
  }

  /** Looks again at the next message: its status changed, or it is gone. */
  forget(conversation: number): void {
    for (const [chat, { id }] of this.#known) if (id === conversation) this.#known.delete(chat);
  }

  clear(): void {
    this.#known.clear();
  }

  async #existing({ id }: Contact): Promise<number | null> {
    const { inboxId, conversations: { status = null, sort = 'created_newest' } = {} } = this.#config;
    const answer = await this.#server.get(`/contacts/${id}/conversations`);
    const [by, order] = sort.split('_');
    const times = (entry: Json) => Number(entry?.[by === 'created' ? 'created_at' : 'last_activity_at'] ?? 0);
    const fitting = listOf(answer?.['payload'])
      .filter((entry) => entry?.['inbox_id'] === inboxId && typeof entry?.['id'] === 'number')
      .filter((entry) => status === null || status.some((one) => one === entry?.['status']))
      .toSorted((one, other) => (order === 'newest' ? times(other) - times(one) : times(one) - times(other)));
    return (fitting[0]?.['id'] as number | undefined) ?? null;
  }

  async #open({ id, source }: Contact): Promise<number> {
    const { inboxId } = this.#config;
    const wish = { source_id: source, inbox_id: inboxId, contact_id: id, status: 'open' };
    const opened = (await this.#server.post('/conversations', wish))?.['id'];
    if (typeof opened !== 'number') throw new ServerRefused('Chatwoot opened a conversation without an id', 422);
    return opened;
  }
}
