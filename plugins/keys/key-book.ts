import { ulid } from 'ulid';
import {
  type Clock,
  isSessionName,
  notFound,
  type PluginStorage,
  SerialQueue,
  type Sessions,
  unprocessable,
} from 'waha-runtime';
import { LiveKeys } from './live-keys.ts';
import type { ApiKeyRequest } from './schemas.ts';
import type { Sealing } from './sealing.ts';
import { hashOf, newSecret, type StoredKey, storedKeyOf } from './stored-key.ts';
import { checkShape, sessionsIn } from './wishes.ts';

export interface KeyBookOptions {
  readonly storage: PluginStorage;
  readonly sessions: Pick<Sessions, 'has'>;
  readonly clock: Pick<Clock, 'now'>;
  /** Null: only hashes are kept. */
  readonly sealing: Sealing | null;
  readonly maxKeys: number;
}

/** A key with its secret, where that is known. */
export interface ShownKey {
  readonly stored: StoredKey;
  readonly secret: string | null;
}

type Fresh = Partial<StoredKey> & Pick<StoredKey, 'isAdmin' | 'isActive' | 'sessions' | 'actions'>;

/** So many secrets of before may open at once. */
const MOST_PREVIOUS = 20;

/** Where a key stands in the plugin's storage, and where it says when it was last used: whoever used a key writes nothing else of it. */
const placeOf = (id: string): string => `key:${id}`;
const useOf = (id: string): string => `use:${id}`;

/** All keys: kept in the plugin's storage, and in memory for every request. */
export class KeyBook {
  readonly live: LiveKeys;
  readonly #options: KeyBookOptions;
  readonly #turns = new SerialQueue();
  readonly #writtenUse = new Map<string, number | null>();

  private constructor(options: KeyBookOptions) {
    this.#options = options;
    this.live = new LiveKeys(() => options.clock.now());
  }

  /** Reads what is kept. With hashes alone, no secret stays on the disk. */
  static async open(options: KeyBookOptions, declared: readonly StoredKey[]): Promise<KeyBook> {
    const book = new KeyBook(options);
    for (const kept of await book.#stored()) {
      if (options.sealing === null && kept.sealed !== null) await book.#keep({ ...kept, sealed: null });
      else book.#take(kept);
    }
    for (const key of declared) book.live.put(key);
    return book;
  }

