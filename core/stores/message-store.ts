import type { Log } from '../contracts/log.ts';
import { type Collection, type Database, defineCollection, type RowOf } from '../contracts/storage.ts';
import type { MessageStore, SessionHistory, StoredMessage } from '../contracts/stores.ts';
import { sentence } from '../errors.ts';
import type { TimeLimit } from './time-limit.ts';

/**
 * `fromMe` is part of the key: nobody's message replaces one of ours by taking its id. The key begins with the id,
 * which `find` reads by; the indexes serve reading a chat in order, and pruning.
 */
const schema = defineCollection({
  name: 'messages',
  columns: {
    session: { type: 'text' },
    chatId: { type: 'text' },
    id: { type: 'text' },
    fromMe: { type: 'integer' },
    participant: { type: 'text', nullable: true },
    timestamp: { type: 'integer' },
    data: { type: 'bytes' },
  },
  key: ['session', 'id', 'chatId', 'fromMe'],
  indexes: [
    ['session', 'chatId', 'timestamp', 'id'],
    ['session', 'timestamp', 'id'],
  ],
});
type Row = RowOf<typeof schema>;

export interface MessageRetention {
  /** How many messages of a session are kept at least; the oldest beyond them are removed in bulk. */
  readonly perSession: number;
}

/** What sessions remember of their messages. */
export class CollectionMessageStore implements MessageStore {
  readonly #database: Database;
  readonly #rows: Collection<Row>;
  readonly #within: TimeLimit;
  readonly #retention: MessageRetention;
  readonly #log: Log;
  /** How many messages each session remembered since it was pruned last. */
  readonly #fresh = new Map<string, number>();
  readonly #pruning = new Map<string, Promise<void>>();

  private constructor(
    database: Database,
    rows: Collection<Row>,
    options: { within: TimeLimit; retention: MessageRetention; log: Log },
  ) {
    this.#database = database;
    this.#rows = rows;
    this.#within = options.within;
    this.#retention = options.retention;
    this.#log = options.log;
  }

  static async open(
    database: Database,
    options: { within: TimeLimit; retention: MessageRetention; log: Log },
  ): Promise<CollectionMessageStore> {
    return new CollectionMessageStore(database, await database.open(schema), options);
  }

  of(session: string): SessionHistory {
    return {
      remember: (message) => this.#remember(session, message),
      find: (id) => this.#find(session, id),
      newest: (chatId, limit) => this.#newest(session, chatId, limit),
    };
  }

  async clear(session: string): Promise<void> {
    await this.#pruning.get(session);
    await this.#within(`removing the messages of session '${session}'`, () => this.#rows.remove({ session }));
    this.#fresh.delete(session);
  }

  /** Resolves when no pruning is under way. */
  async close(): Promise<void> {
    await Promise.all(this.#pruning.values());
  }

  async #remember(session: string, message: StoredMessage): Promise<void> {
    const { chatId, id, fromMe, participant, timestamp, data } = message;
    const row = { session, chatId, id, fromMe: Number(fromMe), participant, timestamp, data };
    await this.#within(`saving a message of session '${session}'`, () => this.#rows.put(row));
    this.#pruneNowAndThen(session);
  }

  async #find(session: string, id: string): Promise<StoredMessage | null> {
    const orderBy = [{ column: 'fromMe', descending: true }] as const;
    const query = { where: { session, id }, orderBy, limit: 1 };
    const [row] = await this.#within(`reading a message of session '${session}'`, () => this.#rows.find(query));
    return row === undefined ? null : messageOf(row);
  }

  async #newest(session: string, chatId: string, limit: number): Promise<StoredMessage[]> {
    const orderBy = [
      { column: 'timestamp', descending: true },
      { column: 'id', descending: true },
    ] as const;
    const query = { where: { session, chatId, fromMe: 0 }, orderBy, limit };
    const rows = await this.#within(`reading messages of session '${session}'`, () => this.#rows.find(query));
    return rows.map(messageOf);
  }

  /** Off the hot path: at the first message of a process, then once in a tenth of the retention. */
  #pruneNowAndThen(session: string): void {
    const every = Math.max(1, Math.floor(this.#retention.perSession / 10));
    const fresh = (this.#fresh.get(session) ?? every) + 1;
    this.#fresh.set(session, fresh);
    if (fresh <= every || this.#pruning.has(session)) return;
    this.#fresh.set(session, 0);
    const pruning = this.#prune(session)
      .catch((error) => this.#log.warn({ session, error: sentence(error) }, 'old messages could not be removed'))
      .finally(() => this.#pruning.delete(session));
    this.#pruning.set(session, pruning);
  }

  async #prune(session: string): Promise<void> {
    const orderBy = [
      { column: 'timestamp', descending: true },
      { column: 'id', descending: true },
    ] as const;
    const query = { where: { session }, orderBy, limit: 1, offset: this.#retention.perSession };
    await this.#within(`removing old messages of session '${session}'`, async () => {
      const [newestToGo] = await this.#rows.find(query);
      if (newestToGo === undefined) return;
      const { timestamp, id } = newestToGo;
      await this.#database.batch([
        this.#rows.removing({ session, timestamp: { lt: timestamp } }),
        this.#rows.removing({ session, timestamp, id: { lte: id } }),
      ]);
    });
  }
}

const messageOf = ({ session: _, fromMe, ...row }: Row): StoredMessage => ({ ...row, fromMe: fromMe === 1 });
