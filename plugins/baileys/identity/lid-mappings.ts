import { jidDecode, jidNormalizedUser } from '@whiskeysockets/baileys';
import type { AuthState } from '../credentials/auth-state.ts';
import { chatIdOf } from '../messages/ids.ts';

/**
 * People go by two names: a phone number and a hidden id (LID). What is stored here of who is who; nobody is asked. Whoever
 * compares people does it here: the same person may stand under either name in a chat, a reaction, a quote or a receipt.
 */
export class LidMappings {
  readonly #keys: AuthState['keys'];

  constructor({ keys }: Pick<AuthState, 'keys'>) {
    this.#keys = keys;
  }

  /** The jid of the same person by the other name (of a jid, or of an id in WAHA's form), without a device; undefined when it is not known. Never rejects. */
  async of(jid: string): Promise<string | undefined> {
    const decoded = jidDecode(jid);
    if (!decoded) return undefined;
    const isLid = decoded.server === 'lid';
    if (!isLid && decoded.server !== 's.whatsapp.net' && decoded.server !== 'c.us') return undefined;
    const id = isLid ? `${decoded.user}_reverse` : decoded.user;
    try {
      const { [id]: other } = await this.#keys.get('lid-mapping', [id]);
      return other ? `${other}@${isLid ? 's.whatsapp.net' : 'lid'}` : undefined;
    } catch {
      return undefined;
    }
  }

  /** Every jid of the people or chats named, each once, without devices. */
  async jidsOf(jids: readonly (string | null | undefined)[]): Promise<string[]> {
    const known = jids.flatMap((jid) => (jid ? [jidNormalizedUser(jid)] : []));
    const others = await Promise.all(known.map((jid) => this.of(jid)));
    return [...new Set([...known, ...others.filter((jid) => jid !== undefined)])];
  }

  /** The same in WAHA's form. */
  async idsOf(jids: readonly (string | null | undefined)[]): Promise<string[]> {
    return (await this.jidsOf(jids)).map(chatIdOf);
  }
}
