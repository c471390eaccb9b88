import { setImmediate } from 'node:timers/promises';
import type Libsql from 'libsql';
import type { Statement } from './executor.ts';

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

/** What is acknowledged together, and who waits for it. */
class Group {
  readonly members: Member[] = [];
  /** What was run for them, in its order. */
  readonly statements: Statement[] = [];
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

/** Makes groups durable before SQLite has committed them. */
export interface GroupLog {
  /** Whether SQLite should commit what was appended. */
  readonly isFull: boolean;
  /** Appends a group, or throws and leaves nothing of it behind. */
  append(statements: readonly Statement[]): void;
  /** Brings everything that was appended to the disk. */
  sync(): Promise<void>;
  /** Within the open transaction: notes in the database up to where it has taken over. */
  mark(): void;
  /** What was marked is committed, and on disk. */
  restart(): void;
  /** In a new transaction: runs again what was appended and not committed. */
  replay(): void;
}

/** What SQLite says when it cannot tell what of its file is on disk. */
const isLostDisk = (error: unknown): boolean =>
  String((error as { code?: unknown } | null)?.code ?? '').startsWith('SQLITE_IOERR');

/**
 * Makes durable together what is written within one turn of the event loop, or what is written while a sync is under way: it
 * could not be acknowledged before the next one. Each call runs at once and sees what was written before; one that fails is
 * rolled back alone. A promise resolves when its group is on disk, that of a read too when the read may have seen what was not.
 *
 * With a log a group is durable when that has its statements. SQLite's transaction stays open for many groups, and is committed
 * when the log is full: a page that each of a thousand messages changes is written once. Without one each group is a commit.
 */
export class GroupCommit {
  readonly #connection: Libsql.Database;
  readonly #begin: Libsql.Statement<[]>;
  readonly #commit: Libsql.Statement<[]>;
  readonly #savepoint: Libsql.Statement<[]>;
  readonly #release: Libsql.Statement<[]>;
  /** Around a group, while the transaction holds many. */
  readonly #whole: Libsql.Statement<[]>;
  readonly #wholeDone: Libsql.Statement<[]>;
  readonly #log: GroupLog | null;
  #group: Group | null = null;
  /** In the log, and not yet known to be on disk; oldest first. */
  readonly #syncing: Group[] = [];
  #synced: Promise<void> | null = null;
  /** A sync failed: nobody can say what is on disk, so nothing more is taken. */
  #broken: { readonly error: unknown } | null = null;
  /** SQLite has rolled back what the log has: it must run again before anything else does. */
  #isBehind = false;
  /** The file stays as it is, and the log grows. */
  #isHeld = false;

  constructor(connection: Libsql.Database, log: GroupLog | null = null) {
    this.#connection = connection;
    this.#log = log;
    this.#begin = connection.prepare('BEGIN IMMEDIATE');
    this.#commit = connection.prepare('COMMIT');
    this.#savepoint = connection.prepare('SAVEPOINT call');
    this.#release = connection.prepare('RELEASE call');
    this.#whole = connection.prepare('SAVEPOINT whole');
    this.#wholeDone = connection.prepare('RELEASE whole');
  }

  /** Whether a sync failed. */
  get broken(): boolean {
    return this.#broken !== null;
  }

