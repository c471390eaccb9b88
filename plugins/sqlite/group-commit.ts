import type Libsql from 'libsql';

/** How many calls go into one transaction at most. */
const largestGroup = 1_000;

interface Member {
  commit(): void;
  fail(error: unknown): void;
}

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
 * Commits what is written within one turn of the event loop in one transaction: one fsync for all of it. Each call
 * runs at once and sees what was written before; one that fails is rolled back alone. A promise resolves after the
 * commit, that of a read too when the read may have seen what was not committed yet.
 */
export class GroupCommit {
  readonly #connection: Libsql.Database;
  readonly #begin: Libsql.Statement<[]>;
  readonly #commit: Libsql.Statement<[]>;
  readonly #savepoint: Libsql.Statement<[]>;
  readonly #release: Libsql.Statement<[]>;
  #group: Group | null = null;

  constructor(connection: Libsql.Database) {
    this.#connection = connection;
    this.#begin = connection.prepare('BEGIN IMMEDIATE');
    this.#commit = connection.prepare('COMMIT');
    this.#savepoint = connection.prepare('SAVEPOINT call');
    this.#release = connection.prepare('RELEASE call');
  }

  /** Runs `work`, which writes to these tables, all or nothing. */
  write<T>(tables: readonly string[], work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const group = this.#join();
      for (const table of tables) group.touched.add(table);
      const outcome = this.#attempt(work);
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
    const group = this.#group;
    const value = work();
    if (group === null || !group.touched.has(table)) return value;
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
    group.settle();
  }

  #join(): Group {
    if (this.#group !== null) return this.#group;
    this.#begin.run();
    const group = new Group();
    this.#group = group;
    setImmediate(() => {
      if (this.#group === group) this.flush();
    });
    return group;
  }

  #attempt<T>(work: () => T): { readonly value: T } | { readonly error: unknown } {
    this.#savepoint.run();
    try {
      const value = work();
      this.#release.run();
      return { value };
    } catch (error) {
      if (this.#connection.inTransaction) this.#connection.exec('ROLLBACK TO call; RELEASE call');
      return { error };
    }
  }

  #abandon(group: Group, error: unknown): void {
    this.#group = null;
    group.settle(error);
  }

  #rollback(): void {
    if (this.#connection.inTransaction) this.#connection.exec('ROLLBACK');
  }
}
