import { setImmediate } from 'node:timers/promises';
import type Libsql from 'libsql';

/** How many calls go into one transaction at most. */
const largestGroup = 1_000;

interface Member {
  commit(): void;
  fail(error: unknown): void;
}

type Outcome<T> = { readonly value: T } | { readonly error: unknown };

const attempt = <T>(work: () => T): Outcome<T> => {
  try {
    return { value: work() };
  } catch (error) {
    return { error };
  }
};

/** One open transaction and who waits for its end. */
class Group {
  readonly members: Member[] = [];
  /** The tables it wrote to. */
  readonly touched = new Set<string>();
  readonly ended: Promise<void>;
  failed = false;
  #end: () => void = () => undefined;

  constructor() {
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  settle(error?: unknown): void {
    this.failed = error !== undefined;
    for (const member of this.members) {
      if (error === undefined) member.commit();
      else member.fail(error);
    }
    this.#end();
  }
}

/**
 * Commits what is written within one turn of the event loop in one transaction, or what is written while a sync is under
 * way: it could not be acknowledged before the next one. Each call runs at once and sees what was written before; one that fails is rolled
 * back alone. A promise resolves when its commit is on disk, that of a read too when the read may have seen what was not.
 */
export class GroupCommit {
  readonly #connection: Libsql.Database;
  readonly #begin: Libsql.Statement<[]>;
  readonly #commit: Libsql.Statement<[]>;
  readonly #savepoint: Libsql.Statement<[]>;
  readonly #release: Libsql.Statement<[]>;
  /** Brings every commit before the call to the disk; null when COMMIT does so itself, or nobody asks for it. */
  readonly #sync: (() => Promise<void>) | null;
  #group: Group | null = null;
  /** Committed, and not yet known to be on disk; oldest first. */
  readonly #syncing: Group[] = [];
  #synced: Promise<void> | null = null;
  /** A sync failed: nobody can say what is on disk, so nothing more is taken. */
  #broken: { readonly error: unknown } | null = null;

  constructor(connection: Libsql.Database, sync: (() => Promise<void>) | null = null) {
    this.#connection = connection;
    this.#sync = sync;
    this.#begin = connection.prepare('BEGIN IMMEDIATE');
    this.#commit = connection.prepare('COMMIT');
    this.#savepoint = connection.prepare('SAVEPOINT call');
    this.#release = connection.prepare('RELEASE call');
  }

  /** Whether a sync failed. */
  get broken(): boolean {
    return this.#broken !== null;
  }

  /** Runs `work`, which writes to these tables, all or nothing. One statement is that by itself. */
  write<T>(tables: readonly string[], work: () => T, statements = Number.POSITIVE_INFINITY): Promise<T> {
    if (this.#broken) return Promise.reject(this.#broken.error);
    return new Promise<T>((resolve, reject) => {
      const group = this.#join();
      for (const table of tables) group.touched.add(table);
      const outcome = statements === 1 ? attempt(work) : this.#attempt(work);
      if ('error' in outcome) {
        reject(outcome.error);
        // Some failures, a full disk among them, make SQLite roll the whole transaction back.
        if (!this.#connection.inTransaction) this.#abandon(group, outcome.error);
        return;
      }
      group.members.push({ commit: () => resolve(outcome.value), fail: reject });
      if (group.members.length >= largestGroup) this.flush();
    });
  }

  async read<T>(table: string, work: () => T): Promise<T> {
    const group = this.#unsettled(table);
    const value = work();
    if (!group) return value;
    await group.ended;
    return group.failed ? this.read(table, work) : value;
  }

  /** Commits what is open. */
  flush(): void {
    const group = this.#group;
    if (group === null) return;
    this.#group = null;
    try {
      this.#commit.run();
    } catch (error) {
      this.#rollback();
      group.settle(error);
      return;
    }
    if (this.#sync === null) {
      group.settle();
      return;
    }
    this.#syncing.push(group);
    this.#synced ??= this.#bringToDisk(this.#sync);
  }

  /** Resolves when everything committed is on disk, or failed to get there. */
  async synced(): Promise<void> {
    await this.#synced;
  }

  /**
   * One sync at a time, each for all that was committed before it began. Whoever waited for one often has something more
   * to write: it gets its turn first, or it would wait for two.
   */
  async #bringToDisk(sync: () => Promise<void>): Promise<void> {
    while (this.#syncing.length > 0) {
      const count = this.#syncing.length;
      const failure = await sync().then(
        () => undefined,
        (error: unknown) => ({ error }),
      );
      if (failure) this.#broken = failure;
      for (const group of this.#syncing.splice(0, count)) group.settle(this.#broken?.error);
      await setImmediate();
      this.flush();
    }
    this.#synced = null;
  }

  /** The newest group that wrote to the table and has not ended: those before it end before it. */
  #unsettled(table: string): Group | undefined {
    if (this.#group?.touched.has(table)) return this.#group;
    return this.#syncing.findLast(({ touched }) => touched.has(table));
  }

  #join(): Group {
    if (this.#group !== null) return this.#group;
    this.#begin.run();
    const group = new Group();
    this.#group = group;
    void setImmediate().then(() => {
      if (this.#group === group && this.#synced === null) this.flush();
    });
    return group;
  }

  #attempt<T>(work: () => T): Outcome<T> {
    this.#savepoint.run();
    const outcome = attempt(work);
    if ('value' in outcome) this.#release.run();
    else if (this.#connection.inTransaction) this.#connection.exec('ROLLBACK TO call; RELEASE call');
    return outcome;
  }

  #abandon(group: Group, error: unknown): void {
    this.#group = null;
    group.settle(error);
  }

  #rollback(): void {
    if (this.#connection.inTransaction) this.#connection.exec('ROLLBACK');
  }
}
