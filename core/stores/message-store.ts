import type { LibraryMessage, SessionLibrary, StoredMessage } from '../contracts/library.ts';
import type { Log } from '../contracts/log.ts';
import type { Database } from '../contracts/storage.ts';
import type { MessageStore, SessionHistory } from '../contracts/stores.ts';
import { Libraries } from './library/libraries.ts';
import { MessagePruning } from './message-pruning.ts';
import { byTime, type MessageRows, messageOf, messagesSchema, rowOf, Sequence } from './message-rows.ts';
import type { TimeLimit } from './time-limit.ts';

export interface MessageRetention {
  /** How many messages of a session are kept at least; the oldest beyond them are removed in bulk. */
  readonly perSession: number;
  /** The same for a session that keeps everything. */
  readonly perLibrary: number;
}

export interface MessageStoreOptions {
  readonly within: TimeLimit;
  readonly retention: MessageRetention;
  readonly log: Log;
  /** ms */
  now?(): number;
}

/** What sessions remember of their messages. */
export class CollectionMessageStore implements MessageStore {
  readonly #rows: MessageRows;
  readonly #within: TimeLimit;
  readonly #retention: MessageRetention;
  readonly #pruning: MessagePruning;
  readonly #libraries: Libraries;

  readonly #sequence: Sequence;

  private constructor(
    rows: MessageRows,
    {
      libraries,
      pruning,
      sequence,
    }: {
      readonly libraries: Libraries;
      readonly pruning: MessagePruning;
      readonly sequence: Sequence;
    },
    options: MessageStoreOptions,
  ) {
    this.#rows = rows;
    this.#libraries = libraries;
    this.#pruning = pruning;
    this.#sequence = sequence;
    this.#within = options.within;
    this.#retention = options.retention;
  }

  static async open(database: Database, options: MessageStoreOptions): Promise<CollectionMessageStore> {
    const { within, log, retention, now = Date.now } = options;
    const sequence = new Sequence(now);
    const rows = await database.open(messagesSchema);
    const pruning = new MessagePruning({ database, rows, within, log });
    const added = (session: string, count: number) => pruning.added(session, count, retention.perLibrary);
    const libraries = await Libraries.open(database, rows, { within, added, sequence });
    return new CollectionMessageStore(rows, { libraries, pruning, sequence }, options);
  }

  of(session: string): SessionHistory {
    return {
      remember: (message) => this.#remember(session, message),
      find: (id) => this.#find(session, id),
      newest: (chatId, limit) => this.#newest(session, chatId, limit),
    };
  }

  library(session: string): SessionLibrary {
    return this.#libraries.of(session);
  }

  async clear(session: string): Promise<void> {
    await this.#libraries.clear(session);
    await this.#pruning.clear(session);
  }

  /** Resolves when no pruning is under way. */
  async close(): Promise<void> {
    await this.#libraries.idle();
    await this.#pruning.idle();
  }

  async #remember(session: string, message: StoredMessage & Partial<LibraryMessage>): Promise<void> {
    const row = rowOf(session, message, this.#sequence);
    await this.#within(`saving a message of session '${session}'`, () => this.#rows.put(row));
    this.#pruning.added(session, 1, this.#retention.perSession);
  }

  async #find(session: string, id: string): Promise<StoredMessage | null> {
    const orderBy = [{ column: 'fromMe', descending: true }] as const;
    const query = { where: { session, id }, orderBy, limit: 1 };
    const [row] = await this.#within(`reading a message of session '${session}'`, () => this.#rows.find(query));
    return row === undefined ? null : messageOf(row);
  }

  async #newest(session: string, chatId: string, limit: number): Promise<StoredMessage[]> {
    const query = { where: { session, chatId, listed: 1, fromMe: 0 }, orderBy: byTime(true), limit };
    const rows = await this.#within(`reading messages of session '${session}'`, () => this.#rows.find(query));
    return rows.map(messageOf);
  }
}
