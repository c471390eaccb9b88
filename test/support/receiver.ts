import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

/** How the receiver answers one request. `hang` never answers; `reset` cuts the connection. */
export type Answer =
  | number
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | Uint8Array;
      /** Waits this long (real time) before it answers. */
      readonly delayMs?: number;
      /** Closes the connection after the answer without having announced it, as a server with a short keep-alive does. */
      readonly thenClose?: boolean;
    }
  | 'hang'
  | 'reset';

/** A request as it arrived. */
export interface Received {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The exact bytes. */
  readonly body: Buffer;
  readonly text: string;
  /** The body, parsed; `{}` when it is no JSON. */
  readonly json: Record<string, unknown>;
  /** Which connection it came on, from 1: two requests with the same number shared a socket. */
  readonly connection: number;
}

export interface ReceiverOptions {
  /** Answers in order; the last one holds for everything after. 200 when absent. */
  readonly answers?: readonly Answer[];
  /** PEM texts: makes it an HTTPS server. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** How long an idle connection stays open (ms, real time); 60 s when absent. */
  readonly keepAliveMs?: number;
}

/** A real HTTP server on a free port of 127.0.0.1 that remembers what it got. */
export interface Receiver {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Everything so far. Recorded when the body is complete, before the answer goes out. */
  readonly requests: readonly Received[];
  /** The next request that no `next` handed out before; waits for it. With `count`, that many. */
  next(): Promise<Received>;
  next(count: number): Promise<Received[]>;
  /** Replaces the answers from here on. */
  answer(...answers: readonly Answer[]): void;
  /** Answers what hangs, all with this status; resolves when the answers were written. */
  release(status?: number): Promise<void>;
  /** How many connections are open now. */
  connections(): number;
  /** Cuts every open connection; the server goes on. */
  cutConnections(): void;
  /** Stops listening and cuts everything. Safe to call twice. */
  close(): Promise<void>;
}

/** Starts a receiver. Close it in `afterEach`. */
export const startReceiver = async (options: ReceiverOptions = {}): Promise<Receiver> => {
  const receiver = new RecordingReceiver(options);
  await receiver.listen();
  return receiver;
};

interface Waiter {
  readonly count: number;
  readonly resolve: (requests: Received[]) => void;
}

class RecordingReceiver implements Receiver {
  readonly requests: Received[] = [];
  readonly #server: Server;
  readonly #scheme: string;
  readonly #sockets = new Map<Socket, number>();
  readonly #waiters: Waiter[] = [];
  readonly #hanging = new Set<ServerResponse>();
  #answers: Answer[];
  #handedOut = 0;
  #opened = 0;

  constructor(options: ReceiverOptions) {
    this.#answers = [...(options.answers ?? [200])];
    this.#scheme = options.tls ? 'https' : 'http';
    this.#server = options.tls ? createTlsServer(options.tls) : createServer();
    this.#server.keepAliveTimeout = options.keepAliveMs ?? 60_000;
    this.#server.on('request', (request, response) => this.#receive(request, response));
    this.#server.on('connection', (socket) => {
      this.#opened += 1;
      this.#sockets.set(socket, this.#opened);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.port}`;
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', resolve);
    });
  }

  next(): Promise<Received>;
  next(count: number): Promise<Received[]>;
  next(count?: number): Promise<Received | Received[]> {
    const taken = new Promise<Received[]>((resolve) => {
      this.#waiters.push({ count: count ?? 1, resolve });
      this.#handOut();
    });
    return count === undefined ? taken.then((requests) => requests[0]!) : taken;
  }

  answer(...answers: readonly Answer[]): void {
    this.#answers = [...answers];
  }

  async release(status = 200): Promise<void> {
    const hanging = [...this.#hanging];
    this.#hanging.clear();
    await Promise.all(hanging.map((response) => new Promise<void>((done) => response.writeHead(status).end(done))));
  }

  connections(): number {
    return this.#sockets.size;
  }

  cutConnections(): void {
    for (const socket of this.#sockets.keys()) socket.destroy();
  }

  close(): Promise<void> {
    this.cutConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      this.requests.push(received(request, Buffer.concat(chunks), this.#connectionOf(request.socket)));
      const answer = this.#answers.length > 1 ? this.#answers.shift() : this.#answers[0];
      this.#respond(answer ?? 200, request, response);
      this.#handOut();
    });
  }

  /** Under TLS, the request's socket is not the one that `connection` announced; its peer's port tells which it is. */
  #connectionOf(socket: Socket): number {
    const direct = this.#sockets.get(socket);
    if (direct !== undefined) return direct;
    for (const [raw, number] of this.#sockets) if (raw.remotePort === socket.remotePort) return number;
    return 0;
  }

  #respond(answer: Answer, request: IncomingMessage, response: ServerResponse): void {
    if (answer === 'reset') return void request.socket.resetAndDestroy();
    if (answer === 'hang') return void this.#hanging.add(response);
    const {
      status = 200,
      headers = {},
      body = '',
      delayMs = 0,
      thenClose = false,
    } = typeof answer === 'number' ? { status: answer } : answer;
    const send = () => {
      response.writeHead(status, headers);
      response.end(body, () => thenClose && request.socket.destroy());
    };
    if (delayMs > 0) setTimeout(send, delayMs).unref();
    else send();
  }

  #handOut(): void {
    for (let waiter = this.#waiters[0]; waiter; waiter = this.#waiters[0]) {
      const end = this.#handedOut + waiter.count;
      if (this.requests.length < end) return;
      this.#waiters.shift();
      const requests = this.requests.slice(this.#handedOut, end);
      this.#handedOut = end;
      waiter.resolve(requests);
    }
  }
}

const received = (request: IncomingMessage, body: Buffer, connection: number): Received => ({
  method: request.method ?? '',
  path: request.url ?? '',
  headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
  body,
  get text() {
    return body.toString('utf8');
  },
  get json() {
    try {
      return JSON.parse(body.toString('utf8')) as Record<string, unknown>;
    } catch {
      return {};
    }
  },
  connection,
});
