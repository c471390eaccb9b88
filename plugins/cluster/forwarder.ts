import workers from 'node:cluster';
import { openAsBlob } from 'node:fs';
import { Agent, type IncomingMessage, request as open, type ServerResponse } from 'node:http';
import { request as openSecure, Agent as SecureAgent } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  type ForwardedContent,
  type Forwarder,
  type Log,
  type RemoteAnswer,
  type RemoteCall,
  sessionElsewhere,
  unavailable,
  unprocessable,
} from 'waha-runtime';
import type { ClusterNode } from './node.ts';

/** Says that a request was forwarded once: it is not forwarded again. */
const hopHeader = 'x-waha-forwarded';

/** Headers of one connection, which are not passed on. */
const ofConnection = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'host',
  'te',
  'trailer',
  'expect',
]);

/** Headers of the body as it came: it is written anew. */
const ofBody = ['content-length', 'content-type', 'content-encoding'];

const agents = {
  'http:': new Agent({ keepAlive: true, maxSockets: 256 }),
  'https:': new SecureAgent({ keepAlive: true, maxSockets: 256 }),
};

/** How long the other process may keep silent (ms). */
const silence = 120_000;

/** Requests on their way to the process that has their session: the same request, to the HTTP server of that one. */
export class RequestForwarder implements Forwarder {
  readonly #node: () => ClusterNode;
  readonly #log: Pick<Log, 'error'>;
  /** What was sent and is not answered, and where to. */
  readonly #waiting = new Map<() => void, string>();
  forwards = 0;

  constructor(node: () => ClusterNode, log: Pick<Log, 'error'>) {
    this.#node = node;
    this.#log = log;
  }

  /** `waha start --workers` is for one machine: then all of the cluster share its port. */
  get siblings(): readonly string[] | null {
    if (!workers.isWorker) return null;
    const { peers, node } = this.#node();
    return peers.alive.filter(({ id, url }) => id !== node && url !== '').map(({ url }) => url);
  }

  async placeOf(session: string, request: Pick<IncomingMessage, 'headers'>): Promise<string | null> {
    const { placements, peers, node, learn } = this.#node();
    if (placements.has(session)) return null;
    const row = await placements.owner(session);
    if (row === null) return null;
    const url = (peers.find(row.owner) ?? (await learn(row.owner)))?.url;
    const cannotGo = row.owner === node || url === undefined || url === '' || request.headers[hopHeader] !== undefined;
    if (cannotGo) throw sessionElsewhere(session);
    return url;
  }

  async forward(
    request: IncomingMessage,
    response: ServerResponse,
    place: string,
    content?: ForwardedContent,
  ): Promise<void> {
    this.forwards += 1;
    const { headers, body } = await this.#bodyOf(request, content);
    const answer = await this.#send(place, request, headers, body);
    // The key was checked here before.
    if (answer.statusCode === 401) {
      answer.resume();
      this.#otherKeys(place);
    }
    response.writeHead(answer.statusCode ?? 502, passedOn(answer.headers));
    await pipeline(answer, response).catch(() => response.destroy());
  }

  async call(place: string, { method, path, headers, body, signal }: RemoteCall): Promise<RemoteAnswer> {
    this.forwards += 1;
    const bytes = body === undefined || method === 'GET' ? null : Buffer.from(JSON.stringify(body));
    const sized = bytes && { 'content-type': 'application/json', 'content-length': String(bytes.byteLength) };
    const all = { ...headers, ...sized, [hopHeader]: '1' };
    const answer = await this.#send(place, { url: path, method, signal }, all, Readable.from(bytes ? [bytes] : []));
    if (answer.statusCode === 401) {
      answer.resume();
      this.#otherKeys(place);
    }
    const retryAfter = Number(answer.headers['retry-after']);
    return {
      status: answer.statusCode ?? 502,
      contentType: answer.headers['content-type'] ?? '',
      bytes: await readWhole(answer),
      retryAfterSeconds: retryAfter > 0 ? retryAfter : undefined,
    };
  }

  /** A process is gone: who waits for its answer is told so. */
  cutOff(place: string): void {
    for (const [fail, to] of this.#waiting) if (to === place) fail();
  }

  #otherKeys(place: string): never {
    const what = `the process at ${place} does not take a key that this one takes: all of a cluster need the same keys`;
    this.#log.error(what);
    throw unavailable(what, 2);
  }

  async #bodyOf(request: IncomingMessage, content: ForwardedContent | undefined) {
    const headers: Record<string, string | string[]> = { ...passedOn(request.headers), [hopHeader]: '1' };
    if (content === undefined) return { headers, body: request };
    for (const name of ofBody) delete headers[name];
    if (content.file === undefined) {
      const bytes = Buffer.from(JSON.stringify(content.body ?? {}));
      const sized = { ...headers, 'content-type': 'application/json', 'content-length': String(bytes.byteLength) };
      return { headers: sized, body: Readable.from([bytes]) };
    }
    const form = new Response(await formOf(content));
    const typed = { ...headers, 'content-type': form.headers.get('content-type') ?? '' };
    return { headers: typed, body: Readable.fromWeb(form.body as never) };
  }

  async #send(
    place: string,
    { url = '/', method = 'GET', signal }: Pick<IncomingMessage, 'url' | 'method'> & { readonly signal?: AbortSignal },
    headers: Record<string, string | string[]>,
    body: Readable,
  ): Promise<IncomingMessage> {
    const target = new URL(url, place);
    const isSecure = target.protocol === 'https:';
    const options = { method, headers, agent: agents[isSecure ? 'https:' : 'http:'], timeout: silence, signal };
    let fail = (): void => undefined;
    const answer = new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = (isSecure ? openSecure : open)(target, options as never, resolve);
      fail = () => {
        outgoing.destroy();
        reject(unavailable('the process that has the session does not answer', 1));
      };
      outgoing.once('error', fail);
      outgoing.once('timeout', fail);
      body.once('error', fail);
      body.pipe(outgoing);
    });
    this.#waiting.set(fail, place);
    // It may have died while this was prepared: nobody would be told of that again.
    if (!this.#node().peers.isAt(place)) fail();
    try {
      return await answer;
    } finally {
      this.#waiting.delete(fail);
    }
  }
}

/** The longest answer that is read as a whole (bytes). */
const longestAnswer = 32 * 1024 * 1024;

const readWhole = async (answer: IncomingMessage): Promise<Buffer> => {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    size += piece.byteLength;
    if (size > longestAnswer) throw unprocessable('the answer is a file; get it over HTTP');
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
};

const formOf = async ({ body, file, field = 'file' }: ForwardedContent): Promise<FormData> => {
  const form = new FormData();
  for (const [name, value] of Object.entries((body ?? {}) as Record<string, unknown>)) {
    if (value !== undefined && value !== null)
      form.append(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  if (file) {
    const blob = await openAsBlob(file.path, file.mimetype ? { type: file.mimetype } : {});
    form.append(field, blob, file.filename ?? 'file');
  }
  return form;
};

const passedOn = (headers: IncomingMessage['headers']): Record<string, string | string[]> => {
  const passed: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !ofConnection.has(name)) passed[name] = value;
  }
  return passed;
};
