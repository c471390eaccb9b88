import type { SessionLibrary } from '../../contracts/library.ts';
import type { Database } from '../../contracts/storage.ts';
import type { MessageRows, Sequence } from '../message-rows.ts';
import type { TimeLimit } from '../time-limit.ts';
import { CollectionLibrary } from './library.ts';
import { openTables, type Tables } from './tables.ts';
import { LibraryWriter } from './writer.ts';

export interface LibrariesOptions {
  readonly within: TimeLimit;
  readonly sequence: Sequence;
  /** So many messages were added to a session. */
  added(session: string, count: number): void;
}

/** The libraries of all sessions. */
export class Libraries {
  readonly #tables: Tables;
  readonly #options: LibrariesOptions;
  /** One for a session: the order of its writes is theirs. Those with nothing to do are forgotten. */
  readonly #writers = new Map<string, LibraryWriter>();

  private constructor(tables: Tables, options: LibrariesOptions) {
    this.#tables = tables;
    this.#options = options;
  }

  static async open(database: Database, messages: MessageRows, options: LibrariesOptions): Promise<Libraries> {
    return new Libraries(await openTables(database, messages), options);
  }

  of(session: string): SessionLibrary {
    const writer = () => this.#writerOf(session);
    return new CollectionLibrary(session, this.#tables, { within: this.#options.within, writer });
  }

  /** Removes everything but the messages. */
  async clear(session: string): Promise<void> {
    await this.#writers.get(session)?.idle();
    const { database, chats, contacts, lids, labels, labelled, pendingJobs } = this.#tables;
    await this.#options.within(`removing the chats of session '${session}'`, () =>
      database.batch([chats, contacts, lids, labels, labelled, pendingJobs].map((rows) => rows.removing({ session }))),
    );
  }

  /** Resolves when nothing waits to be written. */
  async idle(): Promise<void> {
    await Promise.all([...this.#writers.values()].map((writer) => writer.idle()));
  }

  #writerOf(session: string): LibraryWriter {
    const known = this.#writers.get(session);
    if (known) return known;
    const { within, added, sequence } = this.#options;
    const writer = new LibraryWriter(session, this.#tables, {
      within,
      sequence,
      added: (count) => added(session, count),
      done: () => this.#writers.delete(session),
    });
    this.#writers.set(session, writer);
    return writer;
  }
}
