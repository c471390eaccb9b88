import type { Timings } from '../config/schema.ts';
import type { MessageCapping, Restriction } from '../contracts/account-limits.ts';
import type { Client } from '../contracts/client.ts';
import type { Clock, Random } from '../contracts/clock.ts';
import type { CloseReason, EngineConnection, EngineSignal, Pairing } from '../contracts/engine.ts';
import type { PasskeyCeremony } from '../contracts/passkey.ts';
import type { MeInfo, PairingCode, PhoneSilence, SessionStatus, StatusReason } from '../contracts/session.ts';
import type { SessionConfig } from '../contracts/session-config.ts';
import type { AccountHistory } from '../contracts/stores.ts';

/** What happens once the connection under way is closed. */
export type AfterClose = 'stop' | 'restart' | 'reopen' | 'backoff' | 'fail' | 'logout';

/** Where a session goes once its credentials are wiped. */
export type AfterWipe = 'stopped' | 'alive' | 'failed';

/**
 * The QR budget: slots of time, counted from the first code on, whatever connections come and go in between.
 * `slot` is -1 while nobody is asked to scan.
 */
export interface QrBudget {
  readonly slot: number;
  /** When the slot is over (ms since the epoch). */
  readonly slotEndsAt: number;
  /** Codes announced and not shown yet. */
  readonly codes: readonly string[];
  /** The code to show now; null between two connections. */
  readonly code: string | null;
  /** Somebody has scanned already, in vain: WhatsApp has retired the secret of that code. */
  readonly scanAgain: boolean;
  /** Since when the budget stands still (ms since the epoch): WhatsApp asks for a passkey meanwhile. */
  readonly pausedAt: number | null;
}

export const noQr: QrBudget = { slot: -1, slotEndsAt: 0, codes: [], code: null, scanAgain: false, pausedAt: null };

/** A linking by passkey that is under way. */
export interface PasskeyState {
  readonly ceremony: PasskeyCeremony;
  /** When the challenge is worth nothing any more (ms since the epoch). */
  readonly expiresAt: number;
  readonly isAnswered: boolean;
  /** To compare with the phone's; null before there is one. */
  readonly code: string | null;
}

/** The machine's memory. */
export interface SessionContext {
  readonly timings: Timings;
  readonly clock: Clock;
  readonly random: Random;
  readonly connect: Connect;
  readonly wipe: Wipe;
  readonly pinnedPhone: () => string | null;
  /** Reconnects in a row, since a connection last held. */
  readonly attempt: number;
  /** Closes since then that trying again may not mend; each reason has tries of its own. */
  readonly doubts: Readonly<Partial<Record<CloseReason, number>>>;
  /** Connections in a row that WhatsApp asked us to open anew. */
  readonly reopens: number;
  /** When another client last took the account over (ms since the epoch each). */
  readonly conflicts: readonly number[];
  readonly afterClose: AfterClose;
  readonly afterWipe: AfterWipe;
  /** Whether the credentials are moved aside rather than removed. */
  readonly keepArchive: boolean;
  readonly qr: QrBudget;
  readonly pairing: Pairing | null;
  readonly pairingCode: (PairingCode & { readonly phoneNumber: string }) | null;
  /** Non-null only in `passkey`. */
  readonly passkey: PasskeyState | null;
  /** Non-null only in `working`. */
  readonly client: Client | null;
  readonly me: MeInfo | null;
  readonly reason: StatusReason | null;
  readonly message: string | null;
  /** What else is known about the reason. */
  readonly note: string | null;
  readonly nextRetryAt: number | null;
  /** What the last logout could do at WhatsApp's side. */
  readonly unlinked: boolean;
  /** What WhatsApp does not let the account do; it outlives connections. */
  readonly restriction: Restriction | null;
  /** The account's quota of new chats, as WhatsApp last told of it. */
  readonly capping: MessageCapping | null;
  /** When a restriction was last known to hold (ms since the epoch). */
  readonly restrictedAt: number | null;
  /** When the account's phone last gave a sign of life (ms since the epoch). */
  readonly phoneSeenAt: number | null;
}

