import { randomBytes } from 'node:crypto';
import type Libsql from 'libsql';
import type { Statement } from './executor.ts';
import type { GroupLog } from './group-commit.ts';
import type { RedoLog } from './redo-log.ts';
import { textOf } from './stored-text.ts';

/** One row: whose log it is, up to which group the database contains it, and whether there may be more in it. */
const createRedo = 'CREATE TABLE IF NOT EXISTS _redo (id TEXT, applied INTEGER, open INTEGER)';

/**
 * What is skipped of the numbers when a log is opened: a torn group that nobody read again never has the number that the reader
 * expects at its place.
 */
const numbersSkipped = 1_000_000;

/** A redo log and the database that it belongs to: each knows how far the other is. */
export class DatabaseLog implements GroupLog {
  readonly #log: RedoLog;
  readonly #run: (statement: Statement) => void;
  readonly #id: string;
  readonly #readApplied: Libsql.Statement<[]>;
  readonly #writeApplied: Libsql.Statement<unknown[]>;
  /** Nothing follows: the next mark says that the log may go. */
  #isLast = false;

  /** Runs what a former process left in the log, and commits; throws, and changes nothing, when that cannot be. */
  constructor(connection: Libsql.Database, log: RedoLog, run: (statement: Statement) => void) {
    this.#log = log;
    this.#run = run;
    if (!connection.inTransaction) connection.exec('BEGIN IMMEDIATE');
    connection.exec(createRedo);
    this.#readApplied = connection.prepare('SELECT CAST(id AS BLOB), applied, open FROM _redo');
    this.#writeApplied = connection.prepare('UPDATE _redo SET applied = ?, open = ?');
    const { id, applied, open } = this.#identity(connection);
    this.#id = id;
    this.#refuseLoss(open);
    const isNew = log.state !== 'started';
    log.prepare(id, applied);
    const last = isNew ? applied : this.#replay();
    log.restart(last + numbersSkipped);
    this.mark();
    connection.exec('COMMIT');
  }

  get isFull(): boolean {
    return this.#log.isFull;
  }

  append(statements: readonly Statement[]): void {
    this.#log.append(statements);
  }

  sync(): Promise<void> {
    return this.#log.sync();
  }

  mark(): void {
    this.#writeApplied.run([this.#log.number, this.#isLast ? 0 : 1]);
  }

  restart(): void {
    this.#log.restart();
  }

  replay(): void {
    this.#replay();
  }

  /** The next mark is the last one. */
  finish(): void {
    this.#isLast = true;
  }

  /** `isDone`: the last mark is committed. */
  close(isDone: boolean): void {
    this.#log.close(isDone);
  }

  #identity(connection: Libsql.Database): { id: string; applied: number; open: boolean } {
    const [[id, applied = 0, open] = []] = this.#readApplied.raw().all() as [Uint8Array, number, number][];
    if (id !== undefined) return { id: String(textOf(id)), applied, open: open === 1 };
    const made = randomBytes(8).toString('hex');
    connection.prepare<unknown[]>('INSERT INTO _redo VALUES (?, 0, 0)').run([made]);
    return { id: made, applied: 0, open: false };
  }

  /** A database that was not closed has a log, or somebody says that it is lost. */
  #refuseLoss(open: boolean): void {
    const { path, state } = this.#log;
    if (!open || state === 'started' || state === 'lost') return;
    const what = state === 'missing' ? 'is gone' : 'is damaged';
    throw new Error(
      `its log ${path} ${what}, and with it what was written last: put it back, or make it a file with the word 'lost' to begin ` +
        'without it',
    );
  }

  /** The number of the last group that the database contains now. */
  #replay(): number {
    const [[, applied = 0] = []] = this.#readApplied.raw().all() as [Uint8Array, number, number][];
    let last = applied;
    for (const { number, statements } of this.#log.left(this.#id, applied)) {
      for (const statement of statements) this.#run(statement);
      last = number;
    }
    return last;
  }
}
