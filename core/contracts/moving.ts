import type { LibraryNews } from './library.ts';
import type { MeInfo, SessionInfo } from './session.ts';
import type { AuthChanges, DesiredState, SessionAuth } from './stores.ts';

/** A session as it travels from one server to another. What it holds of the account is its engine's own. */
export interface SessionBundle {
  readonly name?: string;
  /** As `POST /api/sessions` takes it. */
  readonly config?: unknown;
  /** Whether it ran where it comes from; `running` when absent. */
  readonly desired?: DesiredState;
  /** Credentials and keys. Without them the bundle adds to the store of a session that is there. */
  readonly account?: unknown;
  /** Chats, messages, contacts, the two names of people, labels. */
  readonly library?: unknown;
}

/** What an engine made of an account that was linked elsewhere. */
export interface AcceptedAccount {
  readonly changes: AuthChanges;
  readonly me: MeInfo;
  /** Keys that could not be read and are left out: WhatsApp's retries make new ones. */
  readonly damaged: number;
}

/** How accounts of an engine leave a server and come to one, without being linked anew. */
export interface AccountMoving {
  /** Checks what another server kept of an account. Throws, or rejects with, `UNPROCESSABLE` when it is no linked account. */
  accept(account: unknown): AcceptedAccount | Promise<AcceptedAccount>;
  /** The same for rows of a store. What cannot be read is left out. */
  acceptLibrary(library: unknown): LibraryNews | Promise<LibraryNews>;
  /** Credentials and keys in a form that `accept` takes. Throws `UNPROCESSABLE` when no account is linked. */
  give(auth: SessionAuth): Promise<unknown>;
}

/** What an import did. */
export interface ImportReport {
  readonly session: SessionInfo;
  readonly keys: number;
  readonly damaged: number;
  readonly messages: number;
}

/** Sessions that come from another server, and go to one. */
export interface SessionMoving {
  /**
   * Makes a session of a bundle and starts it, unless the bundle or `start` says otherwise. Rejects with `CONFLICT` when the
   * session has an account already, and with `UNPROCESSABLE` for a bundle that no account is in.
   */
  import(name: string, bundle: SessionBundle, options?: { readonly start?: boolean }): Promise<ImportReport>;
  /** Everything that another server needs to go on with a session. Rejects with `SESSION_STATUS` unless it is STOPPED: two servers that go on with one account break it. */
  export(name: string): Promise<SessionBundle>;
}
