import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Clock } from 'waha-runtime';
import type { Journal } from '../state/journal.ts';
import type { Faults } from '../wire/faults.ts';
import { refuseForeignHost } from '../wire/server.ts';
import { tlsIdentity } from '../wire/tls-certificate.ts';
import { misserve } from './media-faults.ts';

const MAX_UPLOAD = 128 * 1024 * 1024;
/** Files that are kept over a restart: the newest ones, and no large ones. */
const KEPT_FILES = 20;
const KEPT_BYTES = 256 * 1024;
const UPLOAD = /^\/(mms|newsletter)\/([\w-]+)\/([\w-]+)/;

/** Encrypted files, by the direct path that messages carry. */
export class MediaStore {
  /** `127.0.0.1:PORT`, once a server is there; what `media_conn` tells clients. */
  host = '';
  /** The port of the run before: messages that wait hold its address. */
  port = 0;
  journal: Journal | undefined;
  readonly #files = new Map<string, Buffer>();
  readonly #owners = new Map<string, string>();
  #kept: string[] = [];

  /** Keeps a file, and gives the path under which it can be had. `owner` is the number of whoever sent it. */
  put(bytes: Buffer, owner?: string): string {
    const path = `/v/t62.7118-24/${randomBytes(12).toString('hex')}.enc`;
    this.#files.set(path, bytes);
    if (owner !== undefined) this.#owners.set(path, owner);
    if (this.journal && bytes.length <= KEPT_BYTES) this.#keep(path, bytes);
    return path;
  }

  /** Serves something as it is, under a path of its own: what is not encrypted, such as pictures. */
  serve(path: string, bytes: Buffer): void {
    this.#files.set(path, bytes);
  }

  /** Puts back a file that was kept over a restart. */
  restore(path: string, bytes: Buffer): void {
    this.#files.set(path, bytes);
    this.#kept.push(path);
  }

  /** What a post in a channel names an unencrypted file by. */
  handleOf(path: string): string {
    return createHash('sha256').update(path).digest('base64url');
  }

  get(path: string): Buffer | undefined {
    return this.#files.get(path);
  }

  ownerOf(path: string): string | undefined {
    return this.#owners.get(path);
  }

  /** The same file under another path, as when a phone uploads it again; undefined when there is none. */
  again(path: string): string | undefined {
    const bytes = this.#files.get(path);
    return bytes && this.put(bytes, this.#owners.get(path));
  }

  urlOf(path: string): string {
    return `https://${this.host}${path}`;
  }

  /** Says where it is served. */
  serveAt(host: string, port: number): void {
    this.host = `${host}:${port}`;
    this.port = port;
    this.journal?.mark('media', 'port', () => port);
  }

  #keep(path: string, bytes: Buffer): void {
    this.journal?.mark('file', path, () => bytes);
    this.#kept.push(path);
    for (const old of this.#kept.splice(0, this.#kept.length - KEPT_FILES)) {
      this.journal?.mark('file', old, () => undefined);
    }
  }
}

/** What the media server is made of. */
export interface MediaServerOptions {
  readonly media: MediaStore;
  readonly faults: Faults;
  readonly clock: Clock;
}

/** Answers a download wrongly, when a fault says so. */
type Misbehave = (path: string, bytes: Buffer, response: ServerResponse) => boolean;

/** Opens the media server: uploads and downloads over TLS, loopback only (docs/protocol.md, "Files"). */
export async function serveMedia(
  { media: store, faults, clock }: MediaServerOptions,
  host: string,
): Promise<{ close(): Promise<void> }> {
  refuseForeignHost(host);
  const { key, cert } = tlsIdentity();
  const misbehave: Misbehave = (path, bytes, response) => {
    const fault = faults.none ? undefined : faults.strike('media', { number: store.ownerOf(path) });
    if (fault) misserve(fault, bytes, response, clock);
    return fault !== undefined;
  };
  const server = createServer({ key, cert }, (request, response) => {
    answer(store, request, response, misbehave).catch(() => response.destroy());
  });
  await bind(server, host, store.port).catch(() => bind(server, host, 0));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  store.serveAt(host.includes(':') ? `[${host}]` : host, port);
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { close };
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
}

async function answer(
  store: MediaStore,
  request: IncomingMessage,
  response: ServerResponse,
  misbehave: Misbehave,
): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'https://localhost');
  if (request.method === 'GET') {
    const file = store.get(pathname);
    if (file && misbehave(pathname, file, response)) return;
    return download(file, request, response);
  }
  const [, place, , hash] = (request.method === 'POST' && UPLOAD.exec(pathname)) || [];
  const bytes = await readAll(request);
  // WhatsApp files uploads under the hash of what it keeps, and so refuses those that were damaged on the way.
  if (hash === undefined || bytes === undefined || createHash('sha256').update(bytes).digest('base64url') !== hash) {
    response.writeHead(400).end();
    return;
  }
  const path = store.put(bytes);
  const handle = place === 'newsletter' ? { handle: store.handleOf(path) } : {};
  const body = JSON.stringify({ url: store.urlOf(path), direct_path: path, ...handle });
  response.writeHead(200, { 'content-type': 'application/json' }).end(body);
}

function download(bytes: Buffer | undefined, request: IncomingMessage, response: ServerResponse): void {
  if (!bytes) {
    response.writeHead(404).end();
    return;
  }
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  if (!range) {
    response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
    return;
  }
  const [start, end] = [Number(range[1]), range[2] ? Math.min(Number(range[2]), bytes.length - 1) : bytes.length - 1];
  const part = bytes.subarray(start, end + 1);
  const headers = { 'content-length': part.length, 'content-range': `bytes ${start}-${end}/${bytes.length}` };
  response.writeHead(206, headers).end(part);
}

async function readAll(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_UPLOAD) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
