import type { EventName, EventSelector } from './event-names.ts';
import type { Envelope, EventPayloads } from './event-payloads.ts';
import type { EventDeliveryStatus } from './files.ts';
import type { MeInfo } from './session.ts';
import type { Change, Counted, Database } from './storage.ts';

/** An event as every sink gets it: the body of a webhook, a WebSocket frame, a queue message. */
export type RuntimeEvent<N extends EventName = EventName> = { [K in N]: Envelope<K, EventPayloads[K]> }[N];

/** An event as it was committed. */
export interface LoggedEvent {
  /** Its place in the log; grows with every event of every session. */
  readonly cursor: number;
  readonly event: RuntimeEvent;
  /** The event as JSON, serialised once for every sink and stored as it is. */
  readonly body: string;
}

/** An event whose commit is under way. In a database that several processes share the commit itself gives the cursor. */
export interface UncommittedEvent extends Omit<LoggedEvent, 'cursor'> {
  readonly cursor: number | Counted;
}

/** Where events go. Plugins contribute sinks to `Points.EventSink`. */
export interface EventSink {
  /** It delivers what sessions have in `webhooks`: without such a sink their webhooks are refused. */
  readonly deliversWebhooks?: boolean;
  /** Names it in logs, health and metrics. */
  readonly name: string;
  /**
   * Where several processes share the log: `own` (when absent) gets the events of the sessions of this process, `all` those of all
   * processes, in the order of the log.
   */
  readonly scope?: 'own' | 'all';
  /** Called first: false for an event that is none of its business; then nothing else is called, and nothing counted. */
  accepts?(event: RuntimeEvent): boolean;
  /**
   * Called before `deliver`: rows to commit in one transaction with the event, such as one delivery per endpoint.
   * They belong to collections of `EventLog.database`. Pure and quick; a throw, or a row that no database would take, drops
   * this sink's rows only.
   */
  rows?(uncommitted: UncommittedEvent): readonly Change[];
  /** Called in place of `deliver`: the event was not committed, and its rows were not; another process has its session now. */
  dropped?(event: RuntimeEvent): void;
  /**
   * Called once per event, in the order of publishing, after its commit. The bus does not wait; a throw, a rejection
   * or a promise that outlives the time limit is logged under `name`, counted, and suspends the sink when it repeats.
   */
  deliver(event: RuntimeEvent, logged: LoggedEvent): void | Promise<void>;
  /**
   * Whether events of this name are asked for by name. For `engine.event`, which is not made while nobody wants it.
   * Called often; a sink without it wants none.
   */
  wants?(event: EventName, session: string): boolean;
  /** The oldest cursor that the sink still has to read from the log; older events may be pruned. */
  oldestNeeded?(): number | null;
  /**
   * What became of these events here, by cursor, for whoever keeps something until they are delivered. Events that are none
   * of its business, or long forgotten, are left out. A sink without it is asked for `oldestNeeded`.
   */
  deliveryStatus?(cursors: readonly number[]): Promise<ReadonlyMap<number, EventDeliveryStatus>>;
}

export interface LogQuery {
  /** Only events behind this cursor. */
  readonly after?: number;
  readonly sessions?: readonly string[];
  readonly events?: readonly EventSelector[];
  /** Event time (ms), from this one on and before that one. */
  readonly since?: number;
  readonly until?: number;
  /** At most so many, in order of cursors; 100 when absent. */
  readonly limit?: number;
}

/** Every event of the last while, in the order in which they were committed. Shared by all sinks. */
export interface EventLog {
  /** Where the events are; a sink keeps the rows of `EventSink.rows` in collections of the same database. */
  readonly database: Database;
  /** The cursor of the newest event; 0 when there is none. */
  readonly head: number;
  /** The cursor before the oldest event that is kept: reading from an older one misses something. */
  readonly tail: number;
  read(query: LogQuery): Promise<LoggedEvent[]>;
  find(id: string): Promise<LoggedEvent | null>;
  at(cursor: number): Promise<LoggedEvent | null>;
}

/** Sees every event before the sinks. Plugins contribute filters to `Points.EventFilter`. */
export interface EventFilter {
  readonly name: string;
  /**
   * Called in order of plugins. Returns the event, a changed copy, or null to drop it. A throw passes it on unchanged. Id and
   * timestamp are its place in the log, and stay: what a filter makes of them is put back.
   */
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
  /** Names the fact, without its time: one that comes again is not published again, even when it says another time. */
  readonly identity?: string;
  /** The trace that it belongs to; that of the request which is under way when absent. */
  readonly traceparent?: string | undefined;
}

/** Fans events out to filters and sinks. */
export interface EventBus {
  /**
   * Resolves when the event is handled: filtered, committed with every sink's rows, and handed to every sink. An event
   * whose identity was committed before is not published again. Rejects with `UNAVAILABLE` when the medium has failed
   * for so long that too many events wait.
   */
  publish<N extends EventName>(publication: Publication<N>): Promise<void>;
  /** Whether some sink asks for this event by its name. */
  wants(event: EventName, session: string): boolean;
  /** Listens inside the process; a throw is logged and hurts nobody. Returns the way to stop. */
  subscribe(name: string, listener: (event: RuntimeEvent) => void): () => void;
}
