import type { Sessions } from 'waha-runtime';
import { chatOfId } from '../message-map.ts';
import type { Party } from '../server/contacts.ts';
import type { Texts } from '../texts/texts.ts';

/** What events say of who wrote where. */
export interface Written {
  readonly id: string;
  readonly fromMe: boolean;
  readonly from: string;
  readonly fromIdentity?: { readonly lid: string | null; readonly pn: string | null } | undefined;
  readonly participant?: string | undefined;
  readonly participantIdentity?: { readonly pn: string | null } | undefined;
  readonly _data?: unknown;
}

/** The contact that the texts about the session itself are of. WAHA's name. */
export const integrationChat = 'whatsapp.integration';

const isPerson = (id: string): boolean => id.endsWith('@c.us') || id.endsWith('@lid');
const digitsOf = (id: string): string => id.split('@')[0]?.split(':')[0] ?? id;

/** Who is behind a chat, with the names that the session knows. */
export class Parties {
  readonly #session: string;
  readonly #sessions: Sessions;
  readonly #texts: Texts;

  constructor(session: string, sessions: Sessions, texts: Texts) {
    this.#session = session;
    this.#sessions = sessions;
    this.#texts = texts;
  }

  /** The chat that a message is in. */
  async ofMessage(message: Written): Promise<Party> {
    const chat = chatOfId(message.id) ?? message.from;
    if (!isPerson(chat)) return this.ofMany(chat);
    const known = message.fromMe ? undefined : message.fromIdentity;
    return this.ofPerson(chat, known, message.fromMe ? undefined : pushNameOf(message));
  }

  async ofPerson(
    id: string,
    known?: { readonly lid: string | null; readonly pn: string | null },
    pushName?: string,
  ): Promise<Party> {
    const mapping = known ?? (await this.#mapping(id));
    const jid = id.endsWith('@c.us') ? id : mapping.pn;
    const lid = id.endsWith('@lid') ? id : mapping.lid;
    const phone = jid ? `+${digitsOf(jid)}` : null;
    const chatId = jid ?? id;
    const name = (await this.#nameOf(chatId)) ?? pushName ?? phone ?? digitsOf(id);
    return { chatId, name, phone, jid, lid };
  }

  /** A group, a channel, a list, or the statuses. */
  async ofMany(chatId: string): Promise<Party> {
    const none = { chatId, phone: null, jid: null, lid: null };
    if (chatId === 'status@broadcast') return { ...none, name: this.#texts.of('whatsapp.contact.status.name') };
    const kind = chatId.endsWith('@g.us') ? 'group' : chatId.endsWith('@newsletter') ? 'channel' : 'broadcast';
    const subject = kind === 'group' ? await this.#subjectOf(chatId) : undefined;
    const suffix = this.#texts.of(`whatsapp.contact.${kind}.suffix`);
    return { ...none, name: `${subject ?? digitsOf(chatId)} (${suffix})` };
  }

  /** The conversation with the session itself. */
  ofSession(): Party {
    const name = this.#texts.of('app.inbox.contact.name');
    return { chatId: integrationChat, name, phone: null, jid: null, lid: null };
  }

  /** Who wrote in a group. */
  async author(message: Written): Promise<string> {
    const id = message.participantIdentity?.pn ?? message.participant ?? '';
    return (await this.#nameOf(id)) ?? pushNameOf(message) ?? digitsOf(id);
  }

  /** Both names of a person; nothing where the session knows nothing, or is not connected. */
  async #mapping(id: string): Promise<{ readonly lid: string | null; readonly pn: string | null }> {
    const none = { lid: null, pn: null };
    return (
      (await this.#ask(async ({ lids }) => (id.endsWith('@lid') ? lids?.byLid(id) : lids?.byPhone(digitsOf(id))))) ??
      none
    );
  }

  async #nameOf(id: string): Promise<string | undefined> {
    const contact = await this.#ask(async ({ contactReading }) => contactReading?.get(id));
    return contact?.name ?? contact?.pushname ?? undefined;
  }

  async #subjectOf(id: string): Promise<string | undefined> {
    const group = await this.#ask(async ({ groups }) => groups?.get(id));
    return typeof group?.['subject'] === 'string' ? group['subject'] : undefined;
  }

  /** A name is worth no failure: without it there is the number. */
  async #ask<T>(question: (client: Awaited<ReturnType<Sessions['client']>>) => Promise<T>): Promise<T | undefined> {
    try {
      if (this.#sessions.get(this.#session).status !== 'WORKING') return undefined;
      return await question(await this.#sessions.client(this.#session));
    } catch {
      return undefined;
    }
  }
}

const pushNameOf = ({ _data }: Written): string | undefined => {
  const name = (_data as { readonly pushName?: unknown } | null | undefined)?.pushName;
  return typeof name === 'string' && name.trim() !== '' ? name : undefined;
};
