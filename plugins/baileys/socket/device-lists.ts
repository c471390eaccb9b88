import type { CacheStore } from '@whiskeysockets/baileys';
import { Recent } from '../recent.ts';

/** So long a list of devices is taken as it is; then WhatsApp is asked again (Baileys' own time). */
const FRESH_MS = 5 * 60_000;
/** So many people's lists are kept, fresh or not. */
const KEPT = 20_000;

/** A device as Baileys keeps it: `user` and `server` are the two halves of its owner's address. */
export interface KnownDevice {
  readonly user: string;
  readonly server: string;
  readonly device?: number;
}

interface DeviceList {
  readonly devices: readonly KnownDevice[];
  freshUntil: number;
  /** All of them can be written to. */
  isReady: boolean;
}

/**
 * Which devices people have, by the first half of their address: Baileys' cache of them. A list that is no longer fresh is still
 * there for the time when WhatsApp does not answer.
 */
export class DeviceLists implements CacheStore {
  readonly #lists = new Recent<DeviceList>(KEPT);

  constructor(readonly now: () => number) {}

  get size(): number {
    return this.#lists.size;
  }

  isFresh(user: string): boolean {
    return (this.#lists.get(user)?.freshUntil ?? 0) > this.now();
  }

  /** Whether the list is fresh, and all of its devices can be written to. */
  isReady(user: string): boolean {
    return this.isFresh(user) && this.#lists.get(user)?.isReady === true;
  }

  /** Keys for the devices of this list are there, until it changes. */
  ready(user: string): void {
    const list = this.#lists.get(user);
    if (list) list.isReady = true;
  }

  has(user: string): boolean {
    return this.#lists.has(user);
  }

  /** Takes a list that is no longer fresh for fresh once more. */
  renew(user: string): void {
    const list = this.#lists.get(user);
    if (list) list.freshUntil = this.now() + FRESH_MS;
  }

  get<T>(user: string): T | undefined {
    return this.isFresh(user) ? (this.#lists.get(user)?.devices as T) : undefined;
  }

  set<T>(user: string, devices: T): void {
    this.#lists.set(user, {
      devices: devices as readonly KnownDevice[],
      freshUntil: this.now() + FRESH_MS,
      isReady: false,
    });
  }

  del(user: string): void {
    this.#lists.delete(user);
  }

  flushAll(): void {
    this.#lists.clear();
  }

  /** Without a prototype: V8 makes a hidden class for each name of an ordinary object, for the thousand members of a group, too. */
  async mget<T>(users: string[]): Promise<Record<string, T | undefined>> {
    const found = Object.create(null) as Record<string, T | undefined>;
    for (const user of users) found[user] = this.get<T>(user);
    return found;
  }

  mset<T>(lists: { key: string; value: T }[]): void {
    for (const { key, value } of lists) this.set(key, value);
  }
}
