import type { Capability, Client } from './client.ts';
import type { Passkey } from './passkey.ts';
import { type Static, Type } from './schema.ts';
import type { MeInfo, PairingCode, QrCode, SessionInfo, StatusReason, Transition } from './session.ts';
import type { SessionConfig } from './session-config.ts';

export interface CreateSession {
  /** Generated when absent. */
  readonly name?: string;
  readonly config?: SessionConfig;
  /** Start it at once; true when absent. */
  readonly start?: boolean;
}

/** What a logout did at WhatsApp's end. */
export const LogoutRemote = Type.Enum(['unlinked', 'offline', 'not_linked'], {
  type: 'string',
  description:
    '`unlinked`: WhatsApp has unlinked the device. `offline`: WhatsApp could not be reached, and the phone may still list the device. `not_linked`: the session was not linked',
});
export type LogoutRemote = Static<typeof LogoutRemote>;

/** What a logout did. */
export interface LogoutReport {
  readonly session: SessionInfo;
  readonly remote: LogoutRemote;
}

/** What a plugin keeps of sessions besides what the runtime does. Plugins contribute it to `Points.SessionData`. */
export interface SessionData {
  readonly name: string;
  /** Removes all of it. Called while a session is deleted; where it rejects, the session stays, so that deleting can be tried again. */
  remove(session: string): Promise<void>;
  /** The session came from another process: what is kept in memory of it is read anew before it begins. */
  taken?(session: string): Promise<void>;
  /** The session went to another process: what is kept in memory of it is forgotten. */
  released?(session: string): Promise<void>;
}

/** Heeds a part of sessions' configs that the runtime itself does nothing with. Plugins contribute it to `Points.SessionRule`. */
export interface SessionRule {
  /** The field of the config. While no plugin heeds it, it is refused. */
  readonly part: 'pacing';
  /** What is wrong with a config before it is kept: sentences that begin with the field. None: it is taken. */
  faults(session: string, config: SessionConfig): readonly string[];
  /** The session has another config from now on. */
  changed?(session: string): void;
}

/**
 * All sessions: the one way to command them. Commands converge (starting a running session is a no-op), the latest
 * intent wins, and stop and delete pre-empt everything. Unknown names reject with `SESSION_NOT_FOUND`.
 */
export interface Sessions {
  list(): readonly SessionInfo[];
  get(name: string): SessionInfo;
  has(name: string): boolean;
  /** Whether this process runs the session. In a cluster `get` and `list` also show those of other processes, which do their own upkeep. */
  isHere(name: string): boolean;
  /** Rejects with `SESSION_EXISTS` when the name is taken, `BAD_REQUEST` when it is no name. */
  create(input: CreateSession): Promise<SessionInfo>;
  /** Replaces the config whole. Restarts once when proxy, client or noweb changed and it runs. */
  update(name: string, config: SessionConfig): Promise<SessionInfo>;
  start(name: string): Promise<SessionInfo>;
  stop(name: string): Promise<SessionInfo>;
  /** Restarts under way are not doubled; too many in a minute reject with `TOO_MANY_REQUESTS` (429). */
  restart(name: string): Promise<SessionInfo>;
  logout(name: string): Promise<LogoutReport>;
  /** Stops, logs out, removes config and data. Resolves for an unknown name, too. */
  remove(name: string): Promise<void>;
  me(name: string): MeInfo | null;
  transitions(name: string): readonly Transition[];
  /** How often sessions of this process have reconnected, by reason. Only grows. */
  reconnects(): Readonly<Partial<Record<StatusReason, number>>>;
  /** The code to show now: waits a little while STARTING, then rejects with `SESSION_STATUS` (422). Never a stale one. */
  qr(name: string): Promise<QrCode>;
  /** A code to type into the phone; waits for the right moment, hands out the live one again. */
  pairingCode(name: string, phoneNumber: string): Promise<PairingCode>;
  /** The user's part of a linking by passkey. */
  passkey(name: string): Passkey;
  /** The client of a session that is WORKING: waits a few seconds for it, then rejects with `SESSION_STATUS` (422). */
  client(name: string): Promise<Client>;
  /** A capability of the client, or `NOT_IMPLEMENTED_BY_ENGINE` (422). */
  capability<C extends Capability>(name: string, capability: C): Promise<NonNullable<Client[C]>>;
}
