import type { PluginStorage } from 'waha-runtime';

/** The chats that a session has had to do with, the latest last. Kept over a restart. */
export class KnownChats {
  readonly #storage: PluginStorage;
  readonly #sessions = new Map<string, Set<string>>();
  readonly #changed = new Set<string>();

  constructor(storage: PluginStorage) {
    this.#storage = storage;
  }

  /** Takes up what was kept. */
  async load(): Promise<void> {
    for (const session of await this.#storage.keys()) {
      const chats = (await this.#storage.get<string[]>(session)) ?? [];
      this.#sessions.set(session, new Set([...chats, ...(this.#sessions.get(session) ?? [])]));
    }
  }

  has(session: string, chat: string): boolean {
    return this.#sessions.get(session)?.has(chat) === true;
  }

  /** Remembers a chat as the latest, and forgets the oldest beyond `limit`. */
  add(session: string, chat: string, limit: number): void {
    const chats = this.#sessions.get(session) ?? new Set();
    this.#sessions.set(session, chats);
    chats.delete(chat);
    chats.add(chat);
    this.#changed.add(session);
    for (const oldest of chats) {
      if (chats.size <= limit) break;
      chats.delete(oldest);
    }
  }

  /** Keeps what changed; what is known of sessions that are gone is removed. */
  async save(exists: (session: string) => boolean): Promise<void> {
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const session of changed) {
      if (exists(session)) await this.#storage.set(session, [...(this.#sessions.get(session) ?? [])]);
    }
    for (const session of [...this.#sessions.keys()]) {
      if (exists(session)) continue;
      this.#sessions.delete(session);
      await this.#storage.remove(session);
    }
  }
}
