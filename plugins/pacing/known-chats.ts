import type { PluginStorage } from 'waha-runtime';

/** The chats that a session has had to do with, the latest last. Kept over a restart. */
export class KnownChats {
  readonly #storage: PluginStorage;
  readonly #sessions = new Map<string, Set<string>>();
  readonly #changed = new Set<string>();

  constructor(storage: PluginStorage) {
    this.#storage = storage;
  }

  /** Takes up what was kept of every session. */
  async load(): Promise<void> {
    for (const session of await this.#storage.keys()) await this.take(session);
  }

  /** Takes up what was kept of a session, in another process too. */
  async take(session: string): Promise<void> {
    const chats = (await this.#storage.get<string[]>(session)) ?? [];
    this.#sessions.set(session, new Set([...chats, ...(this.#sessions.get(session) ?? [])]));
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

  /** Keeps what changed. */
  async save(): Promise<void> {
    for (const session of [...this.#changed]) await this.#keep(session);
  }

  /** Another process goes on with the session. */
  async release(session: string): Promise<void> {
    await this.#keep(session);
    this.#sessions.delete(session);
  }

  async remove(session: string): Promise<void> {
    this.#changed.delete(session);
    this.#sessions.delete(session);
    await this.#storage.remove(session);
  }

  async #keep(session: string): Promise<void> {
    if (!this.#changed.delete(session)) return;
    await this.#storage.set(session, [...(this.#sessions.get(session) ?? [])]);
  }
}
