import type { ApiDocument, Schema } from './document.ts';
import * as hostile from './hostile.ts';
import type { LastingApi } from './lasting-api.ts';
import type { Random } from './random.ts';
import type { FuzzRequest } from './request.ts';
import type { Values } from './values.ts';

/** A tool as agents see it. */
export interface ToolInfo {
  readonly name: string;
  readonly inputSchema: Schema;
}

const agentHeaders = { accept: 'application/json, text/event-stream' };
const message = (method: string, params: object) => ({ jsonrpc: '2.0', id: 1, method, params });

/** The tools that the server offers to agents. */
export const toolsOf = async (api: LastingApi): Promise<readonly ToolInfo[]> => {
  const { body, status } = await api.call('POST', '/mcp', JSON.stringify(message('tools/list', {})), agentHeaders);
  const text = Buffer.isBuffer(body) ? body.toString('utf8') : JSON.stringify(body);
  const json = text.startsWith('{') ? text : (/^data: (.+)$/m.exec(text)?.[1] ?? '{}');
  const { result } = JSON.parse(json) as { readonly result?: { readonly tools: readonly ToolInfo[] } };
  if (!result) throw new Error(`the server tells no tools: ${status} ${text.slice(0, 300)}`);
  return result.tools;
};

const folders = ['', '/dashboard', '/docs', '/passkey', '/ws', '/metrics', '/health', '/ping', '/api', '/api/files'];
const files = [
  ...[
    '',
    '/',
    '//',
    '/index.html',
    '/settings.json',
    '/assets/',
    '/assets/x.js',
    '/.',
    '/..',
    '/%2e%2e/%2e%2e/package.json',
  ],
  ...[
    '/..%2f..%2f..%2fetc/passwd',
    '/../../../../../../../../etc/passwd',
    '/..%5c..%5cwindows',
    '/%00',
    '/%ff',
    '/%',
    '/a%0d%0ax:%20y',
  ],
  ...[
    '/__proto__',
    '/constructor',
    '/.git/config',
    '/waha.config.yaml',
    '/%c0%ae%c0%ae/',
    `/${'a/'.repeat(2_000)}`,
    `/${'x'.repeat(5_000)}`,
  ],
];
const methods = ['GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'PROPFIND'];

/** Requests for what is no operation of the document: pages and their files, and the tools of agents. */
export class BesideRequests {
  readonly #random: Random;
  readonly #values: Values;
  readonly #document: ApiDocument;
  readonly #tools: readonly ToolInfo[];

  constructor(random: Random, values: Values, document: ApiDocument, tools: readonly ToolInfo[]) {
    this.#random = random;
    this.#values = values;
    this.#document = document;
    this.#tools = tools;
  }

  /** Now and then one of them; null otherwise. */
  maybe(): FuzzRequest | null {
    const share = this.#random.next();
    if (share < 0.03) return this.#page();
    return share < 0.1 ? this.#toolCall() : null;
  }

  #page(): FuzzRequest {
    const random = this.#random;
    const path = `${random.pick(folders)}${random.pick(files)}` || '/';
    const operation = { method: random.pick(methods), path, parameters: [], json: undefined, form: undefined } as const;
    return {
      operation: { ...operation, isPage: true },
      params: {},
      query: random.chance(0.2) ? { [random.pick(['a', 'key', '__proto__'])]: random.pick(hostile.texts) } : {},
      headers: random.chance(0.4) ? Object.fromEntries([random.pick(hostile.headers)]) : {},
      body: operation.method === 'POST' ? { kind: 'text', text: random.pick(hostile.bodies) } : undefined,
    };
  }

  #toolCall(): FuzzRequest {
    const random = this.#random;
    const { name, inputSchema } = random.pick(this.#tools);
    const wild = random.pick([0, 0, 0.05, 0.3]);
    const value = message('tools/call', { name, arguments: this.#values.of(inputSchema, 'body', wild) });
    return {
      operation: this.#document.operation('POST', '/mcp'),
      params: {},
      query: {},
      headers: agentHeaders,
      body: { kind: 'json', value },
    };
  }
}
