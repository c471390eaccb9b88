import { compile } from '../config/validate.ts';
import { isReply, type Route, type RouteGroup } from '../contracts/http.ts';
import type { Contribution } from '../contracts/plugin.ts';
import type { TSchema } from '../contracts/schema.ts';
import { badRequest, isRuntimeError, notFound } from '../errors.ts';

/** The parts of a request besides its method and path. */
export interface TestRequest {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The answer to a `TestRequest`. */
export interface TestResponse {
  readonly status: number;
  /** The JSON value, or what `reply` was given. */
  readonly body: unknown;
}

/** Calls a route as the HTTP server does, without one: schemas are checked, errors become statuses. */
export const requestRoute = async (
  groups: readonly Contribution<RouteGroup>[],
  method: string,
  path: string,
  { query = {}, body = {}, headers = {} }: TestRequest,
): Promise<TestResponse> => {
  try {
    const { route, params } = findRoute(groups, method, path);
    const answer = await route.handle({
      params: checked(route.params, params, true),
      query: checked(route.query, query, true),
      body: route.body ? checked(route.body, body, false) : undefined,
      headers,
      principal: { name: 'test', sessions: '*' },
      signal: new AbortController().signal,
    });
    const usual = route.method === 'POST' ? 201 : 200;
    const declared = Object.keys(route.responses ?? {}).find((status) => status.startsWith('2'));
    const status = declared ? Number(declared) : usual;
    if (isReply(answer)) return { status: answer.status ?? status, body: answer.json ?? answer.body };
    return { status, body: answer };
  } catch (error) {
    if (!isRuntimeError(error)) return { status: 500, body: { message: 'Internal server error', cause: error } };
    return { status: error.status, body: { message: error.details.violations ?? error.message } };
  }
};

const findRoute = (groups: readonly Contribution<RouteGroup>[], method: string, path: string) => {
  const fitting = groups
    .flatMap(({ value }) => value.routes)
    .filter((route) => route.method === method)
    .flatMap((route) => {
      const params = matchPath(route, path);
      return params ? [{ route, params }] : [];
    });
  const [first] = fitting.sort((a, b) => Object.keys(a.params).length - Object.keys(b.params).length);
  if (!first) throw notFound(`Cannot ${method} ${path}`);
  return first;
};

const matchPath = (route: Route, path: string): Record<string, string> | null => {
  const [wanted, given] = [route.path.split('/'), path.split('/')];
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const value = decodeURIComponent(given[index] ?? '');
    const name = /^\{(.+)\}$/.exec(segment)?.[1];
    if (name !== undefined) params[name] = value;
    else if (segment !== value) return null;
  }
  return params;
};

const checked = (schema: TSchema | undefined, value: unknown, coerce: boolean): unknown => {
  if (!schema) return value;
  const result = compile(schema, { coerce, unknown: 'ignore' })(value);
  if (!result.ok) throw badRequest(...result.violations.map(({ message }) => message));
  return result.value;
};
