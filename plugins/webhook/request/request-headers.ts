import { continued, traceOfEvent } from 'waha-runtime';
import type { Endpoint } from '../endpoints/endpoint.ts';
import { bodyHmac, standardSignature } from './signature.ts';

/** What an attempt sends. */
export interface WebhookRequest {
  readonly eventId: string;
  /** When the event happened (ms). */
  readonly timestamp: number;
  /** WAHA's id of a send: kept over its retries. */
  readonly requestId: string;
  /** The exact bytes; endpoints of one event share them. */
  readonly body: Buffer;
}

/**
 * The headers of one attempt. The request id, the id and the event's time stay over retries; the attempt's number,
 * its time and the signature over them change.
 */
export const attemptHeaders = (
  endpoint: Pick<Endpoint, 'keys' | 'headers'>,
  delivery: WebhookRequest,
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
  headers['traceparent'] ??= traceOf(delivery);
  const [key] = endpoint.keys;
  if (key === undefined) return headers;
  headers['X-Webhook-Hmac'] = bodyHmac(key, delivery.body);
  headers['X-Webhook-Hmac-Algorithm'] = 'sha512';
  headers['webhook-signature'] = standardSignature(endpoint.keys, delivery.eventId, sentAt, delivery.body);
  return headers;
};

/** How far into an event its trace may stand (bytes): behind its name and session, before all that users chose. */
const head = 400;
const field = '"traceparent":"';
const length = 55;

/** The trace of the request that caused the event; without one it has a trace of its own, the same for all attempts. */
const traceOf = ({ body, eventId }: WebhookRequest): string => {
  const at = body.subarray(0, head).indexOf(field);
  if (at < 0) return traceOfEvent(eventId);
  return continued(body.toString('latin1', at + field.length, at + field.length + length));
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
