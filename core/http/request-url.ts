import type { IncomingMessage } from 'node:http';

/** Express rewrites `url` below a mount point and keeps what came in here. */
const urlOf = (request: IncomingMessage & { originalUrl?: string }): string => {
  const url = request.originalUrl ?? request.url ?? '/';
  // A client that takes us for a proxy names the server, too.
  const target = url.startsWith('/') ? url : relativeTo(url);
  const fragment = target.indexOf('#');
  return fragment < 0 ? target : target.slice(0, fragment);
};

const relativeTo = (url: string): string => {
  if (!URL.canParse(url)) return '/';
  const { pathname, search } = new URL(url);
  return `${pathname}${search}`;
};

/** The path as it came in: undecoded, without the query. The query may hold a key and is never logged. */
export const pathOf = (request: IncomingMessage): string => {
  const url = urlOf(request);
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
};

/** The query as it came in, without the question mark; empty when there is none. */
export const rawQueryOf = (request: IncomingMessage): string => {
  const url = urlOf(request);
  const start = url.indexOf('?');
  return start < 0 ? '' : url.slice(start + 1);
};

/** The query, or undefined when there is none. */
export const queryOf = (request: IncomingMessage): URLSearchParams | undefined => {
  const query = rawQueryOf(request);
  return query === '' ? undefined : new URLSearchParams(query);
};
