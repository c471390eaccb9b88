import type { Stored } from 'waha-runtime/storage';
import type { Claim, SqliteFile } from './open-file.ts';
import type { NewTexts, SentQuestion, SentStatement } from './sent-texts.ts';

/** What the thread begins with. */
export interface Beginning {
  readonly file: SqliteFile;
  readonly claim: Claim;
}

/** What the event loop asks for in one turn, with the texts of statements that the thread does not have yet. */
export interface Calls {
  readonly texts: NewTexts;
  readonly calls: readonly Call[];
}

/** What the event loop asks the thread for. */
export type Call = { readonly id: number } & (
  | { readonly ask: 'write'; readonly tables: readonly string[]; readonly statements: readonly SentStatement[] }
  | { readonly ask: 'read'; readonly table: string; readonly question: SentQuestion }
  | { readonly ask: 'rest'; readonly of: number }
  | { readonly ask: 'copy'; readonly target: string }
  | { readonly ask: 'close' }
);

/** Rows, as many as cross the threads in one message: taking them over is work of the event loop. */
export interface Part {
  readonly rows: Stored[][];
  /** There are more; asked for by the id of the call. */
  readonly isMore: boolean;
}

/** What the thread says: first that the file is open, or why it is not, as the answer to the call 0. */
export type Reply = { readonly id: number } & (
  | { readonly value: number[] | Part | undefined }
  | { readonly failure: Failure }
);

/** An error as it crosses the threads. */
export interface Failure {
  readonly message: string;
  /** SQLite's, such as `SQLITE_BUSY`. */
  readonly code: string | undefined;
  /** Which of the call's statements, of one that did not find what it must. */
  readonly place?: number;
  /** A sync failed, this one or an earlier one: nobody may go on with this file. */
  readonly unsynced: boolean;
}

/** The reply that says whether the file is open. */
export const OPENED = 0;
