import { type Clock, type EventSink, type Log, type ReceivedFile, SerialQueue, sentence } from 'waha-runtime';
import type { FileKey, FileStorage } from 'waha-runtime/storage';
import type { FilesConfig } from './config.ts';
import { deliveryStatusOf } from './delivery-status.ts';
import type { FileIndex, FileRow } from './file-index.ts';
import { isOurName, mimetypeOf } from './names.ts';

export interface FileCacheOptions {
  readonly index: FileIndex;
  readonly storage: FileStorage;
  readonly clock: Clock;
  readonly log: Log;
  readonly config: FilesConfig;
  /** The sinks whose deliveries a file waits for. */
  sinks(): readonly EventSink[];
  hasSession(name: string): boolean | Promise<boolean>;
  /** The cursor before the oldest event of the log. */
  logTail(): number;
}

/** How soon a file whose event is not delivered yet is looked at again, at most (ms). */
const RECHECK_MS = 30_000;
const NEVER = Number.MAX_SAFE_INTEGER;
/** How many files one step of making room looks at. */
const STEP = 200;
/** How many strangers are remembered until they are looked at again. */
const mostStrangers = 10_000;

/** The files that are kept: how they come in, and when they go. */
export class FileCache {
  readonly #options: FileCacheOptions;
  readonly #lifetimeMs: number;
  #sweeping: Promise<void> | undefined;
  readonly #turns = new SerialQueue();

  constructor(options: FileCacheOptions) {
    this.#options = options;
    this.#lifetimeMs = options.config.lifetimeSeconds * 1000;
  }

  get index(): FileIndex {
    return this.#options.index;
  }

  /** Whether this very file is kept. Its lifetime begins anew then: somebody is told of it again. */
  claim(key: FileKey, sha256: string | null): Promise<boolean> {
    const { index, storage, clock } = this.#options;
    return this.#alone(async () => {
      const row = sha256 === null ? null : await index.get(key);
      if (!row || row.sha256 !== sha256 || (await storage.stat(key))?.size !== row.size) return false;
      await index.put({ ...row, since: clock.now(), checkAt: this.#after(clock.now()) });
      return true;
    });
  }

  /** Stores a file. Rejects with what `content` throws. */
  async put(
    key: FileKey,
    { mimetype, filename, sha256 }: ReceivedFile,
    content: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<FileRow> {
    const { storage, index, clock } = this.#options;
    const labels = { mimetype: mimetypeOf(mimetype), filename };
    const { size } = await storage.put(key, content, labels, signal);
    const now = clock.now();
    const row = { ...key, ...labels, size, sha256, storedAt: now, since: now, checkAt: this.#after(now) };
    await index.put(row);
    return row;
  }

  /** Removes what has outlived itself, and the files of sessions that are gone. Never rejects. */
  sweep(): Promise<void> {
    this.#sweeping ??= this.#sweep()
      .catch((error) => this.#options.log.warn({ err: sentence(error) }, 'old files could not be removed'))
      .finally(() => {
        this.#sweeping = undefined;
      });
    return this.#sweeping;
  }

  /** Removes the oldest files whose events are delivered, until so many bytes are free. */
  free(bytes: number): Promise<void> {
    return this.#alone(() => this.#free(bytes));
  }

  async #free(bytes: number): Promise<void> {
    let [left, passed] = [bytes, 0];
    while (left > 0) {
      const page = await this.index.oldest(passed, STEP);
      const judged = await this.#judged(page);
      const going = enough(
        page.filter((row) => judged.get(row)?.pending !== true),
        left,
      );
      await this.#remove(going);
      left -= going.reduce((sum, { size }) => sum + size, 0);
      passed += page.length - going.length;
      if (page.length < STEP) return;
    }
  }

  /**
   * Removes what a crash left in the storage without anybody knowing of it. The folder may hold files of others. `seen`: those that were
   * strangers a while ago; where other processes store files, what is one just now may be on its way.
   */
  async removeStrangers(seen?: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    const { storage, index } = this.#options;
    const strangers = new Set<string>();
    for await (const entry of storage.list()) {
      if (!isOurName(entry.name) || (await index.get(entry))) continue;
      const name = `${entry.session}/${entry.name}`;
      if (seen === undefined || seen.has(name)) await storage.remove(entry);
      else if (strangers.size < mostStrangers) strangers.add(name);
    }
    return strangers;
  }

  async #sweep(): Promise<void> {
    const { index, clock, hasSession, logTail } = this.#options;
    for (const session of index.sessions) {
      if (await hasSession(session)) continue;
      while (index.sessions.includes(session)) {
        await this.#alone(async () => this.#remove(await index.ofSession(session)));
      }
    }
    const judgeSome = async (): Promise<number> => {
      const due = await index.due(clock.now());
      await this.#judge(due);
      return due.length;
    };
    while ((await this.#alone(judgeSome)) > 0);
    await index.forgetEvents(logTail());
  }

  /** One at a time: nothing is removed twice, or while somebody is told that it is there. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.run(work);
  }

  /** Each of them goes, or is looked at again later. */
  async #judge(due: readonly FileRow[]): Promise<void> {
    const now = this.#options.clock.now();
    const gone: FileRow[] = [];
    for (const [row, { pending, settledAt }] of await this.#judged(due)) {
      // It is delivered some time before it is looked at next.
      const next = now + Math.min(this.#lifetimeMs, RECHECK_MS);
      const since = pending ? next : Math.max(row.since, settledAt ?? 0);
      const checkAt = pending ? next : since + this.#lifetimeMs;
      if (checkAt <= now) gone.push(row);
      else await this.index.put({ ...row, since: pending ? Math.min(since, next) : since, checkAt });
    }
    await this.#remove(gone);
  }

  async #judged(rows: readonly FileRow[]): Promise<Map<FileRow, { pending: boolean; settledAt: number | null }>> {
    const { sinks, log } = this.#options;
    const mentions = new Map<FileRow, readonly number[]>();
    for (const session of new Set(rows.map((row) => row.session))) {
      const ours = rows.filter((row) => row.session === session);
      const names = ours.map(({ name }) => name);
      const found = await this.index.mentions(session, names);
      for (const row of ours) mentions.set(row, found.get(row.name) ?? []);
    }
    const statuses = await deliveryStatusOf(sinks(), [...mentions.values()].flat(), log);
    return new Map(
      rows.map((row) => {
        const of = (mentions.get(row) ?? []).flatMap((cursor) => statuses.get(cursor) ?? []);
        const times = of.flatMap(({ settledAt }) => settledAt ?? []);
        const settledAt = times.length > 0 ? Math.max(...times) : null;
        return [row, { pending: of.some(({ pending }) => pending), settledAt }];
      }),
    );
  }

  /** The bytes first: what is known but not there is found again, what is there and not known is not. */
  async #remove(rows: readonly FileRow[]): Promise<void> {
    if (rows.length === 0) return;
    for (const row of rows) await this.#options.storage.remove(row);
    await this.index.remove(rows);
  }

  #after(now: number): number {
    return this.#lifetimeMs === 0 ? NEVER : now + this.#lifetimeMs;
  }
}

/** The first rows that make up so many bytes. */
const enough = (rows: readonly FileRow[], bytes: number): FileRow[] => {
  let sum = 0;
  return rows.filter(({ size }) => {
    const needed = sum < bytes;
    sum += size;
    return needed;
  });
};
