import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from 'waha-runtime';
import { pathOf, traceOfRequest } from 'waha-runtime/http';
import type { RequestLog } from './config.ts';

/** Probes come every few seconds and would bury the rest. */
const probes = new Set(['/ping', '/health']);

/**
 * Logs requests when they are over: method, path without the query (it may hold a key), status and milliseconds; of a failed
 * one, who sent it, too: a client that restarts a session again and again can be found by it.
 */
export const logRequests = (
  log: Log,
  which: Exclude<RequestLog, 'none'>,
): ((request: IncomingMessage, response: ServerResponse) => void) => {
  const debugged = log.level === 'debug' || log.level === 'trace';
  return (request, response) => {
    const startedAt = performance.now();
    response.on('close', () => {
      const path = pathOf(request);
      const told = isFailed(response) || (which === 'all' && !probes.has(path));
      if (!told && !debugged) return;
      const { statusCode: status } = response;
      const ms = Math.round((performance.now() - startedAt) * 10) / 10;
      const { traceId } = traceOfRequest(request);
      const fields = {
        method: request.method,
        path,
        status,
        ms,
        traceId,
        ...(isFailed(response) ? callerOf(request) : {}),
      };
      const line = `${request.method} ${path} ${response.writableFinished ? status : 'aborted'} ${ms} ms`;
      if (told) log.info(fields, line);
      else log.debug(fields, line);
    });
  };
};

const callerOf = ({ socket, headers }: IncomingMessage) => ({
  from: socket.remoteAddress,
  agent: headers['user-agent']?.slice(0, 100),
});

const isFailed = (response: ServerResponse): boolean => response.statusCode >= 400 || !response.writableFinished;
