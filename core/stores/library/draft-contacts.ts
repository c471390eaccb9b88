import type { LibraryNews, LidPair } from '../../contracts/library.ts';
import type { Change, Collection, Where } from '../../contracts/storage.ts';
import { RowSet } from './row-set.ts';
import type { ContactRow } from './schemas.ts';

type ContactNews = NonNullable<LibraryNews['contacts']>[number];

/** The contacts that one commit concerns. A person is filed under the phone number as soon as it is known. */
export class DraftContacts {
  readonly #session: string;
  readonly #rows: RowSet<ContactRow>;
  readonly #phones = new Map<string, string>();

  constructor(session: string, rows: Collection<ContactRow>) {
    this.#session = session;
    this.#rows = new RowSet(rows, ['session', 'id']);
  }

  load(where: Where<ContactRow> | null): Promise<void> {
    return this.#rows.load(where);
  }

  /** What was filed under the hidden id moves to the phone number. */
  pair({ lid, pn }: LidPair): void {
    this.#phones.set(lid, pn);
    const [hidden, phone] = [this.#known(lid), this.#known(pn)];
    if (!hidden) return;
    this.#rows.remove({ session: this.#session, id: lid });
    this.#rows.put({
      session: this.#session,
      id: pn,
      name: phone?.name ?? hidden.name,
      pushName: phone?.pushName ?? hidden.pushName,
      verifiedName: phone?.verifiedName ?? hidden.verifiedName,
    });
  }

  take({ id: named, ...news }: ContactNews): void {
    const id = this.#phones.get(named) ?? named;
    const empty = { session: this.#session, id, name: null, pushName: null, verifiedName: null };
    this.#rows.put({ ...(this.#known(id) ?? empty), ...news });
  }

  /** What a person is called; null when nothing is known. */
  nameOf(id: string): string | null {
    const row = this.#known(this.#phones.get(id) ?? id);
    return row?.name ?? row?.pushName ?? row?.verifiedName ?? null;
  }

  changes(): Change[] {
    return this.#rows.changes();
  }

  #known(id: string): ContactRow | undefined {
    return this.#rows.get({ session: this.#session, id });
  }
}
