import type { KeyType } from './credential-codec.ts';

const none = Symbol('none');

/** Types whose values Baileys changes in place before it stores them: a shared one would run ahead of the store. */
const neverCached: ReadonlySet<string> = new Set(['sender-key-memory', 'device-list', 'waha-inbound']);

/** The keys used last, decoded. Bounded; what is not here is read from the store. */
export class KeyCache {
  readonly #limit: number;
  readonly #values = new Map<string, unknown>();
  /** Counts writes: a value read before a write must not be cached after it. */
  #writes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get writes(): number {
    return this.#writes;
  }

  /** The value; null for one that is known not to exist; undefined for one that is not known. */
  get(type: KeyType, id: string): unknown {
    const key = `${type}.${id}`;
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    this.#values.delete(key);
    this.#values.set(key, value);
    return value === none ? null : value;
  }

  /** Remembers what was read, unless something was written since `writes`. */
  read(type: KeyType, id: string, value: unknown, writes: number): void {
    if (writes === this.#writes) this.#put(type, id, value);
  }

  written(type: KeyType, id: string, value: unknown): void {
    this.#writes += 1;
    this.#put(type, id, value);
  }

  clear(): void {
    this.#writes += 1;
    this.#values.clear();
  }

  #put(type: KeyType, id: string, value: unknown): void {
    if (neverCached.has(type)) return;
    const key = `${type}.${id}`;
    this.#values.delete(key);
    this.#values.set(key, value == null ? none : value);
    if (this.#values.size <= this.#limit) return;
    const [oldest] = this.#values.keys();
    if (oldest !== undefined) this.#values.delete(oldest);
  }
}
