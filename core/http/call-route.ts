import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { isReply, type Principal, type Reply, type Route } from '../contracts/http.ts';
import { unprocessable } from '../errors.ts';
import { Operation } from './operation.ts';

/** What a call says: the fields of the path, of the query and of the body. */
export interface RouteInput {
  readonly params: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

/** What a route answered: a JSON value, or bytes of this type. */
export type RouteAnswer =
  | { readonly status: number; readonly json: unknown }
  | { readonly status: number; readonly bytes: Uint8Array; readonly contentType: string };

/** Calls a route on behalf of a caller. */
export type RouteCall = (principal: Principal, input: RouteInput, signal: AbortSignal) => Promise<RouteAnswer>;

/**
 * A route as a function, for other ways to its operation than its path: everything is checked as for a request, the caller included,
 * and what is refused throws. Bytes win where a route offers both.
 */
export const callRoute = (route: Route): RouteCall => {
  const operation = new Operation(route, Number.MAX_SAFE_INTEGER);
  return async (principal, { params, query, body }, signal) => {
    const address = operation.checkAddress(principal, params, route.query ? query : undefined);
    const checked = operation.checkBody(principal, address, body);
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
