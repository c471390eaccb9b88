import { type Change, type Collection, type Database, defineCollection, type RowOf } from '../contracts/storage.ts';
import type { CredentialsRow } from './credentials.ts';

/** A row for each session whose keys are a copy's and not renewed yet. */
const schema = defineCollection({
  name: 'copied_accounts',
  columns: { session: { type: 'text' }, at: { type: 'integer' } },
  key: ['session'],
});

/** In place of a session's name: whoever finds it has opened a copy. No session is called so. */
const all = '*';

/**
 * Which accounts come from a copy. While one is made the database says that it is a copy: so the copy does, however it gets to
 * its place, and the original takes it back. An original that is killed in between takes itself for a copy, which costs its
 * conversations new keys and nothing else.
 */
export class CopiedAccounts {
  readonly #rows: Collection<RowOf<typeof schema>>;
  readonly #times: Map<string, number>;

  private constructor(rows: Collection<RowOf<typeof schema>>, times: Map<string, number>) {
    this.#rows = rows;
    this.#times = times;
  }

  /** `restoredAt`: somebody says that the database is a copy (ms since the epoch), made by other means than `while`. */
  static async open(
    database: Database,
    credentials: Collection<CredentialsRow>,
    restoredAt?: number,
  ): Promise<CopiedAccounts> {
    const rows = await database.open(schema);
    const known = await rows.find();
    const times = new Map(known.map(({ session, at }) => [session, at]));
    const at = restoredAt ?? times.get(all);
    if (at !== undefined) {
      const accounts = await credentials.find({ where: { slot: 'current' } });
      for (const { session } of accounts) times.set(session, at);
      times.delete(all);
      const noted = [...times].map(([session, time]) => rows.putting({ session, at: time }));
      await database.batch([...noted, rows.removing({ session: all })]);
    }
    return new CopiedAccounts(rows, times);
  }

  /** When the copy was made; null for an account that is no copy's, or that is renewed. */
  timeOf(session: string): number | null {
    return this.#times.get(session) ?? null;
  }

  /** A step that ends it, once it is committed and `forget` was called. */
  removing(session: string): Change {
    return this.#rows.removing({ session });
  }

  forget(session: string): void {
    this.#times.delete(session);
  }

  async while<T>(at: number, work: () => Promise<T>): Promise<T> {
    await this.#rows.put({ session: all, at });
    try {
      return await work();
    } finally {
      await this.#rows.remove({ session: all });
    }
  }
}
