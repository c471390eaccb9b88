import type { IncomingMessage, ServerResponse } from 'node:http';

/** Lets pages of these origins read the answers (`*`: of every one). Nobody may without being listed. */
export const crossOrigin = (
  origins: readonly string[],
): ((request: IncomingMessage, response: ServerResponse) => void) => {
  if (origins.length === 0) return () => undefined;
  const everyone = origins.includes('*');
  return ({ headers }, response) => {
    const { origin } = headers;
    if (!everyone) response.setHeader('vary', 'Origin');
    if (origin === undefined || !(everyone || origins.includes(origin))) return;
    response.setHeader('access-control-allow-origin', everyone ? '*' : origin);
  };
};

/** Answers the question that a browser asks ahead of a request. */
export const answerPreflight = ({ headers }: IncomingMessage, response: ServerResponse): void => {
  const isAllowed = response.hasHeader('access-control-allow-origin');
  response.writeHead(204, {
    ...(isAllowed && {
      'access-control-allow-methods': 'GET,HEAD,PUT,PATCH,POST,DELETE',
      'access-control-allow-headers': headers['access-control-request-headers'] ?? '*',
      'access-control-max-age': '600',
    }),
    'content-length': '0',
  });
  response.end();
};
