import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type Forwarder, isReply, type Principal, type Reply, type Route } from '../contracts/http.ts';
import { unprocessable } from '../errors.ts';
import { type Caller, callElsewhere, type RouteAnswer, type RouteInput } from './call-elsewhere.ts';
import { Operation } from './operation.ts';

/** Calls a route on behalf of a caller. `headers`: of the request that asks for it, with its key. */
export type RouteCall = (
  principal: Principal,
  input: RouteInput,
  signal: AbortSignal,
  headers?: Caller['headers'],
) => Promise<RouteAnswer>;

/**
 * A route as a function, for other ways to its operation than its path: everything is checked as for a request, the caller included,
 * and what is refused throws. Bytes win where a route offers both. `forwarder`: the route is called at the process that has
 * the session.
 */
export const callRoute = (route: Route, forwarder?: Forwarder): RouteCall => {
  const operation = new Operation(route, Number.MAX_SAFE_INTEGER);
  return async (principal, input, signal, headers = {}) => {
    const { params, query, body } = input;
    const address = operation.checkAddress(principal, params, route.query ? query : undefined);
    const checked = operation.checkBody(principal, address, body);
    const session = forwarder && operation.sessionOf({ ...address, body: checked });
    const place = session === undefined ? null : await forwarder?.placeOf(session, { headers: {} });
    if (forwarder && place) return callElsewhere(forwarder, place, route, input, { headers, signal });
    const answer = await route.handle({ ...address, body: checked, headers: {}, principal, signal });
    return isReply(answer) ? replied(answer, operation.status) : { status: operation.status, json: answer ?? null };
  };
};

const isJson = /^application\/(?:[\w.+-]{1,40}\+)?json\b/;

const replied = async ({ body, json, status, contentType = 'application/octet-stream' }: Reply, usual: number) => {
  const code = status ?? usual;
  if (body === undefined) return { status: code, json: json ?? null };
  if (isJson.test(contentType)) return { status: code, json: JSON.parse(await textOf(body)) };
  if (body instanceof Readable) {
    body.on('error', () => undefined).destroy();
    throw unprocessable('the answer is a file; get it over HTTP');
  }
  return { status: code, bytes: typeof body === 'string' ? Buffer.from(body) : body, contentType };
};

const textOf = async (body: Uint8Array | string | Readable): Promise<string> => {
  if (body instanceof Readable) return text(body);
  return typeof body === 'string' ? body : Buffer.from(body).toString('utf8');
};
