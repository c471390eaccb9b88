import type { IncomingMessage, ServerResponse } from 'node:http';
import { parse } from 'node:querystring';
import type { Route } from '../contracts/http.ts';
import { pathOf, rawQueryOf } from './request-url.ts';
import { type Found, type OwnedRoute, RouteTable } from './route-table.ts';
import { type Serve, type ServeOptions, serveRoute } from './serve.ts';

/** What a dispatcher is made of: the routes, and what they share. */
export interface DispatcherOptions extends ServeOptions {
  readonly routes: readonly OwnedRoute[];
  /** Called with each request of a route before it is served. */
  observe?(route: Route, response: ServerResponse): void;
}

/** Answers a request of one of the routes; false when none of them is meant, and nothing was done. */
export type Dispatcher = (request: IncomingMessage, response: ServerResponse) => boolean;

interface Mounted {
  readonly route: Route;
  readonly serve: Serve;
  readonly takesQuery: boolean;
}

/** The one way in which a route is served over HTTP. Throws `PLUGIN_FAILED` for two routes of one method and path. */
export const createDispatcher = ({ routes, ...options }: DispatcherOptions): Dispatcher => {
  const table = new RouteTable<Mounted>(routes, (route) => ({
    route,
    serve: serveRoute(route, options),
    takesQuery: route.query !== undefined,
  }));
  return (request, response) => {
    let found: Found<Mounted> | null;
    try {
      found = table.find(request.method ?? 'GET', pathOf(request));
    } catch (error) {
      options.refuse(error, request, response);
      return true;
    }
    if (!found) return false;
    options.observe?.(found.value.route, response);
    const query = found.value.takesQuery ? parse(rawQueryOf(request)) : undefined;
    void found.value.serve(request, response, { params: found.params, query });
    return true;
  };
};
