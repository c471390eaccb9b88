import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import { type Contribution, type Log, type Page, pluginFailed } from 'waha-runtime';
import type { Authorize } from 'waha-runtime/http';
import { askLogin } from './login.ts';
import { pageHeaders } from './page-headers.ts';

export interface PagesOptions {
  readonly pages: readonly Contribution<Page>[];
  readonly authorize: Authorize;
  readonly log: Log;
}

/** Mounts every page with its files. Throws when two plugins have pages at one path. */
export const mountPages = (app: Express, { pages, authorize, log }: PagesOptions): void => {
  refuseTwins(pages);
  const home = pages.find(({ value }) => value.home)?.value;
  if (home) app.get('/', (_request, response) => response.redirect(`${home.path.slice(1)}/`));
  for (const { plugin, value: page } of pages) {
    app.use(page.path, withSlash, pageHeaders(page.policy), ...gate(page, authorize), ...made(page));
    if (page.folder === undefined) continue;
    const folder = typeof page.folder === 'string' ? page.folder : fileURLToPath(page.folder);
    if (!existsSync(join(folder, 'index.html'))) {
      log.warn(`the page ${page.path} of plugin '${plugin}' has no index.html; was it built?`);
    }
    app.use(page.path, files(page, folder), ...(page.spa ? [startOf(folder)] : []));
  }
};

const refuseTwins = (pages: readonly Contribution<Page>[]): void => {
  const owners = new Map<string, string>();
  for (const { plugin, value } of pages) {
    if (!/^(\/[\w-]+)+$/.test(value.path))
      throw pluginFailed(plugin, `has a page at '${value.path}', which is no path`);
    const first = owners.get(value.path);
    if (first) throw pluginFailed(plugin, `has a page at ${value.path}, which '${first}' has, too`);
    owners.set(value.path, plugin);
  }
};

const gate = ({ login }: Page, authorize: Authorize): RequestHandler[] => (login ? [askLogin(login, authorize)] : []);

/** The files of a page name each other by relative addresses, so its own must end in a slash. */
const withSlash: RequestHandler = (request, response, next) => {
  const [path = '', query] = request.originalUrl.split('?', 2);
  if (path !== request.baseUrl) return next();
  response.redirect(301, `${path.slice(path.lastIndexOf('/') + 1)}/${query === undefined ? '' : `?${query}`}`);
};

const made = ({ made: texts = {} }: Page): RequestHandler[] =>
  Object.entries(texts).map(([name, file]) => (request, response, next) => {
    const isNamed = request.path === `/${name}` || (name === 'index.html' && request.path === '/');
    const isAsked = isNamed && (request.method === 'GET' || request.method === 'HEAD');
    if (!isAsked) return next();
    sendMade(request, response, file.make(), file.contentType);
  });

const sendMade = (request: Request, response: Response, text: string, contentType: string): void => {
  response.setHeader('etag', `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`);
  response.setHeader('cache-control', 'no-cache');
  if (request.fresh) return void response.status(304).end();
  response.setHeader('content-type', `${contentType}; charset=utf-8`);
  response.setHeader('content-length', Buffer.byteLength(text));
  response.end(request.method === 'HEAD' ? undefined : text);
};

const year = 31_536_000;

const files = ({ hashed = ['assets'] }: Page, folder: string): RequestHandler =>
  express.static(folder, {
    redirect: false,
    cacheControl: false,
    setHeaders: (response: ServerResponse, file: string) => {
      const [top = ''] = relative(folder, file).split(sep);
      response.setHeader('cache-control', hashed.includes(top) ? `public, max-age=${year}, immutable` : 'no-cache');
    },
  });

/** What the address bar shows may be the page's own affair; a file that is missing is not. */
const startOf =
  (folder: string): RequestHandler =>
  (request, response, next) => {
    const isPage = (request.method === 'GET' || request.method === 'HEAD') && !lastSegment(request).includes('.');
    if (!isPage) return next();
    response.setHeader('cache-control', 'no-cache');
    response.sendFile('index.html', { root: folder, cacheControl: false }, (error) => error && next(error));
  };

const lastSegment = ({ url = '' }: IncomingMessage): string => {
  const [path = ''] = url.split('?', 1);
  return path.slice(path.lastIndexOf('/') + 1);
};
