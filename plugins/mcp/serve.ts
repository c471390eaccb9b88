import { Readable } from 'node:stream';
import { createMcpHandler, ProtocolError, ProtocolErrorCode, Server } from '@modelcontextprotocol/server';
import {
  badRequest,
  didYouMean,
  forbidden,
  type Log,
  type Principal,
  type Reply,
  type Right,
  type RouteRequest,
  reply,
} from 'waha-runtime';
import { listResources, listTemplates, readResource } from './resources.ts';
import { failureOf, resultOf, type Scrub, scrubber } from './results.ts';
import type { Tool } from './tools.ts';

export interface ServeOptions {
  readonly version: string;
  readonly log: Log;
  /** What callers without limits may do here. */
  readonly rights: readonly Right[];
  /** Whose pages may call, besides this server's own. */
  readonly origins: readonly string[];
  /** Names that the server may be called by; any when there are none. */
  readonly hosts: readonly string[];
  tools(): ReadonlyMap<string, Tool>;
}

/** How many clients may wait for news of the list of tools. */
const maxSubscriptions = 100;

type Asked = RouteRequest<unknown, unknown, unknown>;

/** The endpoint. */
export interface McpServing {
  answer(request: Asked): Promise<Reply>;
  /** Ends what clients still listen to. */
  close(): Promise<void>;
}

/** What a request of the protocol carries to its tools. */
interface Caller {
  readonly principal: Principal;
  readonly scrub: Scrub;
  readonly signal: AbortSignal;
  readonly headers: Asked['headers'];
}

const instructions =
  'WhatsApp accounts are sessions; sessions-list shows them. A chat is <phone>@c.us or <id>@g.us. After sending, wait-for-message hears the answer.';

/** Answers requests of the Model Context Protocol: a server for each, and nothing is kept between them. */
export const serveMcp = (options: ServeOptions): McpServing => {
  const onerror = (error: Error) => options.log.debug(`a request of MCP was refused: ${error.message}`);
  const handler = createMcpHandler((context) => serverFor(options, context.authInfo?.extra?.['caller'] as Caller), {
    onerror,
    maxSubscriptions,
  });
  const answer = async ({ body, headers, principal, signal }: Asked): Promise<Reply> => {
    refuseForeign(headers, options);
    refuseLongHeads(body);
    const scrub = scrubber([headers['x-api-key'], bearerOf(headers['authorization'])]);
    const caller: Caller = { principal: limited(principal, options.rights), scrub, signal, headers };
    const authInfo = { token: '', clientId: principal.name, scopes: [], extra: { caller } };
    const asked = new Request('http://localhost/mcp', { method: 'POST', headers: passedOn(headers), signal });
    const found = await handler.fetch(asked, { authInfo, parsedBody: body });
    const contentType = found.headers.get('content-type') ?? 'application/json';
    const isStream = contentType.startsWith('text/event-stream') && found.body !== null;
    return reply({
      status: found.status,
      contentType,
      body: isStream ? Readable.fromWeb(found.body as never) : await found.text(),
      headers: { 'cache-control': 'no-store' },
    });
  };
  return { answer, close: () => handler.close() };
};

const serverFor = ({ tools, version }: ServeOptions, caller: Caller): Server => {
  const capabilities = { tools: {}, resources: {} };
  const server = new Server({ name: 'waha-runtime', version }, { capabilities, instructions });
  const { principal, scrub, signal, headers } = caller;
  const reader = { ...caller, tools };
  server.setRequestHandler('resources/list', () => listResources(reader));
  server.setRequestHandler('resources/templates/list', () => listTemplates(reader));
  server.setRequestHandler('resources/read', ({ params }) => readResource(reader, params.uri));
  server.setRequestHandler('tools/list', () => ({
    tools: [...tools().values()].filter((tool) => tool.isFor(principal)).map(({ info }) => info as never),
  }));
  server.setRequestHandler('tools/call', async ({ params }) => {
    const tool = tools().get(params.name);
    if (!tool) {
      const near = didYouMean(params.name.slice(0, 100), [...tools().keys()]);
      throw new ProtocolError(
        ProtocolErrorCode.InvalidParams,
        scrub(`Unknown tool: ${params.name.slice(0, 100)}${near}`),
      );
    }
    const { _data: raw, ...input } = params.arguments ?? {};
    try {
      return resultOf(await tool.call(principal, input, signal, headers), scrub, raw === true);
    } catch (error) {
      return failureOf(error, scrub);
    }
  });
  return server;
};

/**
 * A key that may do everything gets here what the YAML allows; a limited one has the rights that it was given. Apps hold the
 * secrets of others' servers, so nobody sees them here.
 */
const limited = (principal: Principal, allowed: readonly Right[]): Principal => {
  const rights = principal.admin ? allowed : principal.rights;
  const here = rights === '*' ? everyRight : rights;
  return {
    ...principal,
    rights: here.filter((right) => right !== 'app'),
    admin: principal.admin && allowed.includes('admin'),
  };
};

const everyRight: readonly Right[] = ['read', 'send', 'control', 'setting', 'delete'];

/** A page of another site may not use what its visitor's machine can reach. */
const refuseForeign = (headers: Asked['headers'], { origins, hosts }: ServeOptions): void => {
  const { origin, host = '' } = headers;
  const name = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : host;
  if (hosts.length > 0 && !hosts.includes(name)) throw forbidden(`the server is not called '${name.slice(0, 100)}'`);
  const isOwn =
    origin === undefined || origins.includes(origin) || (URL.canParse(origin) && new URL(origin).host === host);
  if (!isOwn) throw forbidden('pages of other sites may not call this server');
};

/** Of a message. Arguments may hold files; these come back in answers. */
const longestHead = 1_000;

const refuseLongHeads = (body: unknown): void => {
  for (const message of [body].flat()) {
    for (const [name, value] of Object.entries((message ?? {}) as object)) {
      const isLong = typeof value === 'string' && value.length > longestHead;
      if (name.length > longestHead || isLong)
        throw badRequest(`${name.slice(0, 50)} has more than ${longestHead} characters`);
    }
  }
};

const bearerOf = (authorization: string | undefined): string | undefined =>
  /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];

/** What the protocol looks at; keys stay outside. */
const passedOn = (headers: Asked['headers']): Headers => {
  const passed = new Headers({ 'content-type': 'application/json', accept: 'application/json, text/event-stream' });
  for (const [name, value] of Object.entries(headers)) if (name.startsWith('mcp-') && value) passed.set(name, value);
  return passed;
};
