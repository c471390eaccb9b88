import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { got, type OptionsOfTextResponseBody, RequestError, type Response } from 'got';
import { sentence } from '../../errors.ts';

/** Which server a command speaks to. */
export interface ServerOptions {
  readonly url: string;
  readonly apiKey?: string;
}

/** An answer that is not the one that was hoped for. */
export class ServerError extends Error {
  /** 0: there was no answer. */
  readonly status: number;
  readonly body: unknown;

  constructor(message: string, status: number, body?: unknown) {
    super(message);
    this.name = 'ServerError';
    this.status = status;
    this.body = body;
  }
}

const timeoutMs = 60_000;

/** A running server, by its HTTP API. Every call rejects with a `ServerError` that says what to do. */
export class Server {
  readonly url: string;
  readonly #apiKey: string | undefined;

  constructor({ url, apiKey }: ServerOptions) {
    this.url = withoutSlash(url);
    this.#apiKey = apiKey;
  }

  async get<T>(path: string): Promise<T> {
    return JSON.parse((await this.#call('GET', path)).body.toString('utf8')) as T;
  }

  async post<T>(path: string, body: unknown = {}): Promise<T> {
    const { body: answer } = await this.#call('POST', path, body);
    return (answer.length === 0 ? null : JSON.parse(answer.toString('utf8'))) as T;
  }

  /** An answer that is no JSON. */
  async bytes(path: string, body: unknown): Promise<Buffer> {
    return (await this.#call('POST', path, body)).body;
  }

  /** An answer of any length. Rejects before the first byte when the server refuses. */
  async stream(path: string): Promise<{ readonly headers: IncomingHttpHeaders; readonly body: Readable }> {
    const body = got.stream.post(this.url + path, {
      headers: this.headers,
      json: {},
      retry: { limit: 0 },
      throwHttpErrors: false,
      decompress: false,
    });
    const answer = await new Promise<Response<Buffer>>((resolve, reject) => {
      body.once('response', resolve);
      body.once('error', (error) => reject(new ServerError(unreachable(this.url, error), 0)));
    });
    if (answer.statusCode < 300) return { headers: answer.headers, body };
    throw this.#refused({ statusCode: answer.statusCode, body: await buffer(body) }, `POST ${path}`);
  }

  /** The address of a WebSocket, with these parameters. */
  socketUrl(path: string, query: Readonly<Record<string, string>>): string {
    const address = new URL(this.url + path);
    address.protocol = address.protocol.replace('http', 'ws');
    for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
    return address.href;
  }

  get headers(): Readonly<Record<string, string>> {
    return this.#apiKey === undefined ? {} : { 'x-api-key': this.#apiKey };
  }

  async #call(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Response<Buffer>> {
    const options: OptionsOfTextResponseBody = {
      method,
      headers: this.headers,
      retry: { limit: 0 },
      timeout: { request: timeoutMs },
      throwHttpErrors: false,
      ...(body === undefined ? {} : { json: body }),
    };
    const answer = await got(this.url + path, { ...options, responseType: 'buffer' }).catch((error) => {
      throw new ServerError(unreachable(this.url, error), 0);
    });
    if (answer.ok) return answer;
    throw this.#refused(answer, `${method} ${path}`);
  }

  #refused(answer: Pick<Response<Buffer>, 'statusCode' | 'body'>, call: string): ServerError {
    const isRefusedKey = answer.statusCode === 401 && this.#apiKey !== undefined;
    return isRefusedKey ? new ServerError(`${this.url} does not accept this API key`, 401) : refusedBy(answer, call);
  }
}

const unreachable = (url: string, error: unknown): string => {
  const code = error instanceof RequestError ? error.code : '';
  const hint = code === 'ECONNREFUSED' ? 'is it running? `waha start` runs it here, --url names another one' : '';
  return `no answer from ${url} (${code || sentence(error)})${hint ? `: ${hint}` : ''}`;
};

const refusedBy = ({ statusCode, body }: Pick<Response<Buffer>, 'statusCode' | 'body'>, call: string): ServerError => {
  if (statusCode === 401) {
    return new ServerError('the server wants an API key: --api-key, or the variable WAHA_API_KEY', statusCode);
  }
  const said = jsonIn(body);
  const { message, error, session, status, expected } = (said ?? {}) as Readonly<Record<string, unknown>>;
  const standing = Array.isArray(expected) ? `session '${session}' is ${status}, not ${expected.join(' or ')}` : null;
  const text = standing ?? [message, error].flat().find((one) => typeof one === 'string');
  return new ServerError(`${text ?? 'no reason was given'} (${statusCode} to ${call})`, statusCode, said);
};

const jsonIn = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
};

const withoutSlash = (url: string): string => {
  let end = url.length;
  while (url[end - 1] === '/') end -= 1;
  return url.slice(0, end);
};
