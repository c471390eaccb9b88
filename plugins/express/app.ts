import type { RequestListener } from 'node:http';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { type Log, notFound } from 'waha-runtime';
import { crossOrigin } from './answer.ts';
import type { RequestLog } from './config.ts';
import { nearestOperation } from './nearest-operation.ts';
import { logRequests } from './request-log.ts';
import { pathOf } from './request-url.ts';
import { expressPath, type OwnedRoute } from './route-order.ts';
import { routeTree, type ServedRoute } from './route-tree.ts';
import { type ServeParts, serveRoute } from './serve-route.ts';

export interface AppParts extends ServeParts {
  readonly log: Log;
  readonly requestLog: RequestLog;
  /** In the order in which they are tried. */
  readonly routes: readonly OwnedRoute[];
  /** Mounts what is no operation of the API. */
  readonly pages: (app: Express) => void;
}

/** What answers every request: routes by their path, and Express for the rest. */
export const createApp = (parts: AppParts): RequestListener => {
  const routes = parts.routes.map(({ route }) => ({ route, serve: serveRoute(route, parts) }));
  const app = expressApp(parts, routes);
  const answered = routeTree(routes, parts.refuse);
  const note = parts.requestLog === 'none' ? undefined : logRequests(parts.log, parts.requestLog);
  return (request, response) => {
    note?.(request, response);
    if (!answered(request, response)) app(request, response);
  };
};

/** The Express application: routes, pages, and an answer for everything else. */
const expressApp = ({ pages, authorize, refuse }: AppParts, routes: readonly ServedRoute[]): Express => {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  // A session named `Sessions` is not the list of sessions.
  app.enable('case sensitive routing');
  app.use(preflight);
  for (const { route, serve } of routes) {
    const method = route.method.toLowerCase() as 'get' | 'post' | 'put' | 'patch' | 'delete';
    app[method](expressPath(route.path), (request, response) =>
      serve(request, response, { params: request.params, query: route.query && request.query }),
    );
  }
  pages(app);
  app.use((request) => {
    authorize(request);
    throw notFound(refusalOf(request.method, pathOf(request), routes));
  });
  const onError: ErrorRequestHandler = (error, request, response, _next) => refuse(error, request, response);
  app.use(onError);
  return app;
};

const refusalOf = (method: string, path: string, served: readonly ServedRoute[]): string => {
  const nearest = nearestOperation(
    method,
    path,
    served.map(({ route }) => route),
  );
  const hint = nearest ? `; the nearest operation is ${nearest.method} ${nearest.path} (${nearest.summary})` : '';
  return `Cannot ${method} ${path}${hint}`;
};

const preflight: RequestHandler = (request, response, next) => {
  if (request.method !== 'OPTIONS') return next();
  response.writeHead(204, {
    ...crossOrigin,
    'access-control-allow-methods': 'GET,HEAD,PUT,PATCH,POST,DELETE',
    'access-control-allow-headers': request.headers['access-control-request-headers'] ?? '*',
    'access-control-max-age': '600',
    vary: 'Access-Control-Request-Headers',
    'content-length': '0',
  });
  response.end();
};
