import type { RequestListener } from 'node:http';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { type Log, notFound } from 'waha-runtime';
import { createDispatcher, type DispatcherOptions, pathOf } from 'waha-runtime/http';
import type { RequestLog } from './config.ts';
import { answerPreflight, crossOrigin } from './cross-origin.ts';
import { nearestOperation } from './nearest-operation.ts';
import { logRequests } from './request-log.ts';

export interface AppOptions extends DispatcherOptions {
  readonly log: Log;
  readonly requestLog: RequestLog;
  /** Whose pages may read answers. */
  readonly origins: readonly string[];
  /** Mounts what is no operation of the API. */
  readonly pages: (app: Express) => void;
}

/** What answers every request: the routes, and Express for pages and what is found nowhere. */
export const createApp = (options: AppOptions): RequestListener => {
  const app = expressApp(options);
  const dispatch = createDispatcher(options);
  const note = options.requestLog === 'none' ? undefined : logRequests(options.log, options.requestLog);
  const allow = crossOrigin(options.origins);
  return (request, response) => {
    note?.(request, response);
    allow(request, response);
    if (!dispatch(request, response)) app(request, response);
  };
};

/** The Express application: pages, and an answer for everything else. */
const expressApp = ({ pages, authorize, refuse, routes }: AppOptions): Express => {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.use(preflight);
  pages(app);
  app.use((request) => {
    authorize(request);
    throw notFound(unknownOperation(request.method, pathOf(request), routes));
  });
  const onError: ErrorRequestHandler = (error, request, response, _next) => refuse(error, request, response);
  app.use(onError);
  return app;
};

const unknownOperation = (method: string, path: string, routes: AppOptions['routes']): string => {
  const nearest = nearestOperation(
    method,
    path,
    routes.map(({ route }) => route),
  );
  const hint = nearest ? `; the nearest operation is ${nearest.method} ${nearest.path} (${nearest.summary})` : '';
  return `Cannot ${method} ${path}${hint}`;
};

const preflight: RequestHandler = (request, response, next) => {
  if (request.method !== 'OPTIONS') return next();
  answerPreflight(request, response);
};
