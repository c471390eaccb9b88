import type { KeyRing, Principal } from 'waha-runtime';
import { RateLimiter } from './rate-limiter.ts';
import { hashOf, principalOf, type StoredKey } from './stored-key.ts';

/** A key in use: who comes with it, and what ends when it changes. */
interface LiveKey {
  readonly key: StoredKey;
  readonly principal: Principal;
  readonly end: AbortController;
  readonly limiter: RateLimiter | null;
  lastUsedAt: number | null;
}

interface Found {
  readonly live: LiveKey | undefined;
  readonly hash: string;
}

/** How many texts are kept at most. */
const maxRecent = 10_000;

/** Every key in memory, by its id and by the hash of its secret: how many there are costs a request nothing. */
export class LiveKeys implements KeyRing {
  readonly #byId = new Map<string, LiveKey>();
  readonly #byHash = new Map<string, LiveKey>();
  readonly #recent = new Map<string, Found>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  get size(): number {
    return this.#byId.size;
  }

  all(): StoredKey[] {
    return [...this.#byId.values()].map(current);
  }

  get(id: string): StoredKey | undefined {
    const live = this.#byId.get(id);
    return live && current(live);
  }

  /** Takes a key up, or what it became. Those who came with what it was have to come again. */
  put(key: StoredKey): void {
    this.#recent.clear();
    const before = this.#byId.get(key.id);
    this.#forget(before);
    const end = new AbortController();
    const limiter = key.rateLimit && sameLimit(before, key) ? (before?.limiter ?? null) : this.#limiterOf(key);
    const live = { key, principal: principalOf(key, end.signal), end, limiter, lastUsedAt: key.lastUsedAt };
    this.#byId.set(key.id, live);
    this.#byHash.set(key.hash, live);
    for (const { hash } of key.previous) this.#byHash.set(hash, live);
  }

  remove(id: string): void {
    this.#recent.clear();
    this.#forget(this.#byId.get(id));
    this.#byId.delete(id);
  }

  find(secret: string): Principal | undefined {
    const { live, hash } = this.#recent.get(secret) ?? this.#look(secret);
    if (!live?.key.isActive) return undefined;
    const now = this.#now();
    const { key, limiter } = live;
    if (isExpired(key, now)) return undefined;
    if (hash !== key.hash && !key.previous.some((one) => one.hash === hash && one.until > now)) return undefined;
    live.lastUsedAt = now;
    limiter?.take();
    return live.principal;
  }

  /** A key that opened something is found by its text from then on, until some key changes: a digest would be a tenth of a small answer. */
  #look(secret: string): Found {
    const hash = hashOf(secret);
    const found = { live: this.#byHash.get(hash), hash };
    if (!found.live) return found;
    if (this.#recent.size >= maxRecent) this.#recent.clear();
    this.#recent.set(secret, found);
    return found;
  }

  /** Ends what was opened with keys that have expired since. */
  endExpired(): void {
    const now = this.#now();
    for (const { key, end } of this.#byId.values()) {
      if (isExpired(key, now) || !key.isActive) end.abort();
    }
  }

  #limiterOf({ rateLimit }: StoredKey): RateLimiter | null {
    return rateLimit && new RateLimiter(rateLimit, this.#now);
  }

  #forget(live: LiveKey | undefined): void {
    if (!live) return;
    this.#byHash.delete(live.key.hash);
    for (const { hash } of live.key.previous) this.#byHash.delete(hash);
    live.end.abort();
  }
}

const current = ({ key, lastUsedAt }: LiveKey): StoredKey => ({ ...key, lastUsedAt });

const isExpired = ({ expiresAt }: StoredKey, now: number): boolean => expiresAt !== null && expiresAt <= now;

const sameLimit = (before: LiveKey | undefined, { rateLimit }: StoredKey): boolean =>
  before?.key.rateLimit?.requests === rateLimit?.requests && before?.key.rateLimit?.seconds === rateLimit?.seconds;
