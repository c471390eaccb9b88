import type { EventName } from './event-names.ts';
import type { Ack, AckName, WAMessage } from './message.ts';
import type { MeInfo, SessionStatus, StatusPoint, StatusReason } from './session.ts';
import type { Change } from './storage.ts';

export interface SessionStatusPayload {
  readonly name: string;
  readonly status: SessionStatus;
  /** The last three, oldest first, this one included. */
  readonly statuses: readonly StatusPoint[];
  readonly data: unknown;
  readonly reason?: StatusReason;
  readonly recoverable?: boolean;
  readonly attempt?: number;
  readonly nextRetryAt?: number;
}

export interface MessageAckPayload {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly participant: string | null;
  readonly fromMe: boolean;
  readonly ack: Ack;
  readonly ackName: AckName;
  readonly _data?: unknown;
}

export interface PresencePayload {
  /** The chat. */
  readonly id: string;
  readonly presences: readonly {
    readonly participant: string;
    readonly lastKnownPresence: 'offline' | 'online' | 'typing' | 'recording' | 'paused';
    readonly lastSeen: number | null;
  }[];
}

interface TypedPayloads {
  'session.status': SessionStatusPayload;
  message: WAMessage;
  'message.any': WAMessage;
  'message.ack': MessageAckPayload;
  'message.ack.group': MessageAckPayload;
  'presence.update': PresencePayload;
}

/** The payload of each event. */
export type EventPayloads = { [N in EventName]: N extends keyof TypedPayloads ? TypedPayloads[N] : object };

export interface Envelope<N extends EventName, P> {
  /** `evt_` and a lower-case ULID; the same at every delivery of this event. */
  readonly id: string;
  /** When it happened (ms). */
  readonly timestamp: number;
  readonly event: N;
  readonly session: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly me?: MeInfo;
  readonly payload: P;
  readonly engine: string;
  readonly environment: { readonly version: string; readonly engine: string; readonly tier: string };
}

/** An event as every sink gets it: the body of a webhook, a WebSocket frame, a queue message. */
export type RuntimeEvent<N extends EventName = EventName> = { [K in N]: Envelope<K, EventPayloads[K]> }[N];

/** Where events go. Plugins contribute sinks to `Points.EventSink`. */
export interface EventSink {
  /** Names it in logs, health and metrics. */
  readonly name: string;
  /**
   * Called before `deliver`: rows to commit in one transaction with the event, such as one delivery per endpoint.
   * Pure and quick; a throw drops this sink's rows only.
   */
  rows?(event: RuntimeEvent): readonly Change[];
  /**
   * Called once per event, in the order of publishing. The bus does not wait; a throw, a rejection or a promise
   * that outlives the time limit is logged under `name`, counted, and suspends the sink when it repeats.
   */
  deliver(event: RuntimeEvent): void | Promise<void>;
}

/** Sees every event before the sinks. Plugins contribute filters to `Points.EventFilter`. */
export interface EventFilter {
  readonly name: string;
  /** Called in order of plugins. Returns the event, a changed copy, or null to drop it. A throw passes it on unchanged. */
  filter(event: RuntimeEvent): RuntimeEvent | null;
}

/** What is to be published about a session. */
export interface Publication<N extends EventName = EventName> {
  readonly session: string;
  readonly event: N;
  readonly payload: EventPayloads[N];
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly me?: MeInfo | null | undefined;
  readonly engine: string;
  /** When it happened (ms); now when absent. */
  readonly timestamp?: number;
  /** A deterministic seed for the id, so that the same fact gets the same id when it comes again. */
  readonly identity?: string;
}

/** Fans events out to filters and sinks. */
export interface EventBus {
  /** Resolves when the event is handled: filtered, committed where a log is loaded, and handed to every sink. */
  publish<N extends EventName>(publication: Publication<N>): Promise<void>;
  /** Listens inside the process; a throw is logged and hurts nobody. Returns the way to stop. */
  subscribe(name: string, listener: (event: RuntimeEvent) => void): () => void;
}
