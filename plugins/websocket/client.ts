import { type EventLog, type EventName, type Log, type LoggedEvent, sentence } from 'waha-runtime';
import type { WebSocket } from 'ws';
import { frameOf, resumeFrame } from './frames.ts';
import { asksFor, concerns, type Subscription, wants } from './subscription.ts';

/** What all clients share. */
export interface SharedOptions {
  readonly eventLog: Pick<EventLog, 'head' | 'tail'>;
  readonly log: Log;
  readonly maxBufferedBytes: number;
  readonly maxBufferedFrames: number;
  readonly counts: Counts;
  now(): number;
  /** Whether the plugin works for this session. */
  includes(session: string): boolean;
  /** The next events of the log, of this subscription and of every session that it names. */
  read(after: number, subscription: Subscription, limit: number): Promise<LoggedEvent[]>;
}

/** What happened at all clients since the start. */
export interface Counts {
  sent: number;
  bytes: number;
  /** Times that a client was too slow and went on from the log. */
  fellBehind: number;
  /** Closed because the log forgot what they still had to read, or could not be read. */
  closedBehind: number;
  /** Cut because they did not answer a ping. */
  cutSilent: number;
}

/** How many events are read from the log at once. */
const pageSize = 100;

/** Close codes: RFC 6455. */
export const goingAway = 1001;
export const policyViolation = 1008;
const tryAgainLater = 1013;

/**
 * One connection. It gets events as they happen as long as it takes them; else it reads on from the event log, at its
 * own pace, until it is level again. Its checkpoint is a cursor, so nothing is sent twice and nothing left out.
 */
export class Client {
  readonly #socket: WebSocket;
  readonly #subscription: Subscription;
  readonly #shared: SharedOptions;
  /** Everything up to here was sent or is not wanted. */
  #cursor: number;
  #live: boolean;
  #reading = false;
  #resuming: boolean;
  /** Frames that wait to be written. */
  #pending = 0;
  #ping: { answered: boolean; written: boolean; progress: boolean } | null = null;

  constructor(socket: WebSocket, subscription: Subscription, shared: SharedOptions) {
    this.#socket = socket;
    this.#subscription = subscription;
    this.#shared = shared;
    this.#resuming = subscription.since !== undefined;
    this.#live = !this.#resuming;
    this.#cursor = subscription.since ?? shared.eventLog.head;
    const alive = () => {
      if (this.#ping) this.#ping.answered = true;
    };
    socket.on('pong', alive);
    socket.on('message', alive);
    socket.on('error', (error) => shared.log.debug(`a client's connection broke: ${sentence(error)}`));
  }

  /** Whether it asks for events of this name. */
  subscribes(event: EventName, session: string): boolean {
    return asksFor(this.#subscription, event, session);
  }

  get behind(): boolean {
    return !this.#live;
  }

  /** Begins with what the client missed, when it asked for that. */
  begin(): void {
    const { since } = this.#subscription;
    if (since === undefined) return;
    const { tail } = this.#shared.eventLog;
    if (since < tail) {
      this.#cursor = tail;
      if (since > 0) this.#tell('resume.gap', { since, tail });
    }
    void this.#catchUp();
  }

  /** A new event, in the order of the log. */
  deliver(logged: LoggedEvent): void {
    const { cursor } = logged;
    if (!this.#live || cursor <= this.#cursor) return;
    const wanted = wants(this.#subscription, logged);
    if (wanted && !this.#hasRoom) {
      this.#cursor = cursor - 1;
      this.#live = false;
      this.#shared.counts.fellBehind++;
      return;
    }
    if (wanted) this.#send(frameOf(logged));
    this.#cursor = cursor;
  }

  ping(): void {
    const ping = { answered: false, written: false, progress: false };
    this.#ping = ping;
    this.#socket.ping(undefined, undefined, () => {
      ping.written = true;
    });
  }

  /** True when nothing came back since the ping. One that still waits behind events counts only when those stand still. */
  get silent(): boolean {
    return this.#ping !== null && !this.#ping.answered && (this.#ping.written || !this.#ping.progress);
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  get #open(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  get #hasRoom(): boolean {
    const { maxBufferedBytes, maxBufferedFrames } = this.#shared;
    return this.#pending < maxBufferedFrames && this.#socket.bufferedAmount < maxBufferedBytes;
  }

  #send(frame: Buffer): void {
    if (!this.#open) return;
    this.#pending++;
    this.#shared.counts.sent++;
    this.#shared.counts.bytes += frame.length;
    this.#socket.send(frame, { binary: false }, (error) => {
      this.#pending--;
      if (error) return;
      if (this.#ping) this.#ping.progress = true;
      if (!this.#live && this.#drained) void this.#catchUp();
    });
  }

  /** True when so little waits that reading on is worth it. */
  get #drained(): boolean {
    const { maxBufferedBytes, maxBufferedFrames } = this.#shared;
    return this.#pending <= maxBufferedFrames / 2 && this.#socket.bufferedAmount <= maxBufferedBytes / 2;
  }

  #tell(event: 'resume.gap' | 'resume.live', payload: Readonly<Record<string, number>>): void {
    this.#send(resumeFrame({ event, timestamp: this.#shared.now(), payload, cursor: this.#cursor }));
  }

  /** Reads on until the client is level, or has no room for more. */
  async #catchUp(): Promise<void> {
    if (this.#reading || !this.#open) return;
    this.#reading = true;
    try {
      for (let more = true; more; ) {
        const { head } = this.#shared.eventLog;
        const page = await this.#shared.read(this.#cursor, this.#subscription, pageSize);
        more = this.#take(page, head);
      }
    } catch (error) {
      this.#shared.log.warn(`a client cannot read on: ${sentence(error)}`);
      this.#leave('the event log cannot be read');
    }
    this.#reading = false;
  }

  /** Sends a page of the log, read when `head` was the newest event. True when another one is to be read. */
  #take(page: readonly LoggedEvent[], head: number): boolean {
    const { eventLog, includes } = this.#shared;
    if (!this.#open) return false;
    if (this.#cursor < eventLog.tail) {
      this.#leave('too slow for the event log');
      return false;
    }
    for (const logged of page) {
      if (!this.#hasRoom) return false;
      const { session } = logged.event;
      if (includes(session) && concerns(this.#subscription, session)) this.#send(frameOf(logged));
      this.#cursor = logged.cursor;
    }
    if (page.length === pageSize) return true;
    this.#cursor = Math.max(this.#cursor, head);
    if (this.#cursor < eventLog.head) return true;
    this.#live = true;
    if (this.#resuming) this.#tell('resume.live', { since: this.#subscription.since ?? 0 });
    this.#resuming = false;
    return false;
  }

  /** What the client still has to get is not to be had: it may come back, and is told of the gap then. */
  #leave(why: string): void {
    this.#shared.counts.closedBehind++;
    this.close(tryAgainLater, `${why}; connect again with since=${this.#cursor}`);
  }
}
