import { forgetOldest } from '../recent.ts';
import type { KeyType } from './credential-codec.ts';

const none = Symbol('none');

/** Written, removed and listed, never looked up. */
const neverCached: ReadonlySet<string> = new Set(['waha-inbound']);

/** Types whose values Baileys changes in place before it stores them: a shared one would run ahead of the store. */
const changedInPlace: ReadonlySet<string> = new Set(['sender-key-memory', 'device-list']);

/** Longer values of those types are read from the store each time (bytes): a big group's weighs as much as a thousand. */
const LONGEST_BYTES = 4096;

/** The value as it is stored; asked for only where it is kept so. */
type Bytes = () => Uint8Array | null | undefined;

/** A read that is under way. */
export interface KeyReading {
  /** Remembers what was read, unless the key was written since. */
  found(id: string, value: unknown, bytes: Bytes): void;
  /** Nothing more comes. */
  end(): void;
}

/**
 * The keys used last, and those known not to exist. Values are kept decoded, or as bytes where Baileys changes them in place.
 * Bounded; what is not here is read from the store.
 */
export class KeyCache {
  readonly #limit: number;
  readonly #decode: (type: KeyType, id: string, bytes: Uint8Array) => unknown;
  readonly #values = new Map<string, unknown>();
  /** The newest read of each key that is under way; a write takes it out: what was read before must not be cached after it. */
  readonly #readings = new Map<string, KeyReading>();

  constructor(limit: number, decode: (type: KeyType, id: string, bytes: Uint8Array) => unknown) {
    this.#limit = limit;
    this.#decode = decode;
  }

  /** The value; null for one that is known not to exist; undefined for one that is not known. */
  get(type: KeyType, id: string): unknown {
    const key = keyOf(type, id);
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    this.#values.delete(key);
    this.#values.set(key, value);
    if (value === none) return null;
    return changedInPlace.has(type) ? (this.#decode(type, id, value as Uint8Array) ?? null) : value;
  }

  /** Called before these keys are read from the store. */
  reading(type: KeyType, ids: readonly string[]): KeyReading {
    const reading: KeyReading = {
      found: (id, value, bytes) => {
        if (this.#readings.get(keyOf(type, id)) === reading) this.#put(type, id, value, bytes);
      },
      end: () => {
        for (const id of ids) {
          const key = keyOf(type, id);
          if (this.#readings.get(key) === reading) this.#readings.delete(key);
        }
      },
    };
    for (const id of ids) this.#readings.set(keyOf(type, id), reading);
    return reading;
  }

  /** The key was written, or removed: then there is no value. */
  written(type: KeyType, id: string, value: unknown, bytes: Bytes): void {
    this.#readings.delete(keyOf(type, id));
    this.#put(type, id, value, bytes);
  }

  clear(): void {
    this.#readings.clear();
    this.#values.clear();
  }

  #put(type: KeyType, id: string, value: unknown, bytes: Bytes): void {
    if (neverCached.has(type)) return;
    const key = keyOf(type, id);
    this.#values.delete(key);
    const kept = value != null && changedInPlace.has(type) ? bytes() : value;
    if (kept instanceof Uint8Array && changedInPlace.has(type) && kept.length > LONGEST_BYTES) return;
    if (value != null && kept == null) return;
    this.#values.set(key, kept ?? none);
    forgetOldest(this.#values, this.#limit);
  }
}

const keyOf = (type: KeyType, id: string): string => `${type}.${id}`;
