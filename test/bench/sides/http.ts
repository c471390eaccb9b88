import { Pool } from 'undici';

/** One JSON request; throws on every answer that is none of 2xx. */
export const call = async <T>(method: string, url: string, body?: object, key?: string): Promise<T> => {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { 'x-api-key': key }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url} was answered with ${response.status}: ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
};

export interface Barrage {
  /** One path, or that of the request of this number. */
  readonly path: string | ((index: number) => string);
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  /** The body of the request of this number. */
  readonly body?: (index: number) => string;
  readonly requests: number;
  readonly inFlight: number;
  /** Gets how long each request took (ms), when given. */
  readonly took?: number[];
}

/** Sends requests with a fixed number in flight; resolves with the number of answers a second. */
export const barrage = async (origin: string, options: Barrage): Promise<number> => {
  const { method = 'GET', headers = {}, body, requests, inFlight, took } = options;
  const pathOf = (index: number) => (typeof options.path === 'string' ? options.path : options.path(index));
  const pool = new Pool(origin, { connections: inFlight });
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < requests; index = next++) {
      const path = pathOf(index);
      const request = { path, method, headers, ...(body ? { body: body(index) } : {}) };
      const asked = performance.now();
      const answer = await pool.request(request);
      const bytes = await answer.body.arrayBuffer();
      took?.push(performance.now() - asked);
      if (answer.statusCode >= 300) throw new Error(`${path}: ${answer.statusCode} ${Buffer.from(bytes).toString()}`);
    }
  };
  const began = performance.now();
  try {
    await Promise.all(Array.from({ length: inFlight }, worker));
    return requests / ((performance.now() - began) / 1000);
  } finally {
    await pool.close();
  }
};

/** Runs tasks, so many at a time. */
export const eachOf = async <T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> => {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
};

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