  /** Takes up what other processes made, changed or removed. */
  refresh(): Promise<void> {
    return this.#turns.run(async () => {
      const stored = await this.#stored();
      const ids = new Set(stored.map(({ id }) => id));
      for (const { id, createdAt } of this.live.all()) if (createdAt !== null && !ids.has(id)) this.live.remove(id);
      for (const kept of stored) {
        const known = this.live.get(kept.id);
        if (!known || contentOf(known) !== contentOf(kept)) this.#take(kept);
      }
    });
  }

  async #stored(): Promise<StoredKey[]> {
    const { storage } = this.#options;
    const places = new Set(await storage.keys());
    const stored: StoredKey[] = [];
    for (const place of places) {
      const read = place.startsWith('key:') ? await storage.get<StoredKey>(place) : undefined;
      if (!read) continue;
      const kept = storedKeyOf(read);
      const use = useOf(kept.id);
      const usedAt = (places.has(use) ? await storage.get<number>(use) : null) ?? 0;
      stored.push({ ...kept, lastUsedAt: Math.max(usedAt, kept.lastUsedAt ?? 0) || null });
    }
    return stored;
  }

  list(): ShownKey[] {
    return this.live.all().map((stored) => this.#shown(stored));
  }

  get(id: string): ShownKey | null {
    const stored = this.live.get(id);
    return stored ? this.#shown(stored) : null;
  }

  /** Rejects with `UNPROCESSABLE` for what contradicts itself, and for a session that does not exist. */
  create(wish: ApiKeyRequest): Promise<ShownKey> {
    const shape = checkShape(wish, sessionsIn(wish, undefined), this.#options.sessions);
    const { note = null, expiresAt = null, rateLimit = null } = wish;
    return this.#turns.run(() =>
      this.#make(`key_id_${ulid().toLowerCase()}`, { ...shape, note, expiresAt, rateLimit }),
    );
  }

  /** A key that a plugin owns. */
  createOwned(fresh: Fresh): Promise<ShownKey> {
    return this.#turns.run(() => this.#make(`key_id_${ulid().toLowerCase()}`, fresh));
  }

  /**
   * The key of this id; makes it where there is none. Where only hashes are kept nobody can show it again, so it gets another secret,
   * and the one before opens for an hour more.
   */
  getOrCreate(id: string, fresh: Fresh): Promise<ShownKey> {
    const [session = ''] = fresh.sessions;
    if (!this.#options.sessions.has(session)) throw unprocessable(`session '${session}' does not exist`);
    return this.#turns.run(async () => {
      const known = this.live.get(id);
      if (!known) return this.#make(id, fresh);
      return known.sealed === null ? this.#rotate(known, 3_600) : this.#shown(known);
    });
  }

  change(id: string, wish: ApiKeyRequest): Promise<ShownKey> {
    return this.#turns.run(async () => {
      const before = this.#own(id);
      const shape = checkShape(wish, sessionsIn(wish, before), this.#options.sessions);
      const { note = before.note, expiresAt = before.expiresAt, rateLimit = before.rateLimit } = wish;
      return this.#shown(await this.#keep({ ...before, ...shape, note, expiresAt, rateLimit }));
    });
  }

  changeOwned(id: string, change: Pick<StoredKey, 'actions' | 'isActive'>): Promise<ShownKey> {
    return this.#turns.run(async () => {
      const before = this.live.get(id);
      if (!before?.owner) throw unprocessable(`key '${id}' is gone`);
      return this.#shown(await this.#keep({ ...before, ...change }));
    });
  }

  rotate(id: string, overlapSeconds: number): Promise<ShownKey> {
    return this.#turns.run(() => this.#rotate(this.#own(id), overlapSeconds));
  }

  remove(id: string): Promise<void> {
    return this.#turns.run(() => this.#drop(this.#own(id)));
  }

  async removeOwned(id: string): Promise<void> {
    await this.#turns.run(async () => {
      const key = this.live.get(id);
      if (key?.owner) await this.#drop(key);
    });
  }

  /** No key opens a session of that name that somebody makes later; a key that is left without any goes. */
  forgetSession(session: string): Promise<void> {
    return this.#turns.run(async () => {
      for (const key of this.live.all()) {
        if (key.createdAt === null || !key.sessions.includes(session)) continue;
        const sessions = key.sessions.filter((name) => name !== session);
        if (sessions.length === 0) await this.#drop(key);
        else await this.#keep({ ...key, sessions });
      }
    });
  }

  /** Removes keys of sessions that went while this plugin did not look. */
  async forgetMissing(): Promise<void> {
    const named = new Set(this.live.all().flatMap(({ sessions }) => sessions));
    for (const name of named)
      if (isSessionName(name) && !this.#options.sessions.has(name)) await this.forgetSession(name);
  }

  /** Keeps when keys were last used. */
  saveUse(): Promise<void> {
    return this.#turns.run(async () => {
      for (const key of this.live.all()) {
        if (key.createdAt === null || key.lastUsedAt === this.#writtenUse.get(key.id)) continue;
        await this.#options.storage.set(useOf(key.id), key.lastUsedAt);
        this.#writtenUse.set(key.id, key.lastUsedAt);
      }
    });
  }

  async #make(id: string, fresh: Fresh): Promise<ShownKey> {
    const { maxKeys, clock, sealing } = this.#options;
    if (this.live.size >= maxKeys) throw unprocessable(`there are ${maxKeys} keys already`);
    const secret = newSecret();
    const stored = await this.#keep({
      ...{ note: null, expiresAt: null, rateLimit: null, lastUsedAt: null, previous: [], owner: null },
      ...fresh,
      ...{ id, createdAt: clock.now(), hash: hashOf(secret), sealed: sealing?.seal(secret, id) ?? null },
    });
    return { stored, secret };
  }

  async #rotate(before: StoredKey, overlapSeconds: number): Promise<ShownKey> {
    const { clock, sealing } = this.#options;
    const secret = newSecret();
    const now = clock.now();
    // Who changes over may be behind by more than one; without an overlap nothing older opens any more.
    const older = before.previous.filter(({ until }) => until > now).slice(0, MOST_PREVIOUS - 1);
    const previous = overlapSeconds > 0 ? [{ hash: before.hash, until: now + overlapSeconds * 1000 }, ...older] : [];
    const sealed = sealing?.seal(secret, before.id) ?? null;
    const stored = await this.#keep({ ...before, hash: hashOf(secret), sealed, previous });
    return { stored, secret };
  }

  /** On the disk first: a key that was shown opens after a crash, and one that was taken away does not. */
  async #keep(key: StoredKey): Promise<StoredKey> {
    await this.#options.storage.set(placeOf(key.id), key);
    this.#take(key);
    return key;
  }

  #take(key: StoredKey): void {
    this.live.put(key);
    this.#writtenUse.set(key.id, key.lastUsedAt);
  }

  async #drop({ id }: StoredKey): Promise<void> {
    await this.#options.storage.remove(placeOf(id));
    await this.#options.storage.remove(useOf(id));
    this.live.remove(id);
    this.#writtenUse.delete(id);
  }

  /** A key that the API may change. */
  #own(id: string): StoredKey {
    const key = this.live.get(id);
    if (!key) throw notFound(`key '${id}' does not exist`);
    if (key.createdAt === null) throw unprocessable(`key '${id}' is declared in the YAML; change it there`);
    if (key.owner !== null) throw unprocessable(`key '${id}' belongs to ${key.owner}; change it there`);
    return key;
  }

  #shown(stored: StoredKey): ShownKey {
    return {
      stored,
      secret: stored.sealed === null ? null : (this.#options.sealing?.open(stored.sealed, stored.id) ?? null),
    };
  }
}

const contentOf = (key: StoredKey): string => JSON.stringify({ ...key, lastUsedAt: null });
