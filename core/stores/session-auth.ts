import type { Change } from '../contracts/storage.ts';
import type { AuthChanges, KeyChange, SessionAuth } from '../contracts/stores.ts';
import { authRevoked, corruptAuth, isRuntimeError, storageFailed } from '../errors.ts';
import type { AuthRows } from './auth-rows.ts';
import { type Credentials, readCredentials, sealed } from './credentials.ts';

/** How many keys one query asks for. */
const chunk = 1000;

/**
 * One connection's handle on the credentials and keys of its session. Commits reach the database in the order of the
 * calls; those with keys only, which come thousands a second, read nothing first.
 */
export class RevocableAuth implements SessionAuth {
  readonly #session: string;
  readonly #rows: AuthRows;
  readonly #inFlight = new Set<Promise<void>>();
  #revoked = false;
  /** What is stored once all commits so far are through. Undefined until the first commit of credentials reads it. */
  #stored: Credentials | null | 'corrupt' | undefined;
  /** Commits that wait for `#stored`, or null when nobody reads it now. */
  #waiting: (() => void)[] | null = null;

  constructor(session: string, rows: AuthRows) {
    this.#session = session;
    this.#rows = rows;
  }

  get copiedAt(): number | null {
    return this.#rows.copied.timeOf(this.#session);
  }

  async credentials(): Promise<Credentials | null> {
    const { credentials, within, log } = this.#rows;
    return within(`reading the credentials of session '${this.#session}'`, () =>
      readCredentials(credentials, this.#session, log),
    );
  }

  async keys(type: string, ids: readonly string[]): Promise<Map<string, Uint8Array>> {
    const wanted = [...new Set(ids)];
    const found = new Map<string, Uint8Array>();
    const session = this.#session;
    await this.#rows.within(`reading keys of session '${session}'`, async () => {
      for (let start = 0; start < wanted.length; start += chunk) {
        const id = { in: wanted.slice(start, start + chunk) };
        for (const row of await this.#rows.keys.find({ where: { session, type, id } })) found.set(row.id, row.value);
      }
    });
    return found;
  }

  async list(type: string): Promise<Map<string, Uint8Array>> {
    const session = this.#session;
    const rows = await this.#rows.within(`reading keys of session '${session}'`, () =>
      this.#rows.keys.find({ where: { session, type } }),
    );
    return new Map(rows.map(({ id, value }) => [id, value]));
  }

  async commit({ credentials, keys = [], renewed }: AuthChanges): Promise<void> {
    const steps = keys.map((key) => this.#keyStep(key));
    if (renewed) steps.push(this.#rows.copied.removing(this.#session));
    const own = credentials && { value: new Uint8Array(credentials.value), linked: credentials.linked };
    const work = this.#rows.within(`saving the credentials of session '${this.#session}'`, () =>
      this.#inTurn(own !== undefined, () => this.#save(steps, own)),
    );
    this.#inFlight.add(work);
    try {
      await work;
    } finally {
      this.#inFlight.delete(work);
    }
    if (renewed) this.#rows.copied.forget(this.#session);
  }

  /** Rejects when one of the commits under way does. */
  async flush(): Promise<void> {
    await Promise.all(this.#inFlight);
  }

  revoke(): void {
    this.#revoked = true;
  }

  /** Runs the work at once, or after the commits that wait for what is stored; it begins to read that when asked to. */
  #inTurn(needsStored: boolean, work: () => Promise<void>): Promise<void> {
    if (needsStored && this.#stored === undefined && this.#waiting === null) {
      this.#waiting = [];
      void this.#readStored();
    }
    const { promise, run } = deferred(work);
    if (this.#waiting === null) run();
    else this.#waiting.push(run);
    return promise;
  }

  async #readStored(): Promise<void> {
    try {
      this.#stored = await readCredentials(this.#rows.credentials, this.#session, this.#rows.log);
    } catch (error) {
      // Any other failure leaves it unknown: the commits that waited reject, the next one reads again.
      if (isRuntimeError(error, 'CORRUPT_AUTH')) this.#stored = 'corrupt';
    }
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const run of waiting) run();
  }

  async #save(steps: readonly Change[], own: Credentials | undefined): Promise<void> {
    if (this.#revoked) throw authRevoked(this.#session);
    const changes = own === undefined ? steps : [...steps, ...this.#credentialSteps(own)];
    if (changes.length === 0) return;
    if (own !== undefined) this.#stored = own;
    try {
      await this.#rows.database.batch(changes);
    } catch (error) {
      if (own !== undefined) this.#stored = undefined;
      throw error;
    }
  }

  #credentialSteps(own: Credentials): Change[] {
    const { credentials, database } = this.#rows;
    const former = this.#stored;
    if (former === undefined) throw storageFailed(database.driver, `${this.#subject} could not be read`);
    if (former === 'corrupt' && !own.linked) throw corruptAuth(this.#session);
    if (former !== null && former !== 'corrupt' && former.linked && !own.linked) {
      throw storageFailed(database.driver, `${this.#subject} are linked: unlinked ones do not overwrite them`);
    }
    const current = credentials.putting(sealed(this.#session, 'current', own));
    if (former === null || former === 'corrupt') return [current];
    return [credentials.putting(sealed(this.#session, 'previous', former)), current];
  }

  #keyStep({ type, id, value }: KeyChange): Change {
    const session = this.#session;
    const { keys } = this.#rows;
    return value === null
      ? keys.removing({ session, type, id })
      : keys.putting({ session, type, id, value: new Uint8Array(value) });
  }

  get #subject(): string {
    return `the credentials of session '${this.#session}'`;
  }
}

const deferred = (work: () => Promise<void>): { readonly promise: Promise<void>; run(): void } => {
  let run = () => {};
  const promise = new Promise<void>((resolve, reject) => {
    run = () => {
      work().then(resolve, reject);
    };
  });
  return { promise, run };
};