  /** Runs `work`, which runs these statements on these tables, all or nothing. One statement is that by itself. */
  write<T>(tables: readonly string[], statements: readonly Statement[], work: () => T): Promise<T> {
    if (this.#broken) return Promise.reject(this.#broken.error);
    return new Promise<T>((resolve, reject) => {
      const group = this.#join();
      for (const table of tables) group.touched.add(table);
      const outcome = statements.length === 1 ? attempt(work) : this.#attempt(work);
      if ('error' in outcome) {
        reject(outcome.error);
        // Some failures, a full disk among them, make SQLite roll the whole transaction back.
        if (!this.#connection.inTransaction) this.#abandon(group, outcome.error);
        return;
      }
      group.statements.push(...statements);
      group.members.push({ commit: () => resolve(outcome.value), fail: reject });
      if (group.members.length >= largestGroup) this.flush();
    });
  }

  async read<T>(table: string, work: () => T): Promise<T> {
    this.#catchUp();
    const group = this.#unsettled(table);
    const value = work();
    if (!group) return value;
    await group.ended;
    return group.failed ? this.read(table, work) : value;
  }

  /** Makes durable what is open. */
  flush(): void {
    const group = this.#group;
    if (group === null) return;
    this.#group = null;
    try {
      this.#keep(group);
    } catch (error) {
      group.settle(error);
      return;
    }
    if (this.#log === null) {
      group.settle();
      return;
    }
    this.#syncing.push(group);
    this.#synced ??= this.#bringToDisk(this.#log);
  }

  /**
   * Commits everything to the file, and leaves that alone until the work is done; what is written meanwhile goes to the log. Throws
   * what `takeOver` throws.
   */
  async holding<T>(work: () => Promise<T>): Promise<T> {
    if (this.#log === null) throw new Error('without a log a commit changes the file');
    this.flush();
    if (this.#broken) throw this.#broken.error;
    this.takeOver();
    this.#isHeld = true;
    try {
      return await work();
    } finally {
      this.#isHeld = false;
    }
  }

  /** Resolves when everything that was flushed is on disk, or failed to get there. */
  async synced(): Promise<void> {
    await this.#synced;
  }

  /** Commits everything to the database itself. Throws when that fails; then the log has it, or what is not there was not acknowledged. */
  takeOver(): void {
    if (this.#log === null || this.#broken) return;
    this.#catchUp();
    if (!this.#connection.inTransaction) this.#begin.run();
    this.#log.mark();
    try {
      this.#commit.run();
    } catch (error) {
      if (isLostDisk(error)) this.#broken = { error };
      this.#isBehind = !this.#connection.inTransaction;
      throw error;
    }
    this.#log.restart();
  }

  #keep(group: Group): void {
    if (this.#log === null) this.#commitGroup();
    else this.#append(this.#log, group);
  }

  #append(log: GroupLog, { statements }: Group): void {
    try {
      log.append(statements);
    } catch (error) {
      this.#connection.exec('ROLLBACK TO whole; RELEASE whole');
      throw error;
    }
    this.#wholeDone.run();
    if (!log.isFull || this.#isHeld) return;
    try {
      this.takeOver();
    } catch {
      // The log has it, and goes on; the next group tries again.
    }
  }

  #commitGroup(): void {
    try {
      this.#commit.run();
    } catch (error) {
      if (this.#connection.inTransaction) this.#connection.exec('ROLLBACK');
      throw error;
    }
  }

  /**
   * One sync at a time, each for all that was appended before it began. Whoever waited for one often has something more
   * to write: it gets its turn first, or it would wait for two.
   */
  async #bringToDisk(log: GroupLog): Promise<void> {
    while (this.#syncing.length > 0) {
      const count = this.#syncing.length;
      const failure = await log.sync().then(
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
    this.#catchUp();
    if (!this.#connection.inTransaction) this.#begin.run();
    if (this.#log !== null) this.#whole.run();
    const group = new Group();
    this.#group = group;
    void setImmediate().then(() => {
      if (this.#group === group && this.#synced === null) this.flush();
    });
    return group;
  }

  /** Throws when what the log has cannot be run again yet. */
  #catchUp(): void {
    if (!this.#isBehind || this.#log === null) return;
    this.#begin.run();
    try {
      this.#log.replay();
    } catch (error) {
      if (this.#connection.inTransaction) this.#connection.exec('ROLLBACK');
      throw error;
    }
    this.#isBehind = false;
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
    this.#isBehind = this.#log !== null;
    group.settle(error);
  }
}
