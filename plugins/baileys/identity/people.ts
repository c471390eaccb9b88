import { identityOf, type PersonIdentity } from '../messages/identity.ts';
import { chatIdOf } from '../messages/ids.ts';
import { type Acquaintance, otherNamesOf } from './other-names.ts';
import type { Usernames } from './usernames.ts';

/** Says of anybody who it is, under every name that is known. */
export class People {
  readonly #acquaintance: Acquaintance;
  readonly #usernames: Pick<Usernames, 'of'>;

  constructor(acquaintance: Acquaintance, usernames: Pick<Usernames, 'of'>) {
    this.#acquaintance = acquaintance;
    this.#usernames = usernames;
  }

  /** Of a jid, or of an id in WAHA's form; null for what is no person. Never rejects. */
  async of(jid: string): Promise<PersonIdentity | null> {
    const id = chatIdOf(jid);
    const others = await otherNamesOf([id], this.#acquaintance);
    return this.named(id, others.get(id));
  }

  /** The same where the other name is at hand. */
  named(id: string, other: string | null | undefined): PersonIdentity | null {
    const usernames = this.#usernames;
    return identityOf(id, other, usernames.of(id) ?? (other ? usernames.of(other) : null));
  }
}
