import { isRuntimeError, type NumberStatus, unavailable, unprocessable } from 'waha-runtime';
import type { Numbers } from 'waha-runtime/engine';
import type { People } from '../identity/people.ts';
import type { PhoneNumbers } from '../identity/phone-numbers.ts';
import { chatIdOf, jidOf, usernameIn } from '../messages/ids.ts';
import type { Requests } from '../socket/requests.ts';

/** Digits that are no phone number of any country. */
const tooShort = /^\+?\d{1,4}(?:@c\.us|@s\.whatsapp\.net)?$/;

export interface NumbersDirectory {
  readonly numbers: Pick<PhoneNumbers, 'learn' | 'known'>;
  readonly people: Pick<People, 'of'>;
}

/** Who is on WhatsApp. */
export class BaileysNumbers implements Numbers {
  readonly #requests: Requests;
  readonly #numbers: Pick<PhoneNumbers, 'learn' | 'known'>;

  readonly #people: Pick<People, 'of'>;

  constructor(requests: Requests, { numbers, people }: NumbersDirectory) {
    this.#requests = requests;
    this.#numbers = numbers;
    this.#people = people;
  }

  async check(phone: string): Promise<NumberStatus> {
    if (tooShort.test(phone)) return { numberExists: false };
    const asked = jidOf(phone, 'phone');
    if (usernameIn(asked) !== null) return this.#checkUsername(asked);
    const jid = asked.endsWith('@lid') ? await this.#numberBehind(asked) : asked;
    if (!jid.endsWith('@s.whatsapp.net')) return { numberExists: false };
    const found = await this.#requests.call('the check of the number', (sock) => sock.onWhatsApp(jid));
    if (!found) throw unavailable('WhatsApp did not answer about the number');
    // Who is not there is left out of the answer.
    const [status] = found;
    if (!status?.exists) return { numberExists: false };
    this.#numbers.learn(jid, status.jid);
    return this.#found(status.jid);
  }

  async #found(jid: string): Promise<NumberStatus> {
    const chatIdentity = await this.#people.of(jid);
    return { numberExists: true, chatId: chatIdOf(jid), ...(chatIdentity ? { chatIdentity } : {}) };
  }

  async #checkUsername(asked: string): Promise<NumberStatus> {
    try {
      const jid = await this.#requests.call('the check of the username', () => this.#numbers.known(asked, 'phone'));
      return await this.#found(jid);
    } catch (error) {
      if (isRuntimeError(error) && error.code === 'NOT_ON_WHATSAPP') return { numberExists: false };
      throw error;
    }
  }

  /** Hidden ids cannot be asked about, but the number behind one may be known. */
  async #numberBehind(lid: string): Promise<string> {
    const number = await this.#requests.call('the check of the number', ({ signalRepository: { lidMapping } }) =>
      lidMapping.getPNForLID(lid),
    );
    if (!number) throw unprocessable(`phone: the phone number of '${chatIdOf(lid)}' is not known`);
    return number;
  }
}
