import { setMaxListeners } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import PQueue from 'p-queue';
import {
  type Clock,
  type EventLog,
  type EventSink,
  type Log,
  type LoggedEvent,
  type Principal,
  tooManyRequests,
  unavailable,
} from 'waha-runtime';
import { type WebSocket, WebSocketServer } from 'ws';
import { Client, type Counts, goingAway, policyViolation, type SharedOptions } from './client.ts';
import type { WebSocketConfig } from './config.ts';
import { startHeartbeat } from './heartbeat.ts';
import { namedSessions, type Subscription, subscriptionOf } from './subscription.ts';

export interface ClientsOptions {
  readonly config: WebSocketConfig;
  readonly eventLog: EventLog;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether the plugin works for this session. */
  includes(session: string): boolean;
}

/** Clients say nothing that matters; a larger message ends the connection. */
const maxPayload = 4_096;
/** The share of the clients that one key may have which is no admin's: nobody with such a key keeps the others out. */
const shareOfOne = 0.25;
/** How many clients read from the log at once. */
const maxReads = 4;
/** How long clients may take to say goodbye at shutdown (ms). */
const closeGrace = 2_000;

/** Every connection: lets clients in, hands them events, pings them, and says goodbye. */
export class Clients {
  readonly #options: ClientsOptions;
  readonly #server: WebSocketServer;
  readonly #clients = new Set<Client>();
  /** How many there are of each caller. */
  readonly #callers = new Map<string, number>();
  readonly #counts: Counts = { sent: 0, bytes: 0, fellBehind: 0, closedBehind: 0, cutSilent: 0 };
  readonly #reads = new PQueue({ concurrency: maxReads });
  readonly #stopHeartbeat: () => void;
  #closing = false;
  #empty: () => void = () => undefined;

  constructor(options: ClientsOptions) {
    const { config, clock } = options;
    this.#options = options;
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: config.compression,
      maxPayload,
      handleProtocols: chosenProtocol,
    });
    this.#server.on('headers', (headers) => headers.push(`X-Event-Cursor: ${options.eventLog.head}`));
    this.#stopHeartbeat = startHeartbeat({
      clock,
      every: config.pingSeconds * 1_000,
      answerWithin: config.pongSeconds * 1_000,
      clients: () => this.#clients,
      silent: (client) => this.#cut(client),
    });
  }

  /** Hands an event to every client that is level. */
  deliver: EventSink['deliver'] = (_event, logged) => {
    for (const client of this.#clients) client.deliver(logged);
  };

  /** Whether a client asks for events of this name. */
  wants: NonNullable<EventSink['wants']> = (event, session) =>
    [...this.#clients].some((client) => client.subscribes(event, session));

  /** Takes an upgrade. Throws when the query is wrong, the key too weak, or too many are connected. */
  handle = (request: IncomingMessage, socket: Duplex, head: Buffer, principal: Principal): void => {
    const { config, eventLog } = this.#options;
    if (this.#closing) throw unavailable('the server is shutting down');
    if (this.#clients.size >= config.maxClients)
      throw unavailable(`${config.maxClients} clients are connected already`);
    this.#checkShare(principal);
    const subscription = subscriptionOf(queryOf(request), principal, eventLog);
    this.#server.handleUpgrade(request, socket, head, (client) => this.#add(client, subscription, principal));
  };

  counts(): Counts & { readonly clients: number; readonly behind: number } {
    const behind = [...this.#clients].filter((client) => client.behind).length;
    return { clients: this.#clients.size, behind, ...this.#counts };
  }

  /** Says goodbye to everybody and waits a little for the answers. */
  async close(): Promise<void> {
    const { clock } = this.#options;
    this.#closing = true;
    this.#stopHeartbeat();
    if (this.#clients.size === 0) return;
    const gone = new Promise<void>((resolve) => {
      this.#empty = resolve;
    });
    for (const client of this.#clients) client.close(goingAway, 'the server is shutting down');
    const cut = clock.setTimeout(() => {
      for (const client of this.#clients) client.terminate();
    }, closeGrace);
    await gone;
    clock.clearTimeout(cut);
  }

  #checkShare({ name, admin }: Principal): void {
    const most = Math.ceil(this.#options.config.maxClients * shareOfOne);
    if (!admin && (this.#callers.get(name) ?? 0) >= most)
      throw tooManyRequests(`${most} clients are connected with this key already`, 30);
  }

  #add(socket: WebSocket, subscription: Subscription, { name, revoked }: Principal): void {
    const client = new Client(socket, subscription, this.#sharedOptions);
    this.#clients.add(client);
    this.#callers.set(name, (this.#callers.get(name) ?? 0) + 1);
    const refuse = () => client.close(policyViolation, 'Unauthorized');
    if (revoked) setMaxListeners(0, revoked);
    revoked?.addEventListener('abort', refuse);
    socket.once('close', () => {
      revoked?.removeEventListener('abort', refuse);
      this.#remove(client, name);
    });
    if (revoked?.aborted) refuse();
    client.begin();
  }

  #remove(client: Client, caller: string): void {
    this.#clients.delete(client);
    const left = (this.#callers.get(caller) ?? 1) - 1;
    if (left > 0) this.#callers.set(caller, left);
    else this.#callers.delete(caller);
    if (this.#clients.size === 0) this.#empty();
  }

  #cut(client: Client): void {
    this.#counts.cutSilent++;
    client.terminate();
  }

  get #sharedOptions(): SharedOptions {
    const { config, eventLog, clock, log, includes } = this.#options;
    const { maxBufferedBytes, maxBufferedFrames } = config;
    return {
      ...{ eventLog, log, includes, maxBufferedBytes, maxBufferedFrames },
      counts: this.#counts,
      now: () => clock.now(),
      read: (after, subscription, limit) => this.#reads.add(() => this.#read(after, subscription, limit)),
    };
  }

  #read(after: number, subscription: Subscription, limit: number): Promise<LoggedEvent[]> {
    const { events } = subscription;
    const sessions = namedSessions(subscription);
    return this.#options.eventLog.read({ after, events, limit, ...(sessions ? { sessions } : {}) });
  }
}

const queryOf = ({ url = '' }: IncomingMessage): URLSearchParams => {
  const start = url.indexOf('?');
  return new URLSearchParams(start < 0 ? '' : url.slice(start + 1));
};

/**
 * A client that offers subprotocols wants one of them back, or hangs up. One that carries a key (`waha.key.…`, see docs/websocket.md) is never said
 * again: the answer is the first of the others.
 */
const chosenProtocol = (offered: ReadonlySet<string>): string | false =>
  [...offered].find((name) => !name.startsWith('waha.key.')) ?? false;
