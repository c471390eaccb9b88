import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  badRequest,
  compile,
  isReply,
  isRuntimeError,
  notFound,
  type Route,
  reply,
  sentence,
  type TSchema,
} from 'waha-runtime';
import { Control } from './control/control.ts';
import { controlRoutes } from './control/routes.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from './sandbox.ts';
import { refuseForeignHost } from './wire/server.ts';

/** Where a sandbox of its own process listens. */
export interface SandboxServerOptions extends SandboxOptions {
  /** Where the control API listens; 0 takes a free port. Without it there is none. */
  readonly controlPort?: number;
  /** Told where it listens, one line each. The console by default. */
  readonly print?: (line: string) => void;
}

/** A sandbox in a process of its own. */
export interface SandboxServer {
  readonly sandbox: Sandbox;
  /** `http://127.0.0.1:PORT`, null without a control port. */
  readonly controlUrl: string | null;
  close(): Promise<void>;
}

type Handler = (request: IncomingMessage) => Promise<{ status: number; value: unknown }>;
interface Entry {
  readonly method: string;
  readonly pattern: RegExp;
  handle(request: IncomingMessage, params: Record<string, string>, url: URL): ReturnType<Handler>;
}

/** Runs WhatsApp's side with its control API over plain HTTP. Throws when a port is taken or the host is foreign. */
export async function runSandboxServer(options: SandboxServerOptions = {}): Promise<SandboxServer> {
  const { controlPort, print = (line: string) => console.log(line), host = '127.0.0.1' } = options;
  const sandbox = await startSandbox(options);
  print(`WhatsApp: ${sandbox.endpoint.url} (root key ${sandbox.endpoint.rootKey})`);
  if (controlPort === undefined) return { sandbox, controlUrl: null, close: () => sandbox.close() };
  const control = await serveControl(sandbox, host, controlPort);
  print(`Control:  ${control.url}/api/sandbox`);
  const close = async (): Promise<void> => {
    await control.close();
    await sandbox.close();
  };
  return { sandbox, controlUrl: control.url, close };
}

/** The same routes that the product mounts, on `node:http`: JSON in, JSON out, no key. Loopback only. */
export async function serveControl(
  sandbox: Sandbox,
  host: string,
  port: number,
): Promise<{ url: string; close(): Promise<void> }> {
  refuseForeignHost(host);
  const entries = controlRoutes(new Control(sandbox)).routes.map(entryOf);
  const http = createServer((request, response) => void answer(entries, request, response));
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, host, () => resolve());
  });
  const address = http.address();
  const bound = typeof address === 'object' && address ? address.port : port;
  const close = async (): Promise<void> => {
    http.closeAllConnections();
    await new Promise<void>((resolve) => http.close(() => resolve()));
  };
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`, close };
}

async function answer(entries: readonly Entry[], request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  try {
    const { status: usual, value } = await dispatch(entries, request, url);
    const answered = isReply(value) ? value : reply({ json: value });
    const { status = usual } = answered;
    if (answered.body instanceof Uint8Array) {
      response.writeHead(status, { 'content-type': 'application/octet-stream' }).end(answered.body);
      return;
    }
    const body = answered.json === undefined ? '' : JSON.stringify(answered.json);
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  } catch (error) {
    const status = isRuntimeError(error) ? error.status : 500;
    const body = { statusCode: status, message: sentence(error) };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }
}

function dispatch(entries: readonly Entry[], request: IncomingMessage, url: URL): ReturnType<Handler> {
  for (const entry of entries) {
    const match = entry.method === request.method ? entry.pattern.exec(url.pathname) : null;
    if (match) return entry.handle(request, match.groups ?? {}, url);
  }
  throw notFound(`there is no ${request.method} ${url.pathname}`);
}

function entryOf(route: Route): Entry {
  const pattern = new RegExp(`^${route.path.replaceAll(/\{(\w{1,64})\}/g, '(?<$1>[^/]+)')}$`);
  const [params, query, body] = [checker(route.params, true), checker(route.query, true), checker(route.body, false)];
  const status = Number(Object.keys(route.responses ?? {})[0] ?? (route.method === 'POST' ? 201 : 200));
  const handle: Entry['handle'] = async (request, raw, url) => {
    const decoded = Object.fromEntries(Object.entries(raw).map(([name, value]) => [name, decodeURIComponent(value)]));
    const input = {
      params: params(decoded),
      query: query(Object.fromEntries(url.searchParams)),
      body: route.body ? body(await readJson(request)) : undefined,
      headers: {},
      principal: { name: 'sandbox', sessions: '*' as const },
      signal: new AbortController().signal,
    };
    return { status, value: await route.handle(input) };
  };
  return { method: route.method, pattern, handle };
}

function checker(schema: TSchema | undefined, coerce: boolean): (value: unknown) => unknown {
  if (!schema) return (value) => value;
  const check = compile(schema, { coerce });
  return (value) => {
    const checked = check(value);
    if (!checked.ok) throw badRequest(...checked.violations.map(({ message }) => message));
    return checked.value;
  };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    throw badRequest('the body is not JSON');
  }
}
