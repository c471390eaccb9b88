import type { IncomingMessage } from 'node:http';

/** Express rewrites `url` below a mount point and keeps what came in here. */
const urlOf = (request: IncomingMessage & { originalUrl?: string }): string =>
  request.originalUrl ?? request.url ?? '/';

/** The path as it came in: undecoded, without the query. The query may hold a key and is never logged. */
export const pathOf = (request: IncomingMessage): string => {
  const url = urlOf(request);
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
};

/** The query, or undefined when there is none. */
export const queryOf = (request: IncomingMessage): URLSearchParams | undefined => {
  const url = urlOf(request);
  const start = url.indexOf('?');
  return start < 0 ? undefined : new URLSearchParams(url.slice(start + 1));
};
