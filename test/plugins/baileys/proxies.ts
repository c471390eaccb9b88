import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createTcp, type Socket } from 'node:net';

export interface TestProxy {
  readonly port: number;
  /** `host:port` of every connection asked for. */
  readonly asked: string[];
  close(): Promise<void>;
}

const tracked = (server: { on(event: 'connection', listener: (socket: Socket) => void): unknown }): Set<Socket> => {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  return sockets;
};

const join = (one: Socket, other: Socket): void => {
  one.pipe(other).pipe(one);
  for (const [socket, peer] of [
    [one, other],
    [other, one],
  ] as const) {
    socket.on('error', () => peer.destroy());
    socket.on('close', () => peer.destroy());
  }
};

/** An HTTP proxy that knows CONNECT. With `credentials`, others get 407. */
export const startHttpProxy = async (credentials?: string): Promise<TestProxy> => {
  const asked: string[] = [];
  const server = createServer();
  const sockets = tracked(server);
  server.on('connect', (request, socket: Socket, head) => {
    asked.push(request.url ?? '');
    const given = request.headers['proxy-authorization'];
    if (credentials && given !== `Basic ${Buffer.from(credentials).toString('base64')}`) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const [host = '', port] = (request.url ?? '').split(':');
    const upstream = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.write(head);
      join(socket, upstream);
    });
    upstream.on('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return handleOf(server, sockets, asked);
};

/** A SOCKS5 proxy without authentication, for IPv4 addresses and names. */
export const startSocksProxy = async (): Promise<TestProxy> => {
  const asked: string[] = [];
  const server = createTcp((socket) => void serve(socket, asked).catch(() => socket.destroy()));
  const sockets = tracked(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return handleOf(server, sockets, asked);
};

const serve = async (socket: Socket, asked: string[]): Promise<void> => {
  const [greeting] = (await once(socket, 'data')) as [Buffer];
  if (greeting[0] !== 5) throw new Error('not SOCKS5');
  socket.write(Buffer.from([5, 0]));
  const [request] = (await once(socket, 'data')) as [Buffer];
  const named = request[3] === 3;
  const end = named ? 5 + (request[4] ?? 0) : 8;
  const host = named ? request.subarray(5, end).toString() : request.subarray(4, 8).join('.');
  const port = request.readUInt16BE(end);
  asked.push(`${host}:${port}`);
  const upstream = connect(port, host);
  await once(upstream, 'connect');
  socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
  join(socket, upstream);
};

const handleOf = (
  server: { address(): unknown; close(): unknown },
  sockets: Set<Socket>,
  asked: string[],
): TestProxy => ({
  port: (server.address() as AddressInfo).port,
  asked,
  close: async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  },
});
