import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type Request, type Response } from 'express';
import {
  badRequest,
  type Checked,
  compile,
  type Principal,
  type Route,
  type RouteRequest,
  type TSchema,
  type Violation,
} from 'waha-runtime';

type Reader = (
  request: Request,
  response: Response,
  principal: Principal,
) => Promise<RouteRequest<unknown, unknown, unknown>>;
type Check = (value: unknown) => unknown;

/** Reads a body and gives its JSON value; `{}` when there is none. */
export type BodyReader = (request: Request, response: Response) => Promise<unknown>;

/** Everything but a form is read as JSON: `curl -d '{…}'` without a content type works, too. */
export const bodyReader = (limit: string): BodyReader => {
  const parse = express.json({ limit, type: (request) => !isMultipart(request) });
  return async (request, response) => {
    if (isMultipart(request)) throw badRequest('the body must be JSON; send it with Content-Type: application/json');
    await new Promise<void>((resolve, reject) => {
      parse(request, response, (error?: unknown) => (error ? reject(error) : resolve()));
    });
    return request.body ?? {};
  };
};

const isMultipart = (request: IncomingMessage): boolean =>
  request.headers['content-type']?.startsWith('multipart/') ?? false;

/** Compiles a route's schemas once, at its first request. What it returns reads one request and throws `BAD_REQUEST` for what is wrong. */
export const requestReader = (route: Route, readBody: BodyReader): Reader => {
  const params = checker(route.params, true);
  const query = checker(route.query, true);
  const body = checker(route.body, false);
  return async (request, response, principal) => {
    const checkedParams = params ? params(request.params) : request.params;
    const checkedQuery = query?.(request.query);
    const checkedBody = body?.(await readBody(request, response));
    return new ReceivedRequest(checkedParams, checkedQuery, checkedBody, request, response, principal);
  };
};

const checker = (schema: TSchema | undefined, coerce: boolean): Check | undefined => {
  if (!schema) return undefined;
  let check: ReturnType<typeof compile> | undefined;
  return (value) => {
    // Not at the start: compiling the schemas of all routes takes a tenth of it.
    check ??= compile(schema, { coerce, unknown: 'ignore' });
    const compiled = check;
    const checked = guarded(() => compiled(value));
    if (!checked.ok) throw badRequest(...checked.violations.map(sentenceOf));
    return checked.value;
  };
};

/** A value nested ten thousand levels deep exhausts the stack of whoever walks it; that is the caller's fault. */
const guarded = (check: () => Checked<unknown>): Checked<unknown> => {
  try {
    return check();
  } catch (error) {
    if (error instanceof RangeError) throw badRequest('the body is nested too deeply');
    throw error;
  }
};

const sentenceOf = ({ path, message }: Violation): string =>
  path.length === 0 ? message.replace(/^value/, 'body') : message;

/** One request as a handler sees it. */
class ReceivedRequest implements RouteRequest<unknown, unknown, unknown> {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly principal: Principal;
  readonly #response: ServerResponse;
  #gone: AbortController | undefined;

  constructor(
    params: unknown,
    query: unknown,
    body: unknown,
    request: IncomingMessage,
    response: ServerResponse,
    principal: Principal,
  ) {
    this.params = params;
    this.query = query;
    this.body = body;
    this.headers = request.headers as Readonly<Record<string, string | undefined>>;
    this.principal = principal;
    this.#response = response;
  }

  /** Made when first asked for: few handlers do, and an AbortController costs more than the rest of this. */
  get signal(): AbortSignal {
    if (this.#gone) return this.#gone.signal;
    const gone = new AbortController();
    this.#gone = gone;
    const response = this.#response;
    const leave = () => !response.writableFinished && gone.abort();
    if (response.closed) leave();
    else response.once('close', leave);
    return gone.signal;
  }
}
