import type { SessionInfo } from './session.ts';
import type { Change, Database } from './storage.ts';

/**
 * Which sessions are this process's, where several processes run one set of them. Each session has one owner, running or not.
 * Without it a process has all sessions, and nothing is asked.
 */
export interface Ownership {
  /** This process: another name at each start. */
  readonly node: string;
  /** The sessions that are ours now. */
  owned(): readonly string[];
  owns(session: string): boolean;
  /**
   * The step that every write on a session's behalf carries in its own transaction: that the session is still ours. It is refused
   * (`NOT_HELD`) from the moment on in which another process has claimed the session, and the claim waits for those under way.
   */
  fence(session: string): Change;
  /** A new session becomes ours. Rejects with `SESSION_EXISTS` when there is one of that name anywhere. */
  found(session: string): Promise<void>;
  /** The session is gone. */
  forget(session: string): Promise<void>;
  /** Which of these are not ours any more, as the database says. */
  lost(sessions: readonly string[]): Promise<ReadonlySet<string>>;
  /** Sessions of others, as they were up to a second ago; from the start on. */
  readonly others: Directory;
  /** Whether there is a session of this name anywhere, exactly: asked before something of one that is gone is removed. */
  exists(session: string): Promise<boolean>;
  /**
   * Whether upkeep of this name is this process's now: one process at a time has it, and another one soon after that is gone. False
   * before `begin`. Asked each time before the work.
   */
  does(task: string): Promise<boolean>;
  /**
   * Tells from which cursor on this process still needs the event log. Resolves with what all of them need, when it is this process's
   * turn to prune; null when it is not, or while that is not known of somebody.
   */
  prunes(needed: number): Promise<number | null>;
  /** Claims sessions from now on, and tells the host of what comes and goes. `url`: where this machine reaches the process. */
  begin(host: SessionHost, at: { readonly url: string | null }): Promise<void>;
  /** Hands every session over, and claims no more. */
  end(): Promise<void>;
}

/** Sessions that other processes have. */
export interface Directory {
  list(): readonly SessionInfo[];
  get(session: string): SessionInfo | undefined;
}

/** What the runtime does as sessions come and go. */
export interface SessionHost {
  /** The session is ours: reads what is stored of it, and starts it if it shall run. False when nothing is stored. */
  take(session: string): Promise<boolean>;
  /** Ends its connection at this moment, whatever is under way; `release` follows. */
  cut(session: string): void;
  /** Lets go of it: nothing is written or sent on its behalf any more. `orderly`: what is under way is waited for. */
  release(session: string, orderly: boolean): Promise<void>;
  /** What is to be shown of the sessions that are ours. */
  infos(): readonly SessionInfo[];
}

/** Makes an `Ownership` on the database of the stores. A plugin contributes it to `Points.Ownership`. */
export interface OwnershipProvider {
  open(database: Database): Promise<Ownership>;
}
