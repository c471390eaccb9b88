import type { IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { WebSocket } from 'ws';
import type { Server } from './server.ts';

export interface TailOptions {
  readonly server: Server;
  /** A session; all when absent. */
  readonly name?: string;
  readonly events?: readonly string[];
  readonly json?: boolean;
  /** Where the server's plugin `websocket` listens. */
  readonly path?: string;
  /** Ends it. */
  readonly signal?: AbortSignal;
  readonly write?: (line: string) => void;
}

interface Frame {
  readonly event: string;
  readonly session?: string;
  readonly timestamp: number;
  readonly payload: unknown;
  readonly cursor: number;
}

const pauseMs = 2_000;

/**
 * `waha tail`: events as they happen, until it is interrupted. When the connection drops it comes back, and shows what
 * happened meanwhile. Rejects when the server refuses.
 */
export const tailEvents = async (options: TailOptions): Promise<number> => {
  let cursor: number | undefined;
  while (!options.signal?.aborted) {
    cursor = await follow(options, cursor);
    if (options.signal?.aborted) break;
    console.error(`the connection is gone; trying again in ${pauseMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return 0;
};

/** One connection. Resolves with the cursor to go on from. */
const follow = (options: TailOptions, since: number | undefined): Promise<number | undefined> => {
  const { server, name = '*', events = ['*'], path = '/ws', signal } = options;
  const write = options.write ?? ((line) => console.log(line));
  const query = { session: name, events: events.join(','), ...(since === undefined ? {} : { since: String(since) }) };
  const socket = new WebSocket(server.socketUrl(path, query), { headers: server.headers });
  const stop = () => socket.close();
  signal?.addEventListener('abort', stop, { once: true });
  return new Promise((resolve, reject) => {
    let cursor = since;
    socket.on('upgrade', ({ headers }) => {
      cursor ??= Number(headers['x-event-cursor'] ?? Number.NaN);
      if (Number.isNaN(cursor)) cursor = undefined;
    });
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data)) as Frame;
      cursor = frame.cursor;
      if (frame.event !== 'resume.live') write(options.json ? String(data) : lineOf(frame));
    });
    socket.on('unexpected-response', (_, response) => void refusal(response, path).then(reject));
    socket.on('error', (error) => (cursor === undefined ? reject(unreachable(server.url, error)) : undefined));
    socket.on('close', () => {
      signal?.removeEventListener('abort', stop);
      resolve(cursor);
    });
  });
};

const unreachable = (url: string, error: Error): Error =>
  new Error(`no events from ${url}: ${(error as { code?: string }).code ?? error.message}`);

const refusal = async (response: IncomingMessage, path: string): Promise<Error> => {
  const { statusCode } = response;
  if (statusCode === 401) return new Error('the server wants an API key: --api-key, or the variable WAHA_API_KEY');
  if (statusCode === 404)
    return new Error(`nothing listens at ${path}: load the plugin websocket, or say where it is with --path`);
  const told = await messageIn(response).catch(() => '');
  return new Error(`the server refuses to send events (${statusCode})${told && `: ${told}`}`);
};

/** The sentences of an answer. */
const messageIn = async (response: IncomingMessage): Promise<string> => {
  const { message } = (await json(response)) as { readonly message?: unknown };
  return [message ?? []].flat().join('; ').slice(0, 1_000);
};

const lineOf = ({ timestamp, session = '', event, payload }: Frame): string =>
  `${new Date(timestamp).toISOString().slice(11, 23)} ${session.padEnd(12)} ${event.padEnd(16)} ${gist(payload)}`;

/** What is most worth seeing of an event, in a line. */
const gist = (payload: unknown): string => {
  const { status, reason, from, to, fromMe, body, ackName, hasMedia } = (payload ?? {}) as Record<string, unknown>;
  if (typeof status === 'string') return [status, reason].filter(Boolean).join(' ');
  const who = fromMe === true ? `→ ${String(to ?? from)}` : from === undefined ? '' : `← ${String(from)}`;
  if (typeof body === 'string' && who) return `${who}: ${body || (hasMedia ? '(a file)' : '')}`;
  if (ackName !== undefined) return `${who} ${String(ackName)}`.trim();
  const text = JSON.stringify(payload) ?? '';
  return text.length > 160 ? `${text.slice(0, 157)}...` : text;
};
