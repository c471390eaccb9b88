import {
  type AuthenticationCreds,
  type AuthenticationState,
  initAuthCreds,
  type SignalDataSet,
  type SignalDataTypeMap,
} from '@whiskeysockets/baileys';
import { type Log, sentence, unavailable } from 'waha-runtime';
import { corruptAuth, type SessionAuth } from 'waha-runtime/engine';
import { type Deferred, deferred } from '../deferred.ts';
import { CommitQueue } from './commit-queue.ts';
import { renewCopied } from './copied.ts';
import {
  decodeCredentials,
  decodeKey,
  encodeCredentials,
  isLinked,
  type KeyType,
  keyChanges,
} from './credential-codec.ts';
import { KeyCache } from './key-cache.ts';

/** A key type that is never stored: it travels in a transaction and says at its commit which one that is. */
export const holdType = 'waha-hold';

const CACHED_KEYS = 500;

/** How long a transaction may stay open after it has encrypted (ms): reading from a database that does not answer ends sooner. */
const LONGEST_HOLD_MS = 60_000;

/** What keeps everything from being sent. */
export interface WriteGate {
  /** Until these changes are durable; for good when they never are. */
  holdUntil(durable: Promise<void>): void;
  /** Until the function that it returns is called, or for a while. */
  hold(): () => void;
}

interface Marked {
  readonly [holdType]?: Readonly<Record<string, true>>;
}

export interface AuthStateOptions {
  readonly session: string;
  readonly auth: SessionAuth;
  readonly log: Log;
  /** Hears of every failure of the store after loading. */
  onFailure(error: unknown): void;
}

/**
 * Baileys' authentication state on the runtime's store. Nothing is stored before a phone has linked the device: what a
 * pairing that never finished leaves behind (`requestPairingCode` sets `creds.me` at once) dies with its connection, and
 * if an older version stored it, it is not taken up again.
 */
export class AuthState implements AuthenticationState {
  readonly creds: AuthenticationCreds;
  readonly keys: AuthenticationState['keys'];
  readonly #auth: SessionAuth;
  readonly #commits: CommitQueue;
  readonly #cache = new KeyCache(CACHED_KEYS, (type, id, bytes) => this.#decode(type, id, bytes));
  readonly #log: Log;
  readonly #onFailure: (error: unknown) => void;
  readonly #watchers: ((type: string, id: string) => void)[] = [];
  #gate: WriteGate | undefined;
  /** Holds that end when the transaction with their mark is durable, or was given up. */
  readonly #marks = new Map<string, Deferred<void>>();
  #mark = 0;

