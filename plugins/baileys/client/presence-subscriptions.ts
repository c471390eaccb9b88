import type { PresencePayload } from 'waha-runtime';
import type { Presences } from 'waha-runtime/engine';
import type { People } from '../identity/people.ts';
import type { PhoneNumbers } from '../identity/phone-numbers.ts';
import { type HeardPresences, withBothIds } from '../inbound/presences.ts';
import { chatIdOf, isMany } from '../messages/ids.ts';
import { Recent } from '../recent.ts';
import { hiddenIdOf } from '../socket/hidden-ids.ts';
import type { Requests } from '../socket/requests.ts';

const CHATS = 1000;

export interface PresencesDirectory {
  readonly numbers: Pick<PhoneNumbers, 'jidOf'>;
  readonly people: Pick<People, 'of'>;
}

/** Asks WhatsApp what others are doing. */
export class BaileysPresences implements Presences {
  readonly #requests: Requests;
  readonly #heard: HeardPresences;
  readonly #numbers: Pick<PhoneNumbers, 'jidOf'>;
  readonly #people: Pick<People, 'of'>;
  readonly #subscribed = new Recent<true>(CHATS);

  constructor(requests: Requests, heard: HeardPresences, { numbers, people }: PresencesDirectory) {
    this.#requests = requests;
    this.#numbers = numbers;
    this.#people = people;
    this.#heard = heard;
  }

  async list(): Promise<PresencePayload[]> {
    return Promise.all(this.#heard.list().map((one) => withBothIds(one, this.#people)));
  }

  async get(chatId: string): Promise<PresencePayload> {
    const jid = await this.#numbers.jidOf(chatId);
    const isNew = !this.#subscribed.has(jid);
    if (isNew) await this.subscribe(chatId);
    const names = await this.#namesOf(jid);
    const known = () => this.#heard.newest(names);
    if (isNew && !known()) await this.#heard.news();
    return withBothIds({ id: chatIdOf(jid), presences: known()?.presences ?? [] }, this.#people);
  }

  async subscribe(chatId: string): Promise<void> {
    const jid = await this.#numbers.jidOf(chatId);
    await this.#requests.call('the subscription', (sock) => sock.presenceSubscribe(jid));
    this.#subscribed.set(jid, true);
  }

  /** WhatsApp may tell of a person under the number or under the hidden id. */
  async #namesOf(jid: string): Promise<string[]> {
    if (isMany(jid)) return [chatIdOf(jid)];
    const other = await this.#requests.call('the subscription', (sock) =>
      jid.endsWith('@lid') ? sock.signalRepository.lidMapping.getPNForLID(jid) : hiddenIdOf(sock, jid),
    );
    return [chatIdOf(jid), ...(other ? [chatIdOf(other)] : [])];
  }
}
