import cluster from 'node:cluster';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type HttpServer, pluginFailed, sentence } from 'waha-runtime';
import type { Settings } from './config.ts';
import { declineUpgrade, isOtherProtocol, type OnUpgrade } from './upgrade.ts';

/** The listening socket: opens it, says where it is, and closes it without cutting anyone short. */
export class Listener implements HttpServer {
  readonly #plugin: string;
  readonly #settings: Settings;
  readonly #sockets = new Set<Socket>();
  /** The newest answer of each connection: once it is out, so are those before it. */
  readonly #newest = new WeakMap<object, ServerResponse>();
  #server: Server | null = null;
  /** Of a worker, which shares the port with others: a port of its own, for them. */
  #own: Server | null = null;
  #onRequest: RequestListener = () => undefined;
  #onUpgrade: OnUpgrade = () => undefined;

  constructor(plugin: string, settings: Settings) {
    this.#plugin = plugin;
    this.#settings = settings;
  }

  get url(): string | null {
    return urlOf(this.#server);
  }

  get ownUrl(): string | null {
    return urlOf(this.#own ?? this.#server);
  }

  get baseUrl(): string | null {
    return this.#settings.baseUrl ?? this.url;
  }

  /** Who answers from now on. */
  serve(onRequest: RequestListener, onUpgrade: OnUpgrade): void {
    this.#onRequest = onRequest;
    this.#onUpgrade = onUpgrade;
  }

  /** Resolves when requests can come in. Rejects with one sentence that names host and port. */
  async listen(): Promise<void> {
    const { host, port } = this.#settings;
    if (cluster.isWorker) this.#own = await this.#open({ host: '127.0.0.1', port: 0, exclusive: true });
    this.#server = await this.#open({ host, port });
  }

  async #open(place: { readonly host: string; readonly port: number; readonly exclusive?: boolean }): Promise<Server> {
    const server = createServer((request, response) => {
      this.#newest.set(request.socket, response);
      this.#onRequest(request, response);
    });
    // Longer than the idle time of the usual proxies, so that never we hang up on a request that is under way.
    server.keepAliveTimeout = 65_000;
    server.headersTimeout = 66_000;
    server.on('connection', (socket) => {
      // One whose offer of another protocol was declined comes again.
      if (this.#sockets.has(socket)) return;
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('upgrade', (request, socket, head) => {
      this.#afterAnswers(socket, () => {
        if (isOtherProtocol(request)) declineUpgrade(server, request, socket, head);
        else this.#onUpgrade(request, socket, head);
      });
    });
    await new Promise<void>((resolve, reject) => {
      const { host, port } = place;
      server.on('error', (error) => reject(pluginFailed(this.#plugin, listenFault(error, host, port), error)));
      server.listen(place, resolve);
    });
    return server;
  }

  /** Takes no more connections, waits for the requests in flight for a while, then cuts what is left. Safe to call twice. */
  async close(): Promise<void> {
    const servers = [this.#server, this.#own].filter((server) => server !== null);
    await Promise.all(servers.map((server) => this.#close(server)));
  }

  async #close(server: Server): Promise<void> {
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    this.#closeIdle(server);
    const sweep = setInterval(() => this.#closeIdle(server), 50);
    const cut = setTimeout(() => this.#destroy([...this.#sockets]), this.#settings.closeGrace);
    await closed;
    clearInterval(sweep);
    clearTimeout(cut);
  }

  /** Requests may follow each other before they are answered; an upgrade takes the connection, so it waits for its turn. */
  #afterAnswers(socket: Duplex, go: () => void): void {
    const before = this.#newest.get(socket);
    if (!before || before.closed) {
      go();
      return;
    }
    // Nobody else listens to the connection meanwhile.
    const ignore = (): void => undefined;
    socket.on('error', ignore);
    before.once('close', () => {
      socket.off('error', ignore);
      if (!socket.destroyed && socket.writable) go();
    });
  }

  /** To Node a connection that was opened ahead and never used is not idle. */
  #closeIdle(server: Server): void {
    server.closeIdleConnections();
    this.#destroy([...this.#sockets].filter(({ bytesRead }) => bytesRead === 0));
  }

  #destroy(sockets: readonly Socket[]): void {
    for (const socket of sockets) socket.destroy();
  }
}

const urlOf = (server: Server | null): string | null => {
  const address = server?.address() as AddressInfo | null | undefined;
  if (!address) return null;
  const everywhere = address.address === '0.0.0.0' || address.address === '::';
  const host = everywhere ? '127.0.0.1' : address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
};

const listenFault = (error: NodeJS.ErrnoException, host: string, port: number): string => {
  const fault = {
    EADDRINUSE: 'another program uses the port; stop it or set another port',
    EACCES: 'permission denied; ports below 1024 need a privileged user',
    EADDRNOTAVAIL: 'this machine does not have the address',
    ENOTFOUND: 'there is no such host',
  }[error.code ?? ''];
  return `cannot listen on ${host}:${port}: ${fault ?? sentence(error)}`;
};
