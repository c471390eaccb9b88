import type { HttpMethod, RouteGroup } from '../contracts/http.ts';
import { isReply } from '../contracts/http.ts';
import type { Contribution } from '../contracts/plugin.ts';
import { notFound } from '../errors.ts';
import { Operation } from '../http/operation.ts';
import { refusalOf } from '../http/refusal.ts';
import { RouteTable } from '../http/route-table.ts';
import { anyone } from '../http/serve.ts';

/** What a test asks a route. */
export interface TestRequest {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The answer to a `TestRequest`. */
/** What a route answered. */
export interface TestResponse {
  readonly status: number;
  /** The JSON value, or what `reply` was given. */
  readonly body: unknown;
}

/** Calls a route as the HTTP server does, without one: it is found, checked and refused in the same way. */
export const requestRoute = async (
  groups: readonly Contribution<RouteGroup>[],
  method: string,
  path: string,
  { query = {}, body = {}, headers = {} }: TestRequest,
): Promise<TestResponse> => {
  try {
    const routes = groups.flatMap(({ plugin, value }) => value.routes.map((route) => ({ plugin, route })));
    const found = new RouteTable(routes, (route) => new Operation(route, maxBytes)).find(method as HttpMethod, path);
    if (!found) throw notFound(`Cannot ${method} ${path}`);
    const { value: operation, params } = found;
    const address = operation.checkAddress(anyone, params, operation.route.query ? query : undefined);
    const answer = await operation.route.handle({
      ...address,
      body: operation.checkBody(anyone, address, body),
      headers,
      principal: anyone,
      signal: new AbortController().signal,
    });
    if (isReply(answer)) return { status: answer.status ?? operation.status, body: answer.json ?? answer.body };
    return { status: operation.status, body: answer };
  } catch (error) {
    const { status, body: told } = refusalOf(error);
    return { status, body: status === 500 ? { ...told, cause: error } : told };
  }
};

const maxBytes = 50 * 1024 * 1024;
