import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { sentence } from '../../errors.ts';

export interface BridgeOptions {
  readonly url: string;
  readonly apiKey?: string;
  readonly input: Readable;
  readonly output: Writable;
}

/** What of a message of JSON-RPC is looked at. */
interface Message {
  readonly id?: string | number | null;
  readonly method?: string;
  readonly params?: {
    readonly name?: unknown;
    readonly uri?: unknown;
    readonly requestId?: unknown;
    readonly _meta?: Readonly<Record<string, unknown>>;
  };
  readonly result?: { readonly protocolVersion?: unknown };
}

/** Requests under way at a time; more are refused. */
const maxRequests = 100;
/** How long what is under way may take once the agent has left (ms). */
const grace = 5_000;
/** Where a message of the newer protocol says its version. */
const versionKey = 'io.modelcontextprotocol/protocolVersion';

/**
 * `waha mcp`: hands the messages of an agent on standard input, one on each line, to the server's endpoint, and its answers back.
 * Resolves with the exit code when the agent leaves.
 */
export const bridgeMcp = async (options: BridgeOptions): Promise<number> => {
  const bridge = new Bridge(options);
  for await (const line of createInterface({ input: options.input, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() !== '') bridge.take(line);
  }
  await bridge.close();
  return 0;
};

class Bridge {
  readonly #options: BridgeOptions;
  readonly #endpoint: string;
  readonly #under = new Map<Promise<void>, { readonly id: unknown; readonly end: AbortController }>();
  /** Of the older protocol, which names it once. */
  #version: string | undefined;

  constructor(options: BridgeOptions) {
    this.#options = options;
    this.#endpoint = new URL('/mcp', options.url).href;
  }

  take(line: string): void {
    const message = messageIn(line);
    if (!message) {
      this.#refuse(null, -32_700, 'this line is no JSON');
      return;
    }
    if (message.method === 'notifications/cancelled') {
      for (const { id, end } of this.#under.values()) if (id === message.params?.requestId) end.abort();
    }
    if (this.#under.size >= maxRequests) {
      this.#refuse(message.id, -32_000, 'too many requests at a time');
      return;
    }
    const end = new AbortController();
    const asked = this.#ask(line, message, end.signal).catch((error) => {
      if (!end.signal.aborted) this.#refuse(message.id, -32_000, `${this.#endpoint}: ${reasonOf(error)}`);
    });
    const done = asked.finally(() => this.#under.delete(done));
    this.#under.set(done, { id: message.id, end });
  }

  async close(): Promise<void> {
    const timer = setTimeout(() => {
      for (const { end } of this.#under.values()) end.abort();
    }, grace);
    await Promise.all(this.#under.keys());
    clearTimeout(timer);
  }

  async #ask(line: string, message: Message, signal: AbortSignal): Promise<void> {
    const answer = await fetch(this.#endpoint, { method: 'POST', headers: this.#headers(message), body: line, signal });
    const type = answer.headers.get('content-type') ?? '';
    if (answer.status === 202) return void (await answer.arrayBuffer());
    if (type.startsWith('text/event-stream') && answer.body) return this.#stream(answer.body);
    const text = await answer.text();
    const said = messageIn(text);
    if (answer.ok || (said && 'jsonrpc' in said)) return this.#answer(text);
    const { message: why = answer.statusText } = (said ?? {}) as { readonly message?: unknown };
    this.#refuse(message.id, -32_000, `${answer.status}: ${String(why)}`);
  }

  /** Headers that the newer protocol asks for say what the message says. */
  #headers({ method, params }: Message): Record<string, string> {
    const { apiKey } = this.#options;
    const own = params?._meta?.[versionKey];
    const version = typeof own === 'string' ? own : this.#version;
    const name = params?.name ?? params?.uri;
    return {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(apiKey === undefined ? {} : { 'x-api-key': apiKey }),
      ...(version === undefined ? {} : { 'mcp-protocol-version': version }),
      ...(typeof own === 'string' && method ? { 'mcp-method': method } : {}),
      ...(typeof own === 'string' && typeof name === 'string' && isPlain(name) ? { 'mcp-name': name } : {}),
    };
  }

  async #stream(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of body) {
      const events = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n\r?\n/);
      rest = events.pop() ?? '';
      for (const event of events) {
        const data = event
          .split(/\r?\n/)
          .flatMap((field) => (field.startsWith('data:') ? field.slice(5).trimStart() : []));
        if (data.length > 0) this.#answer(data.join('\n'));
      }
    }
  }

  #answer(text: string): void {
    const version = messageIn(text)?.result?.protocolVersion;
    if (typeof version === 'string') this.#version = version;
    this.#options.output.write(`${text.replaceAll('\n', ' ').trim()}\n`);
  }

  #refuse(id: Message['id'], code: number, message: string): void {
    if (id === undefined) return;
    this.#options.output.write(`${JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } })}\n`);
  }
}

const messageIn = (text: string): Message | null => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : null;
  } catch {
    return null;
  }
};

const isPlain = (text: string): boolean => /^[\x20-\x7e]{1,1000}$/.test(text);

const reasonOf = (error: unknown): string =>
  error instanceof Error && error.cause instanceof Error ? error.cause.message : sentence(error);