  private constructor({ auth, log, onFailure }: AuthStateOptions, creds: AuthenticationCreds) {
    this.creds = creds;
    this.#auth = auth;
    this.#log = log;
    this.#onFailure = onFailure;
    const credentials = () => (this.linked ? { value: encodeCredentials(creds), linked: true } : undefined);
    this.#commits = new CommitQueue({ auth, credentials, onFailure });
    this.keys = { get: (type, ids) => this.#get(type, ids), set: (data) => this.#set(data) };
  }

  /**
   * The stored credentials, or fresh ones when there are none. Rejects with `CORRUPT_AUTH` when they cannot be read, and
   * with `STORAGE_FAILED`.
   */
  static async load(options: AuthStateOptions): Promise<AuthState> {
    const stored = await options.auth.credentials();
    if (!stored) return new AuthState(options, initAuthCreds());
    try {
      const creds = decodeCredentials(stored.value);
      if (!isLinked(creds)) return new AuthState(options, initAuthCreds());
      return new AuthState(options, await renewCopied(options.auth, creds, options.log));
    } catch (error) {
      throw corruptAuth(options.session, error);
    }
  }

  /** Whether a phone has linked this device. */
  get linked(): boolean {
    return isLinked(this.creds);
  }

  /** What is remembered of a key: null for one that does not exist, undefined where the store has to be asked. Nobody changes it. */
  known(type: KeyType, id: string): unknown {
    return this.#cache.get(type, id);
  }

  /** From now on Baileys goes on while changed keys are being written: many messages share a commit. */
  writeBehind(gate: WriteGate): void {
    this.#gate = gate;
  }

  /** Calls it with the type and the id of each key when the key is written or removed: from then on it is read so. */
  onWrite(watcher: (type: string, id: string) => void): void {
    this.#watchers.push(watcher);
  }

  /**
   * Nothing is sent until the transaction that stores this mark is durable, or is given up. No time lets it go: what would leave
   * then was encrypted with a key that may be used again. A transaction that does not end ends the connection.
   */
  holdUntilCommitted(): string {
    const mark = String(++this.#mark);
    if (!this.#gate) return mark;
    const hold = deferred();
    const timer = setTimeout(() => {
      const error = unavailable(`a message was being encrypted for ${LONGEST_HOLD_MS} ms`);
      hold.reject(error);
      this.#onFailure(error);
    }, LONGEST_HOLD_MS);
    this.#marks.set(mark, hold);
    this.#gate.holdUntil(hold.promise.finally(() => clearTimeout(timer)));
    return mark;
  }

  /** The transactions of these marks were rolled back: what they encrypted is not sent. */
  giveUp(marks: readonly string[]): void {
    this.#release(marks);
  }

  /** Baileys has changed `creds`. Resolves when they are durable. */
  saveCredentials(): Promise<void> {
    return this.#commits.credentials();
  }

  /** Resolves when everything asked for so far is durable, or has failed. */
  async settled(): Promise<void> {
    await this.#commits.idle();
    await this.#auth.flush().catch((error) => this.#onFailure(error));
    // The connection is closed: nobody writes any more.
    this.#release([...this.#marks.keys()]);
    this.#cache.clear();
  }

  async #get<T extends KeyType>(type: T, ids: string[]): Promise<Record<string, SignalDataTypeMap[T]>> {
    const found: Record<string, SignalDataTypeMap[T]> = {};
    const missing: string[] = [];
    for (const id of ids) {
      const value = this.#cache.get(type, id);
      if (value === undefined) missing.push(id);
      else if (value !== null) found[id] = value as SignalDataTypeMap[T];
    }
    if (missing.length > 0) Object.assign(found, await this.#read(type, missing));
    return found;
  }

  async #read<T extends KeyType>(type: T, ids: string[]): Promise<Record<string, SignalDataTypeMap[T]>> {
    const reading = this.#cache.reading(type, ids);
    try {
      const found: Record<string, SignalDataTypeMap[T]> = {};
      const stored = await this.#stored(type, ids);
      for (const id of ids) {
        const bytes = stored.get(id);
        const value = bytes && this.#decode(type, id, bytes);
        reading.found(id, value, () => bytes);
        if (value != null) found[id] = value;
      }
      return found;
    } finally {
      reading.end();
    }
  }

  /** What is stored, or will be in a moment. */
  async #stored(type: KeyType, ids: string[]): Promise<Map<string, Uint8Array>> {
    const pending = new Map(ids.map((id) => [id, this.#commits.pending(type, id)] as const));
    const others = ids.filter((id) => pending.get(id) === undefined);
    const stored = new Map<string, Uint8Array>();
    for (const [id, value] of pending) if (value) stored.set(id, value);
    if (others.length === 0) return stored;
    const read = await this.#auth.keys(type, others).catch((error) => {
      this.#onFailure(error);
      throw error;
    });
    for (const [id, value] of read) stored.set(id, value);
    return stored;
  }

  /** A damaged key is as good as none: WhatsApp's retries make a new one. Only damaged credentials are fatal. */
  #decode<T extends KeyType>(type: T, id: string, bytes: Uint8Array): SignalDataTypeMap[T] | undefined {
    try {
      return decodeKey(type, bytes);
    } catch (error) {
      this.#log.warn({ type, id, err: sentence(error) }, 'a stored key cannot be read and is left out');
      return undefined;
    }
  }

  async #set({ [holdType]: marks, ...data }: SignalDataSet & Marked): Promise<void> {
    const changes = keyChanges(data);
    // Written to the cache at once: Baileys reads outside of its transactions, too.
    for (const change of changes) {
      const { type, id } = change;
      this.#cache.written(type as KeyType, id, data[type as KeyType]?.[id], () => change.value);
      for (const watch of this.#watchers) watch(type, id);
    }
    const durable = this.#commits.keys(changes);
    if (!this.#gate) return durable;
    // A failure ends the connection, and nothing is sent in between.
    durable.catch(() => undefined);
    this.#gate.holdUntil(durable);
    if (marks) durable.then(() => this.#release(Object.keys(marks))).catch(() => undefined);
  }

  #release(marks: readonly string[]): void {
    for (const mark of marks) {
      this.#marks.get(mark)?.resolve();
      this.#marks.delete(mark);
    }
  }
}
