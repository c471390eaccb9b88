import { Agent, request as send } from 'node:http';
import type { Operation } from './document.ts';

export type Body =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'text'; readonly text: string }
  /** A multipart form; a field whose name is `file` is sent as one. */
  | { readonly kind: 'form'; readonly fields: Readonly<Record<string, unknown>> };

/** A request in parts that can be taken away one by one. */
export interface FuzzRequest {
  readonly operation: Operation;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body | undefined;
}

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

const boundary = 'fuzz-boundary';
const agent = new Agent({ keepAlive: true, maxSockets: 4 });
/** No operation takes as long (ms): the server gives a route two minutes. */
const patience = 130_000;

const partOf = (name: string, value: unknown): string => {
  const isFile = name === 'file';
  const label = `Content-Disposition: form-data; name="${name}"${isFile ? '; filename="a.png"' : ''}`;
  const type = isFile ? '\r\nContent-Type: image/png' : '';
  return `--${boundary}\r\n${label}${type}\r\n\r\n${typeof value === 'string' ? value : JSON.stringify(value)}\r\n`;
};

const textOf = (body: Body | undefined): string | undefined => {
  if (!body) return undefined;
  if (body.kind === 'json') return JSON.stringify(body.value);
  if (body.kind === 'text') return body.text;
  const parts = Object.entries(body.fields).map(([name, value]) => partOf(name, value));
  return `${parts.join('')}--${boundary}--\r\n`;
};

/** The address, with every parameter as it is meant: encoded, so that the route is found. */
export const addressOf = ({ operation, params, query }: FuzzRequest): string => {
  const path = operation.path.replace(/\{([^{}]{1,64})\}/g, (_, name: string) => encoded(params[name] ?? 'x'));
  const pairs = Object.entries(query).map(([name, value]) => `${encoded(name)}=${encoded(value)}`);
  return pairs.length > 0 ? `${path}?${pairs.join('&')}` : path;
};

/** Half of a pair of surrogates has no encoding; a server gets it as bytes that are no UTF-8. */
const encoded = (text: string): string => {
  const short = text.slice(0, 6_000);
  // A dot segment is taken away before it leaves.
  if (/^\.{1,2}$/.test(short)) return short.replaceAll('.', '%2e');
  return short.isWellFormed() ? encodeURIComponent(short) : '%ed%a0%80';
};

/**
 * Sends it, and reads all of the answer. Rejects when there is none, also on a connection of its own: a server may close one that was
 * kept alive just when it is taken up again.
 */
export const sendRequest = async (url: string, key: string, made: FuzzRequest): Promise<Answer> => {
  try {
    return await sendOnce(url, key, made, agent);
  } catch (error) {
    if (!(error instanceof ClosedMeanwhile)) throw error;
    return sendOnce(url, key, made, false);
  }
};

class ClosedMeanwhile extends Error {}

const sendOnce = (url: string, key: string, made: FuzzRequest, by: Agent | false): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const text = textOf(made.body);
    const type = made.body?.kind === 'form' ? `multipart/form-data; boundary=${boundary}` : 'application/json';
    const headers = {
      'x-api-key': key,
      ...(text === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(text) }),
      ...made.headers,
    };
    const { hostname, port } = new URL(url);
    const { method } = made.operation;
    // Not as a URL, which would take away dot segments.
    const options = { hostname, port, path: addressOf(made), method, headers, agent: by, timeout: patience };
    const outgoing = send(options, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.once('error', reject).once('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          contentType: response.headers['content-type'] ?? '',
          text: Buffer.concat(pieces).toString('utf8'),
        }),
      );
    });
    outgoing.once('timeout', () => outgoing.destroy(new Error(`no answer within ${patience} ms`)));
    outgoing.once('error', (error: NodeJS.ErrnoException) => {
      const isClosed = outgoing.reusedSocket && ['ECONNRESET', 'EPIPE'].includes(error.code ?? '');
      reject(isClosed ? new ClosedMeanwhile() : error);
    });
    outgoing.end(text);
  });

/** In one line, for whoever wants to send it by hand. */
export const shown = (made: FuzzRequest): string => {
  const headers = Object.entries(made.headers).map(([name, value]) => `${name}: ${value}`);
  const text = textOf(made.body);
  const body =
    text === undefined
      ? []
      : [made.body?.kind ?? '', text.length > 600 ? `${text.slice(0, 600)}… (${text.length})` : text];
  return [`${made.operation.method} ${addressOf(made).slice(0, 400)}`, ...headers, ...body].join(' | ');
};
