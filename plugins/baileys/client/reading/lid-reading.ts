import type { LidMapping } from 'waha-runtime';
import type { LidReading, ListPage } from 'waha-runtime/engine';
import type { PhoneNumbers } from '../../identity/phone-numbers.ts';
import { chatIdOf, jidOf } from '../../messages/ids.ts';
import { hiddenIdOf } from '../../socket/hidden-ids.ts';
import type { Requests } from '../../socket/requests.ts';
import type { MessageStore } from '../../store/message-store.ts';
import type { LongLists } from './long-lists.ts';
import { storeOf } from './store-off.ts';

export interface LidReadingOptions {
  readonly messageStore: MessageStore;
  readonly requests: Requests;
  readonly numbers: Pick<PhoneNumbers, 'jidOf'>;
  readonly longLists: LongLists;
}

/** Who is behind a hidden id: from the store, else from what the connection knows. */
export class BaileysLidReading implements LidReading {
  readonly #options: LidReadingOptions;

  constructor(options: LidReadingOptions) {
    this.#options = options;
  }

  list(page: ListPage): Promise<readonly LidMapping[]> {
    const { longLists, messageStore } = this.#options;
    return longLists.read(page.limit, () => storeOf(messageStore).lids(page));
  }

  count(): Promise<number> {
    return storeOf(this.#options.messageStore).countLids();
  }

  async byLid(text: string): Promise<LidMapping> {
    const jid = jidOf(text.includes('@') ? text : `${text}@lid`, 'lid');
    const lid = chatIdOf(jid);
    const [stored] = (await this.#options.messageStore.library?.pairsOf([lid])) ?? [];
    if (stored) return stored;
    const pn = await this.#options.requests.call('the phone number', (sock) =>
      sock.signalRepository.lidMapping.getPNForLID(jid),
    );
    return { lid, pn: pn ? chatIdOf(pn) : null };
  }

  async byPhone(phone: string): Promise<LidMapping> {
    const jid = await this.#options.numbers.jidOf(phone, 'phoneNumber');
    const pn = chatIdOf(jid);
    const [stored] = (await this.#options.messageStore.library?.pairsOf([pn])) ?? [];
    if (stored) return stored;
    const lid = await this.#options.requests.call('the hidden id', (sock) => hiddenIdOf(sock, jid));
    return { lid: lid ? chatIdOf(lid) : null, pn };
  }
}
