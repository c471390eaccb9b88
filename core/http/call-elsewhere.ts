import type { Forwarder, RemoteAnswer, Route } from '../contracts/http.ts';
import { type ErrorCode, RuntimeError } from '../errors.ts';

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

/** Whose call it is: the headers with the key that opens the API there. */
export interface Caller {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

const keyHeaders = ['x-api-key', 'authorization'];

/** A route that was checked here, called at the process that has the session. What that one refuses throws, as it would here. */
export const callElsewhere = async (
  forwarder: Forwarder,
  place: string,
  route: Route,
  { params, query, body }: RouteInput,
  { headers, signal }: Caller,
): Promise<RouteAnswer> => {
  const keys = keyHeaders.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]]));
  const answer = await forwarder.call(place, {
    method: route.method,
    path: `${pathOf(route.path, params)}${queryOf(query)}`,
    headers: { ...Object.fromEntries(keys), accept: 'application/json, */*;q=0.5' },
    body,
    signal,
  });
  const { status, contentType, bytes } = answer;
  const isJson = contentType.includes('json');
  if (status >= 400) throw refusalThere(answer, isJson ? JSON.parse(bytes.toString('utf8')) : {});
  if (isJson || bytes.byteLength === 0)
    return { status, json: bytes.byteLength === 0 ? null : JSON.parse(bytes.toString('utf8')) };
  return { status, bytes, contentType };
};

const pathOf = (path: string, params: RouteInput['params']): string =>
  path.replace(/\{([^{}]{1,100})\}/g, (_, name: string) => encodeURIComponent(String(params[name] ?? '')));

const queryOf = (query: RouteInput['query']): string => {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value].flat().map((one): [string, string] => [name, typeof one === 'object' ? JSON.stringify(one) : String(one)]),
  );
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`;
};

const codes: Readonly<Record<number, ErrorCode>> = {
  400: 'BAD_REQUEST',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  422: 'UNPROCESSABLE',
  429: 'TOO_MANY_REQUESTS',
  503: 'UNAVAILABLE',
};

const refusalThere = ({ status, retryAfterSeconds }: RemoteAnswer, body: Record<string, unknown>): RuntimeError => {
  const violations = [body['message'] ?? []].flat().map(String);
  return new RuntimeError(codes[status] ?? 'INTERNAL', violations.join('; '), {
    body,
    violations,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
};
