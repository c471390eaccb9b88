import { apiKey } from './deployment.ts';

/** What the server answered. */
export interface ApiAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  readonly body: any;
  readonly headers: Headers;
}

/** The HTTP API as a user calls it. */
export class Api {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  get(path: string, headers: Record<string, string> = {}): Promise<ApiAnswer> {
    return this.call('GET', path, undefined, headers);
  }

  post(path: string, body: unknown = {}): Promise<ApiAnswer> {
    return this.call('POST', path, JSON.stringify(body));
  }

  put(path: string, body: unknown): Promise<ApiAnswer> {
    return this.call('PUT', path, JSON.stringify(body));
  }

  delete(path: string): Promise<ApiAnswer> {
    return this.call('DELETE', path);
  }

  async call(method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<ApiAnswer> {
    const response = await fetch(this.url + path, {
      method,
      headers: { 'x-api-key': apiKey, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body }),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    const value: unknown = isJson ? JSON.parse(bytes.toString('utf8')) : bytes;
    return { status: response.status, body: value, headers: response.headers };
  }
}
