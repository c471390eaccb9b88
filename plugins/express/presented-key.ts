import type { IncomingMessage } from 'node:http';
import { queryOf } from 'waha-runtime/http';

const header = 'x-api-key';

/**
 * What a WebSocket's subprotocol begins with when a key follows, in base64url. A page cannot set headers on a WebSocket, and a key in a URL ends up
 * in logs and histories: this is the one header that is left to it.
 */
const keyProtocol = 'waha.key.';

/** The key that comes with a request: header `X-Api-Key`, else `Authorization: Bearer`, else the query, else, at an upgrade, a subprotocol. */
export const presentedKey = (request: IncomingMessage): string | undefined => {
  const key = (request.headers[header] || bearerOf(request)) ?? keyInQuery(request) ?? keyAmongProtocols(request);
  return typeof key === 'string' ? key : undefined;
};

/** Its name is taken in any case there, as clients of WAHA's WebSocket write it. */
const keyInQuery = (request: IncomingMessage): string | undefined => {
  for (const [name, value] of queryOf(request) ?? []) if (name.toLowerCase() === header) return value;
  return undefined;
};

const bearerOf = ({ headers }: IncomingMessage): string | undefined =>
  /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];

const keyAmongProtocols = ({ headers }: IncomingMessage): string | undefined => {
  if (headers.upgrade === undefined) return undefined;
  const offered = headers['sec-websocket-protocol']?.split(',').map((name) => name.trim());
  const encoded = offered?.find((name) => name.startsWith(keyProtocol))?.slice(keyProtocol.length);
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64url').toString();
};
