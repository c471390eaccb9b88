import type { Log } from '../contracts/log.ts';
import type { Change, Database } from '../contracts/storage.ts';
import type { AuthStore, SessionAuth } from '../contracts/stores.ts';
import { type AuthRows, archivedSchema, keysSchema } from './auth-rows.ts';
import { CopiedAccounts } from './copied-accounts.ts';
import { openCredentials, readCredentials, sealed } from './credentials.ts';
import { RevocableAuth } from './session-auth.ts';
import type { TimeLimit } from './time-limit.ts';

/**
 * Credentials and keys of all sessions. One handle per session is alive: `open`, `clear` and `archive` revoke the one
 * handed out before, so that a late write of an old socket changes nothing.
 */
export class CollectionAuthStore implements AuthStore {
  readonly #rows: AuthRows;
  readonly #handles = new Map<string, RevocableAuth>();

  private constructor(rows: AuthRows) {
    this.#rows = rows;
  }

  /** `unfenced`: the database itself, for what is noted at the start of every session, whoever's it is. */
  static async open(
    database: Database,
    within: TimeLimit,
    log: Log,
    {
      unfenced = database,
      restoredAt,
    }: { readonly unfenced?: Database; readonly restoredAt?: number | undefined } = {},
  ): Promise<CollectionAuthStore> {
    const credentials = await openCredentials(database);
    const keys = await database.open(keysSchema);
    const archivedKeys = await database.open(archivedSchema);
    const copied = await within('looking whether the accounts are copies', () =>
      CopiedAccounts.open(unfenced, credentials, restoredAt),
    );
    return new CollectionAuthStore({ database, credentials, keys, archivedKeys, copied, within, log });
  }

  whileCopied<T>(at: number, work: () => Promise<T>): Promise<T> {
    return this.#rows.copied.while(at, work);
  }

  open(session: string): SessionAuth {
    this.#revoke(session);
    const handle = new RevocableAuth(session, this.#rows);
    this.#handles.set(session, handle);
    return handle;
  }

  release(session: string): void {
    this.#revoke(session);
  }

  async clear(session: string): Promise<void> {
    this.#revoke(session);
    const { database, credentials, keys, archivedKeys, copied, within } = this.#rows;
    await within(`removing the credentials of session '${session}'`, () =>
      database.batch([
        credentials.removing({ session }),
        keys.removing({ session }),
        archivedKeys.removing({ session }),
        copied.removing(session),
      ]),
    );
    copied.forget(session);
  }

  /** Corrupt credentials are moved aside as they are; with none there is nothing to do. */
  async archive(session: string): Promise<void> {
    this.#revoke(session);
    const { database, copied, within } = this.#rows;
    await within(`archiving the credentials of session '${session}'`, async () => {
      const changes = await this.#archiving(session);
      if (changes.length > 0) await database.batch([...changes, copied.removing(session)]);
    });
    copied.forget(session);
  }

  async #archiving(session: string): Promise<Change[]> {
    const { credentials, keys, archivedKeys, log } = this.#rows;
    const damaged = await credentials.get({ session, slot: 'current' });
    const readable = await readCredentials(credentials, session, log).catch(() => null);
    const kept =
      readable === null ? damaged && { ...damaged, slot: 'archived' } : sealed(session, 'archived', readable);
    if (kept === null) return [];
    const rows = await keys.find({ where: { session } });
    return [
      archivedKeys.removing({ session }),
      ...rows.map((row) => archivedKeys.putting(row)),
      keys.removing({ session }),
      credentials.removing({ session }),
      credentials.putting(kept),
    ];
  }

  #revoke(session: string): void {
    this.#handles.get(session)?.revoke();
    this.#handles.delete(session);
  }
}