/** What a connection has of the machine that opened it. */
export interface ConnectionOwner {
  /** Drops what comes when the connection is not the session's any more. */
  signal(signal: EngineSignal): void;
  /** False once the machine has let go of the connection: what it still says is nobody's. */
  isCurrent(): boolean;
}

/** Opens a connection of the session's engine. Throws only for a fault of the engine itself. */
export type Connect = (owner: ConnectionOwner) => EngineConnection;

/** Removes the session's credentials, or moves them aside. */
export type Wipe = (keepArchive: boolean) => Promise<void>;

export interface SessionInput {
  readonly timings: Timings;
  readonly clock: Clock;
  readonly random: Random;
  readonly connect: Connect;
  readonly wipe: Wipe;
  /** The one number (digits) that may link this session, if its config names one. Read at each link. */
  readonly pinnedPhone: () => string | null;
  readonly me: MeInfo | null;
  readonly accountHistory: AccountHistory;
}

export type SessionCommand =
  | { readonly type: 'start' }
  | { readonly type: 'stop' }
  | { readonly type: 'restart' }
  /** Unlinks, wipes the credentials, then starts from scratch or stays stopped. */
  | { readonly type: 'logout'; readonly next: 'stopped' | 'alive' }
  /** The hot parts of the config changed. */
  | { readonly type: 'configure'; readonly config: SessionConfig }
  /** The machine under us slept: what waits for a time is due. */
  | { readonly type: 'wake' }
  | { readonly type: 'pairing.code'; readonly code: PairingCode & { readonly phoneNumber: string } };

/** From the engine's actor, once WhatsApp was told (or could not be told) that the device is unlinked. */
export interface Unlinked {
  readonly type: 'engine.unlinked';
  readonly told: boolean;
}

/** From the engine's actor, after a probe. */
export type Probed = { readonly type: 'engine.alive' } | { readonly type: 'engine.deaf' };

export type SessionEvent = SessionCommand | EngineSignal | Unlinked | Probed;

export type Closed = Extract<EngineSignal, { type: 'engine.closed' }>;

/** Emitted on entering a state that has a status. */
export interface StatusEmitted {
  readonly type: 'status';
  readonly status: SessionStatus;
  readonly reason: StatusReason | null;
  readonly message: string | null;
  readonly note: string | null;
  readonly attempt: number;
  readonly nextRetryAt: number | null;
  readonly me: MeInfo | null;
  readonly restriction: Restriction | null;
  readonly capping: MessageCapping | null;
  readonly phoneSilence: PhoneSilence | null;
  /** See {@link QrBudget}. */
  readonly scanAgain: boolean;
  /** What of it is news although the status is the one before. */
  readonly update: StatusUpdate | null;
}

/** What may be new about a session that is WORKING all the while. */
export type StatusUpdate = 'restriction' | 'capping' | 'phone';

/** Emitted when a connection was lost and another one will be tried. */
export interface ReconnectEmitted {
  readonly type: 'reconnect';
  readonly reason: StatusReason;
}

/** Emitted when we learn more of ourselves. */
export interface MeEmitted {
  readonly type: 'me';
  readonly me: MeInfo | null;
}

/** Emitted when we learn something that has to survive the process. */
export interface AccountHistoryEmitted {
  readonly type: 'accountHistory';
  readonly accountHistory: AccountHistory;
  /** They were told to the outside: after a restart nobody may hear an older time. */
  readonly exactly: boolean;
}

export type SessionEmitted = StatusEmitted | ReconnectEmitted | MeEmitted | AccountHistoryEmitted;

/** Thrown by `Connect`: the session's proxy cannot be read, and a direct connection is out of the question. */
export class ProxyUnusable extends Error {}
