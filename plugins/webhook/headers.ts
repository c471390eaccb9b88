import type { Endpoint } from './endpoint.ts';
import { bodyHmac, standardSignature } from './signature.ts';

/** What HTTP or the delivery itself sets. */
const reserved =
  /^(?:host|content-length|content-encoding|transfer-encoding|connection|keep-alive|upgrade|expect|te|trailer|proxy-.*|webhook-.*|x-webhook-.*)$/i;

/** What an attempt sends. */
export interface Letter {
  readonly eventId: string;
  /** When the event happened (ms). */
  readonly timestamp: number;
  /** WAHA's id of a send: kept over its retries. */
  readonly requestId: string;
  /** The exact bytes; endpoints of one event share them. */
  readonly body: Buffer;
}

/** A user's headers in two heaps: those that are sent, and the names of those that may not be. The last of a name wins. */
export const sortHeaders = (
  list: readonly { readonly name: string; readonly value: string }[],
): { readonly sent: Readonly<Record<string, string>>; readonly refused: readonly string[] } => {
  const sent = new Map<string, [name: string, value: string]>();
  const refused: string[] = [];
  for (const { name, value } of list) {
    if (reserved.test(name)) refused.push(name);
    else sent.set(name.toLowerCase(), [name, value]);
  }
  return { sent: Object.fromEntries(sent.values()), refused };
};

/** Reads `Name:Value;Name:Value`, WAHA's form in environment variables. Null when it is not that. */
export const parseHeaders = (text: string): { name: string; value: string }[] | null => {
  const headers: { name: string; value: string }[] = [];
  for (const part of text.split(';').filter((piece) => piece.trim() !== '')) {
    const colon = part.indexOf(':');
    const name = part.slice(0, Math.max(colon, 0)).trim();
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return null;
    headers.push({ name, value: part.slice(colon + 1).trim() });
  }
  return headers;
};

/**
 * The headers of one attempt. The request id, the id and the event's time stay over retries; the attempt's number,
 * its time and the signature over them change.
 */
export const attemptHeaders = (
  endpoint: Pick<Endpoint, 'keys' | 'headers'>,
  delivery: Letter,
  attempt: number,
  now: number,
): Record<string, string> => {
  const sentAt = Math.floor(now / 1000);
  // Named one by one: an object that is spread and then added to costs Node 20 ten times as much.
  const headers: Record<string, string> = {};
  for (const [name, value] of withDefaults(endpoint.headers)) headers[name] = value;
  headers['X-Webhook-Request-Id'] = delivery.requestId;
  headers['X-Webhook-Timestamp'] = String(delivery.timestamp);
  headers['X-Webhook-Attempt'] = String(attempt);
  headers['webhook-id'] = delivery.eventId;
  headers['webhook-timestamp'] = String(sentAt);
  const [key] = endpoint.keys;
  if (key === undefined) return headers;
  headers['X-Webhook-Hmac'] = bodyHmac(key, delivery.body);
  headers['X-Webhook-Hmac-Algorithm'] = 'sha512';
  headers['webhook-signature'] = standardSignature(endpoint.keys, delivery.eventId, sentAt, delivery.body);
  return headers;
};

const completed = new WeakMap<Readonly<Record<string, string>>, readonly (readonly [name: string, value: string])[]>();

/** Worked out once for an endpoint. */
const withDefaults = (
  custom: Readonly<Record<string, string>>,
): readonly (readonly [name: string, value: string])[] => {
  const before = completed.get(custom);
  if (before) return before;
  const names = new Set(Object.keys(custom).map((name) => name.toLowerCase()));
  const headers = Object.entries({
    ...(names.has('content-type') ? {} : { 'content-type': 'application/json' }),
    ...(names.has('user-agent') ? {} : { 'user-agent': 'waha-runtime' }),
    ...custom,
  });
  completed.set(custom, headers);
  return headers;
};
