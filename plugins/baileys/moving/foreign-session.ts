import type { BaileysAccount } from './account.ts';
import type { BaileysLibrary } from './library.ts';

/** Credentials and keys as another server has left them. */
export interface ForeignAccount {
  readonly account: BaileysAccount;
  /** Names of keys that cannot be read. */
  readonly unreadable: readonly string[];
}

/** A session that another server has left. */
export interface ForeignSession {
  readonly name: string;
  /** The phone number of the account, in digits. */
  readonly number: string | null;
  readonly keys: number;
  readonly store: { readonly messages: number; readonly chats: number } | null;
  readonly config: unknown;
  readonly desired: 'running' | 'stopped';
  /** Why it cannot be taken over. */
  readonly problem: string | null;
  /** Why it looks as if its server still runs. */
  readonly running: string | null;
  account(): ForeignAccount | Promise<ForeignAccount>;
  library(): Iterable<BaileysLibrary> | AsyncIterable<BaileysLibrary>;
}
