import type { Stored } from 'waha-runtime';
import type { Question, Statement } from './executor.ts';

/** What the event loop asks the thread for; it sends those of one turn together. */
export type Call = { readonly id: number } & (
  | { readonly ask: 'write'; readonly tables: readonly string[]; readonly statements: readonly Statement[] }
  | { readonly ask: 'read'; readonly table: string; readonly question: Question }
  | { readonly ask: 'close' }
);

/** What the thread says: first that the file is open, or why it is not, as the answer to the call 0. */
export type Reply = { readonly id: number } & (
  | { readonly value: number[] | Stored[][] | undefined }
  | { readonly failure: Failure }
);

/** An error as it crosses the threads. */
export interface Failure {
  readonly message: string;
  /** SQLite's, such as `SQLITE_BUSY`. */
  readonly code: string | undefined;
}

/** The reply that says whether the file is open. */
export const OPENED = 0;
