import { createServer, type IncomingMessage, type Server } from 'node:http';
import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Faults } from './faults.ts';

/** Where a sandbox listens. */
export interface Listener {
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Who decides what becomes of a client that knocks. */
export interface Doors {
  readonly faults: Faults;
  /** Takes over a websocket. */
  accept(socket: WebSocket, tcp: Socket): void;
  /** Cuts every connection. */
  cutAll(): void;
}

/**
 * Opens the websocket server. Loopback only: the sandbox accepts any client as any number, so it must not be reachable.
 * Throws when the host is not a loopback address, or the port is taken.
 */
export async function listen(doors: Doors, host: string, port: number): Promise<Listener> {
  refuseForeignHost(host);
  const http = createServer((_request, response) => response.writeHead(426).end());
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 64 * 1024 * 1024 });
  const open = new Set<Duplex>();
  http.on('upgrade', (request, socket, head) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    if (refuseUpgrade(doors.faults, socket)) return;
    sockets.handleUpgrade(request, socket, head, (websocket) => {
      // node:http hands out a Duplex by type; on a plain server it is the TCP socket.
      doors.accept(websocket, socket as Socket);
    });
  });
  await bind(http, host, port);
  const address = http.address();
  const bound = typeof address === 'object' && address ? address.port : port;
  const close = async (): Promise<void> => {
    doors.cutAll();
    for (const socket of open) socket.destroy();
    await new Promise<void>((resolve) => http.close(() => resolve()));
  };
  return { host, port: bound, close };
}

/** Throws unless a server on this host can only be reached from this machine. */
export function refuseForeignHost(host: string): void {
  const loopback = host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
  if (!loopback) throw new Error(`the sandbox listens on loopback only, not on '${host}'`);
}

/** Faults of the upgrade: no answer at all; or an HTTP status, and then the socket is closed or held open. */
function refuseUpgrade(faults: Faults, socket: Duplex): boolean {
  if (faults.strike('ignore-upgrade', {})) return true;
  const fault = faults.strike('refuse-upgrade', {});
  if (!fault) return false;
  const answer = `HTTP/1.1 ${fault.status} Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`;
  if (fault.hold) socket.write(answer);
  else socket.end(answer);
  return true;
}

function bind(http: Server<typeof IncomingMessage>, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, host, () => resolve());
  });
}
