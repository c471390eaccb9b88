import { jidNormalizedUser } from '@whiskeysockets/baileys';
import type { Pictures } from 'waha-runtime/engine';
import type { LidMappings } from '../identity/lid-mappings.ts';
import type { PhoneNumbers } from '../identity/phone-numbers.ts';
import { jidOf } from '../messages/ids.ts';
import { Recent } from '../recent.ts';
import type { Requests } from '../socket/requests.ts';
import type { BaileysSocket } from '../socket/socket.ts';

const KEPT = 5000;
const KEPT_MS = 24 * 60 * 60 * 1000;
/** WhatsApp's answers for a picture that there is not, or that is not for us. */
const NO_PICTURE = new Set([401, 403, 404]);

interface Known {
  readonly url: string | null;
  readonly at: number;
}

export interface PicturesOptions {
  readonly requests: Requests;
  readonly names: Pick<LidMappings, 'of'>;
  readonly numbers: Pick<PhoneNumbers, 'jidOf'>;
  readonly now: () => number;
}

/** Where the pictures of people and groups are. Asked once a day each, until WhatsApp says that one changed. */
export class BaileysPictures implements Pictures {
  readonly #requests: Requests;
  readonly #names: Pick<LidMappings, 'of'>;
  readonly #numbers: Pick<PhoneNumbers, 'jidOf'>;
  readonly #now: () => number;
  readonly #known = new Recent<Known>(KEPT);

  constructor({ ev }: Pick<BaileysSocket, 'ev'>, { requests, names, numbers, now }: PicturesOptions) {
    this.#requests = requests;
    this.#names = names;
    this.#numbers = numbers;
    this.#now = now;
    ev.on('contacts.update', (contacts) => {
      for (const { id, imgUrl } of contacts) if (id && imgUrl !== undefined) this.forget(id);
    });
  }

  async urlOf(chatId: string, refresh = false, field = 'chatId'): Promise<string | null> {
    const jid = await this.#numbers.jidOf(chatId, field);
    // Events name bots, broadcasts and channels, too: none of them shows a picture here.
    if (!/@(s\.whatsapp\.net|lid|g\.us)$/.test(jid)) return null;
    const known = this.#known.get(jid);
    if (known && !refresh && this.#now() - known.at < KEPT_MS) return known.url;
    const url = await this.#ask(jid);
    // Without any word of WhatsApp it is asked again next time.
    if (url !== undefined) this.#known.set(jid, { url, at: this.#now() });
    return url ?? null;
  }

  /** What is known already; null when there is none, or nobody has asked yet. */
  knownUrl(chatId: string): string | null {
    return this.#known.get(jidOf(chatId))?.url ?? null;
  }

  /** WhatsApp may tell of a person under the number or under the hidden id: what is known by either goes. */
  forget(jid: string): void {
    const person = jidNormalizedUser(jid);
    this.#known.delete(person);
    void this.#names.of(person).then((other) => other && this.#known.delete(other));
  }

  async #ask(jid: string): Promise<string | null | undefined> {
    try {
      return await this.#requests.call('the picture', (sock) => sock.profilePictureUrl(jid, 'image'));
    } catch (error) {
      const { details } = error as { details?: { body?: { code?: number } } };
      if (NO_PICTURE.has(details?.body?.code ?? 0)) return null;
      throw error;
    }
  }
}
