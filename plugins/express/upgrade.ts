import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  type Contribution,
  forbidden,
  type Log,
  maySee,
  notFound,
  type Principal,
  pluginFailed,
  type UpgradeHandler,
  withStrayErrors,
} from 'waha-runtime';
import { type Authorize, pathOf, queryOf, refusalOf } from 'waha-runtime/http';

/** Called by the HTTP server for a request that wants to speak another protocol. */
export type OnUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Checks the key and hands a websocket to the handler of its path. */
export const upgradeDispatcher = (
  contributions: readonly Contribution<UpgradeHandler>[],
  authorize: Authorize,
  log: Log,
): OnUpgrade => {
  const handlers = byPath(contributions);
  return (request, socket, head) => {
    socket.on('error', (error) => log.debug({ err: error }, 'upgraded connection broke'));
    const serve = async (): Promise<void> => {
      const principal = authorize(request);
      const path = pathOf(request);
      const asked = queryOf(request)?.getAll('session') ?? [];
      for (const session of asked.flatMap((names) => names.split(','))) refuseForeign(principal, session.trim());
      const handler = handlers.get(path);
      if (!handler) throw notFound(`Cannot upgrade ${path}`);
      const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
      handler.handle(request, socket, head, principal);
      await closed;
    };
    withStrayErrors(() => socket.destroy(), serve).catch((error: unknown) => {
      const { status, body } = refusalOf(error);
      if (status >= 500) log.error({ path: pathOf(request), err: error }, 'upgrade failed');
      refuseRaw(socket, status, JSON.stringify(body));
    });
  };
};

/** `*` stands for all that the caller may see. */
const refuseForeign = (principal: Principal, session: string): void => {
  if (session !== '' && session !== '*' && !maySee(principal, session))
    throw forbidden(`this key is not for session '${session}'`);
};

const byPath = (contributions: readonly Contribution<UpgradeHandler>[]): ReadonlyMap<string, UpgradeHandler> => {
  const owners = new Map<string, string>();
  for (const { plugin, value } of contributions) {
    const first = owners.get(value.path);
    if (first) throw pluginFailed(plugin, `takes upgrades on ${value.path}, which '${first}' takes, too`);
    owners.set(value.path, plugin);
  }
  return new Map(contributions.map(({ value }) => [value.path, value]));
};

/** There is no response object for an upgrade: the answer is written as HTTP/1.1 by hand. */
const refuseRaw = (socket: Duplex, status: number, body: string): void => {
  if (socket.destroyed) return;
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
};

/** True for an upgrade to anything but a websocket. Java's HttpClient offers `h2c` with every request. */
export const isOtherProtocol = (request: IncomingMessage): boolean =>
  request.headers.upgrade?.toLowerCase() !== 'websocket';

const upgradeHeaders = new Set(['connection', 'upgrade', 'http2-settings']);

/** Ignores the offer, as HTTP allows: the request goes back to the server without it. Node itself cannot decline. */
export const declineUpgrade = (server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void => {
  const raw = request.rawHeaders;
  const headers: string[] = [];
  for (let i = 0; i < raw.length; i += 2) {
    if (!upgradeHeaders.has(raw[i]?.toLowerCase() ?? '')) headers.push(`${raw[i]}: ${raw[i + 1]}`);
  }
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`, ...headers, '', ''];
  // Node set it while the connection was idle, and forgets it with the request.
  (socket as Socket).setTimeout(0);
  socket.unshift(Buffer.concat([Buffer.from(lines.join('\r\n'), 'latin1'), head]));
  server.emit('connection', socket);
};
