/** Calls a running server: JSON in, JSON out, an error for every answer that is none of 2xx. */
export class Api {
  constructor(
    private readonly url: string,
    private readonly key: string,
  ) {}

  get = <T>(path: string): Promise<T> => this.#call('GET', path);
  post = <T>(path: string, body: object = {}): Promise<T> => this.#call('POST', path, body);

  async #call<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(this.url + path, {
      method,
      headers: { 'x-api-key': this.key, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}: ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }
}
