import {
  type Change,
  type Collection,
  type Database,
  defineCollection,
  type RowOf,
  type UncommittedEvent,
} from 'waha-runtime';
import type { FileKey } from 'waha-runtime/storage';

const filesSchema = defineCollection({
  name: 'files',
  columns: {
    session: { type: 'text' },
    name: { type: 'text' },
    mimetype: { type: 'text' },
    filename: { type: 'text', nullable: true },
    size: { type: 'integer' },
    /** Of the content, in hex. */
    sha256: { type: 'text', nullable: true },
    storedAt: { type: 'integer' },
    /** The lifetime counts from here, unless its events are delivered later (ms). */
    since: { type: 'integer' },
    /** When to look whether it has outlived itself (ms). */
    checkAt: { type: 'integer' },
  },
  key: ['session', 'name'],
  indexes: [['checkAt'], ['storedAt']],
});

/** Which events name a file: it is kept until they are delivered. */
const mentionsSchema = defineCollection({
  name: 'file_events',
  columns: { cursor: { type: 'integer' }, session: { type: 'text' }, name: { type: 'text' } },
  key: ['cursor'],
  indexes: [['session', 'name']],
});

export type FileRow = RowOf<typeof filesSchema>;

const PAGE = 500;

interface Total {
  files: number;
  bytes: number;
}

/** What is known of the files that are kept, in the database of the event log. */
export class FileIndex {
  readonly #database: Database;
  readonly #files: Collection<FileRow>;
  readonly #mentions: Collection<RowOf<typeof mentionsSchema>>;
  #totals = new Map<string, Total>();

  private constructor(
    database: Database,
    files: Collection<FileRow>,
    mentions: Collection<RowOf<typeof mentionsSchema>>,
  ) {
    this.#database = database;
    this.#files = files;
    this.#mentions = mentions;
  }

  static async open(database: Database): Promise<FileIndex> {
    const index = new FileIndex(database, await database.open(filesSchema), await database.open(mentionsSchema));
    await index.recount();
    return index;
  }

  /** Counts what is there: other processes of a cluster may store and remove, too. */
  async recount(): Promise<void> {
    const totals = new Map<string, Total>();
    for await (const row of this.#all({})) count(totals, row, 1);
    this.#totals = totals;
  }

  /** How many files there are. */
  get count(): number {
    return this.#sum('files');
  }

  /** How much they take (bytes). */
  get bytes(): number {
    return this.#sum('bytes');
  }

  /** Sessions that have files. */
  get sessions(): string[] {
    return [...this.#totals.keys()];
  }

  get({ session, name }: FileKey): Promise<FileRow | null> {
    return this.#files.get({ session, name });
  }

  async put(row: FileRow): Promise<void> {
    const before = await this.get(row);
    await this.#files.put(row);
    if (before) this.#counted(before, -1);
    this.#counted(row, 1);
  }

  /** Forgets files, and which events name them. */
  async remove(rows: readonly FileRow[]): Promise<void> {
    const changes = rows.flatMap(({ session, name }) => [
      this.#files.removing({ session, name }),
      this.#mentions.removing({ session, name }),
    ]);
    await this.#database.batch(changes);
    for (const row of rows) this.#counted(row, -1);
  }

  /** The row that says that an event names a file. */
  mentioning(cursor: UncommittedEvent['cursor'], { session, name }: FileKey): Change {
    return this.#mentions.putting({ cursor, session, name });
  }

  /** The events that name these files of one session, by name. */
  async mentions(session: string, names: readonly string[]): Promise<Map<string, number[]>> {
    const found = new Map<string, number[]>();
    for (const { name, cursor } of await this.#mentions.find({ where: { session, name: { in: names } } })) {
      found.set(name, [...(found.get(name) ?? []), cursor]);
    }
    return found;
  }

  /** Forgets which files were named by events that are no longer in the log. */
  async forgetEvents(upTo: number): Promise<void> {
    await this.#mentions.remove({ cursor: { lte: upTo } });
  }

  /** Files to be looked at, by when. */
  due(now: number): Promise<FileRow[]> {
    return this.#files.find({ where: { checkAt: { lte: now } }, orderBy: [{ column: 'checkAt' }], limit: PAGE });
  }

  oldest(offset: number, limit: number): Promise<FileRow[]> {
    return this.#files.find({ orderBy: [{ column: 'storedAt' }], offset, limit });
  }

  async ofSession(session: string): Promise<FileRow[]> {
    const rows = await this.#files.find({ where: { session }, limit: PAGE });
    // A removal may have failed and be made all the same: then more were counted than there are.
    if (rows.length === 0) this.#totals.delete(session);
    return rows;
  }

  async *#all(where: { readonly session?: string }): AsyncGenerator<FileRow> {
    const order = [{ column: 'session' }, { column: 'name' }] as const;
    for (let offset = 0; ; offset += PAGE) {
      const page = await this.#files.find({ where, orderBy: order, offset, limit: PAGE });
      yield* page;
      if (page.length < PAGE) return;
    }
  }

  #sum(what: 'files' | 'bytes'): number {
    let sum = 0;
    for (const total of this.#totals.values()) sum += total[what];
    return sum;
  }

  #counted(row: FileRow, sign: 1 | -1): void {
    count(this.#totals, row, sign);
  }
}

const count = (totals: Map<string, Total>, { session, size }: FileRow, sign: 1 | -1): void => {
  const total = totals.get(session) ?? { files: 0, bytes: 0 };
  total.files += sign;
  total.bytes += sign * size;
  if (total.files > 0) totals.set(session, total);
  else totals.delete(session);
};
