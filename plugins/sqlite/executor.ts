import type { Stored } from 'waha-runtime/storage';

/** A statement's text and the values bound to it. */
export interface Statement {
  readonly text: string;
  readonly values: readonly Stored[];
  /**
   * It must change a row, or find one and answer with its first number; otherwise the whole call is rolled back and fails with
   * the code `NOT_HELD` and its `place` among the statements.
   */
  readonly must?: 'change' | 'find';
}

/** A statement that answers with rows. */
export interface Question extends Statement {
  /** Columns, by their place, that are text and were selected as bytes: libsql would cut text at a NUL. */
  readonly texts: readonly number[];
}

/** Runs statements: a connection, or the thread that has one. What is asked later sees what was written before. */
export interface Executor {
  /**
   * Runs statements that change these tables, all or none. Resolves with how many rows each of them changed (or the number that it
   * found), once that is
   * committed and, as far as the database was opened so, on disk.
   */
  write(tables: readonly string[], statements: readonly Statement[]): Promise<number[]>;
  /** Resolves with the rows, once everything that the statement may have seen of this table is committed. */
  read(table: string, question: Question): Promise<Stored[][]>;
  /** Writes a copy of the file, which holds everything that was acknowledged before, to a path that nothing is at. */
  copy(target: string): Promise<void>;
  /** Resolves when what was written is on disk and the file is free. */
  close(): Promise<void>;
}
