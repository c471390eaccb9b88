import type { MessageCapping, Restriction } from './account-limits.ts';
import type { Client } from './client.ts';
import type { EventName } from './event-names.ts';
import type { EventPayloads } from './event-payloads.ts';
import type { SessionLibrary } from './library.ts';
import type { Log } from './log.ts';
import type { AccountMoving } from './moving.ts';
import type { ProxyAddress } from './network.ts';
import type { PasskeyCeremony } from './passkey.ts';
import type { MeInfo, PairingCode, StatusReason } from './session.ts';
import type { SessionConfig } from './session-config.ts';
import type { SessionAuth, SessionHistory } from './stores.ts';

/** Why a connection ended. `closed` is our own doing, `qr_refs_ended` asks for a new connection within the QR budget. */
export type CloseReason =
  | Exclude<
      StatusReason,
      'qr_timeout' | 'start_timeout' | 'wrong_phone_number' | 'deaf' | 'passkey_refused' | 'passkey_timeout'
    >
  | 'closed'
  | 'qr_refs_ended';

/** Lets the user link by a code that is typed into the phone instead of a QR code. */
export interface Pairing {
  /** `phoneNumber` in digits. Rejects with `WHATSAPP_REFUSED` or `CONNECTION_LOST`. */
  requestCode(phoneNumber: string): Promise<PairingCode>;
}

/** Lifecycle, from the engine to the machine. */
export type EngineSignal =
  /** Codes to show one after the other, the first at once. Replaces what was announced before. */
  | { readonly type: 'engine.qr'; readonly codes: readonly string[]; readonly pairing: Pairing }
  /**
   * The codes announced last, in their order, with another secret: WhatsApp has retired the one that was scanned. The phone has
   * to scan once more.
   */
  | { readonly type: 'engine.qr.refreshed'; readonly codes: readonly string[] }
  /** The live pairing code was replaced by another one, or (null) is not valid any more. */
  | { readonly type: 'engine.code'; readonly code: PairingCode | null }
  /** WhatsApp asks for the account's passkey, until `expiresAt` (ms since the epoch). Replaces what was asked before. */
  | { readonly type: 'engine.passkey'; readonly ceremony: PasskeyCeremony; readonly expiresAt: number }
  /** WhatsApp has taken the answer. */
  | { readonly type: 'engine.passkey.answered' }
  /** The code that the phone shows, too. */
  | { readonly type: 'engine.passkey.code'; readonly code: string }
  /** Our side agrees to the code. */
  | { readonly type: 'engine.passkey.confirmed' }
  /** The ceremony cannot go on; the connection can. `message` is for people. */
  | {
      readonly type: 'engine.passkey.ended';
      readonly reason: 'passkey_refused' | 'passkey_timeout';
      readonly message: string;
    }
  /** A phone scanned; the connection will be reopened (WhatsApp's 515). */
  | { readonly type: 'engine.linked'; readonly me: MeInfo }
  /** Ready. */
  | { readonly type: 'engine.open'; readonly client: Client; readonly me: MeInfo }
  /** What we know of ourselves changed (the push name arrives after the login). */
  | { readonly type: 'engine.me'; readonly me: MeInfo }
  /** WhatsApp restricts the account, or (null) does no longer. */
  | { readonly type: 'engine.restriction'; readonly restriction: Restriction | null }
  /** What WhatsApp said of the account's quota of new chats. */
  | { readonly type: 'engine.capping'; readonly capping: MessageCapping }
  /**
   * The account's phone gave a sign of life then (ms since the epoch). Devices hear of no other: WhatsApp does not say whether
   * a phone is online.
   */
  | { readonly type: 'engine.phone'; readonly seenAt: number }
  /** The connection is over; nothing follows. */
  | {
      readonly type: 'engine.closed';
      readonly reason: CloseReason;
      /** The engine's own status code. */
      readonly code?: number;
      /** For people; holds no secret. */
      readonly message?: string;
      /** How long WhatsApp means it to last (ms): a ban for a time. */
      readonly lasts?: number;
    };

/** Extra facts about an event that its payload does not carry. */
export interface PublishOptions {
  readonly timestamp?: number;
  /** Names the WhatsApp fact, without its time: it may come again with another one, and is published once. */
  readonly identity?: string;
  /** The trace of the request that caused it, as `currentTraceparent` said while it was under way. */
  readonly traceparent?: string | undefined;
}

/** What an engine gets for one connection of a session. It is used for this connection only. */
export interface EngineInput {
  readonly session: string;
  readonly config: SessionConfig;
  readonly auth: SessionAuth;
  readonly history: SessionHistory;
  /** Null unless the session's config says `noweb.store.enabled`: then everything read and written goes here, too. */
  readonly library: SessionLibrary | null;
  /** Null: direct. A proxy that fails is a close with reason `proxy`, never a direct connection. */
  readonly proxy: ProxyAddress | null;
  readonly log: Log;
  /**
   * Whether somebody asked for this event by its name. Only `engine.event` is made on demand: without a taker, an engine
   * need not make it. Asked at each event; quick. Absent: nobody did.
   */
  wants?(event: EventName): boolean;
  /** Lifecycle: to the machine. */
  signal(signal: EngineSignal): void;
  /**
   * Facts: to the bus. Resolves when the event is handled; await it before telling WhatsApp "received".
   * Rejects with `CONNECTION_LOST` once a newer connection has taken this one's place.
   */
  publish<N extends EventName>(event: N, payload: EventPayloads[N], options?: PublishOptions): Promise<void>;
}

/** Both calls are safe to repeat, and both end in exactly one `engine.closed`. */
export interface EngineConnection {
  /** Closes the socket, waits for pending credential writes. */
  close(): Promise<void>;
  /**
   * Ends the socket at this moment, without waiting for what is under way: another process may have the session by now. `close` follows.
   */
  cut?(): void;
  /** Asks WhatsApp to unlink this device, then closes. Rejects when WhatsApp could not be told; it is closed all the same. */
  logout(): Promise<void>;
  /** Takes over the hot parts of a changed config (ignore, debug) without reconnecting. */
  configure?(config: SessionConfig): void;
  /**
   * Proves that the connection is alive: resolves on an answer of the server, rejects without one. When the connection ends
   * meanwhile, it rejects after `engine.closed` only: that says why.
   */
  probe?(): Promise<void>;
}

/** A way to speak to WhatsApp. Plugins contribute engines to `Points.Engine`. */
export interface Engine {
  /** WAHA's name of it (`NOWEB`); sessions choose by it. */
  readonly name: string;
  /** Absent: its accounts can only be linked anew. */
  readonly moving?: AccountMoving;
  /** Returns at once; everything that fails afterwards is an `engine.closed`. */
  open(input: EngineInput): EngineConnection;
}
