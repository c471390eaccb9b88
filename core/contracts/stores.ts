import type { MessageCapping, Restriction } from './account-limits.ts';
import type { LibraryMessage, SessionLibrary, StoredMessage } from './library.ts';
import type { MeInfo } from './session.ts';
import type { SessionConfig } from './session-config.ts';

/** What the user last asked for. Observed status is never stored. */
export type DesiredState = 'running' | 'stopped';

/** What is known of an account and has to survive the process. */
export interface AccountHistory {
  /** The last sign of life of its phone (ms since the epoch), to the hour. */
  readonly phoneSeenAt: number | null;
  /** What WhatsApp does not let it do. */
  readonly restriction: Restriction | null;
  /** When a restriction was last known to hold (ms since the epoch). */
  readonly restrictedAt: number | null;
  /** Its quota of new chats, as WhatsApp last told of it. */
  readonly capping?: MessageCapping | null;
}

/** A session as it is stored. */
export interface SessionRecord {
  readonly name: string;
  /** The engine's name. */
  readonly engine: string;
  readonly config: SessionConfig;
  readonly desired: DesiredState;
  /** The account that is linked, null before linking and after logout. */
  readonly me: MeInfo | null;
  /** None in the record of a version that kept none. */
  readonly accountHistory?: AccountHistory | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface SessionStore {
  list(): Promise<SessionRecord[]>;
  get(name: string): Promise<SessionRecord | null>;
  put(record: SessionRecord): Promise<void>;
  remove(name: string): Promise<void>;
}

/** A key of a session's key store; `value` null removes it. */
export interface KeyChange {
  readonly type: string;
  readonly id: string;
  readonly value: Uint8Array | null;
}

/** What one write to a session's credentials and keys changes; all of it is stored or nothing. */
export interface AuthChanges {
  /** `linked` says whether these credentials belong to an account: linked ones are never overwritten by unlinked ones. */
  readonly credentials?: { readonly value: Uint8Array; readonly linked: boolean };
  readonly keys?: readonly KeyChange[];
  /** The account has taken leave of what the original of a copy may have used since (`SessionAuth.copiedAt`). */
  readonly renewed?: true;
}

/**
 * The credentials and keys of one session, opaque to everyone but its engine.
 * Every call has a time limit and rejects with `STORAGE_FAILED` past it. After `revoke` all writes reject with
 * `AUTH_REVOKED`: a late write of an old socket never resurrects a session.
 */
export interface SessionAuth {
  /**
   * Not null: these keys come from a copy that was made then (ms since the epoch), and the original may have gone on with them. No
   * key that moves on may be used for sending before a commit says `renewed`.
   */
  readonly copiedAt?: number | null;
  /** The last committed credentials, or null. Rejects with `CORRUPT_AUTH` when they cannot be read. */
  credentials(): Promise<{ readonly value: Uint8Array; readonly linked: boolean } | null>;
  keys(type: string, ids: readonly string[]): Promise<Map<string, Uint8Array>>;
  /** All keys of a type. */
  list(type: string): Promise<Map<string, Uint8Array>>;
  /** All or nothing, durable when it resolves. */
  commit(changes: AuthChanges): Promise<void>;
  /** Resolves when every commit so far is durable. */
  flush(): Promise<void>;
  revoke(): void;
}

export interface AuthStore {
  /** A handle on a session's credentials and keys; revokes the one handed out before. */
  open(session: string): SessionAuth;
  /** Revokes the handle that was handed out: another process goes on with the session. */
  release(session: string): void;
  /** Notes for the work that whoever opens a copy of the database made meanwhile has a copy, of this time (ms since the epoch). */
  whileCopied<T>(at: number, work: () => Promise<T>): Promise<T>;
  /** Removes everything of the session, archives included. */
  clear(session: string): Promise<void>;
  /** Moves the credentials aside (one generation is kept), so that the session starts unlinked but nothing is lost. */
  archive(session: string): Promise<void>;
}

/** What the engine remembers of one session's messages. Bounded by the store's retention. */
export interface SessionHistory {
  /** Listed, pending and not sent through the API unless it says otherwise. */
  remember(message: StoredMessage & Partial<LibraryMessage>): Promise<void>;
  find(id: string): Promise<StoredMessage | null>;
  /** The newest messages of a chat that are shown and not our own, newest first. */
  newest(chatId: string, limit: number): Promise<StoredMessage[]>;
}

export interface MessageStore {
  of(session: string): SessionHistory;
  /** The same messages and all that goes with them, of a session that keeps everything. */
  library(session: string): SessionLibrary;
  /** Removes all of it. */
  clear(session: string): Promise<void>;
}

/** A plugin's own small state, in a namespace of its own. Values are JSON. */
export interface PluginStorage {
  get<T = unknown>(key: string): Promise<T | undefined>;
  set(key: string, value: unknown): Promise<void>;
  remove(key: string): Promise<void>;
  keys(): Promise<string[]>;
  /**
   * Calls the listener a second after another process changed something here. Never where there is one process. Returns the way to stop.
   */
  onForeignChange?(listener: () => void): () => void;
}
