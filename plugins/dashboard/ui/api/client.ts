import { key, signOut } from './key.ts';

/** Where the API is, whatever a proxy puts before it. */
export let root = new URL('..', document.baseURI);
/** Where events are sent; null when no plugin does. */
export let events: URL | null = null;

/** Asks the server where the two are: before anything else. */
export const loadSettings = async (): Promise<void> => {
  const response = await fetch('settings.json', { cache: 'no-cache' });
  const settings = (await response.json()) as { readonly root: string; readonly events: string | null };
  root = new URL(settings.root, document.baseURI);
  events = settings.events === null ? null : new URL(settings.events, document.baseURI);
};

/** A refusal of the server, as a sentence for people. */
export class ApiError extends Error {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;

  constructor(status: number, body: Readonly<Record<string, unknown>>) {
    super(sentenceOf(body) ?? `the server answered ${status}`);
    this.status = status;
    this.body = body;
  }
}

const sentenceOf = ({ message, error }: Readonly<Record<string, unknown>>): string | undefined => {
  if (Array.isArray(message)) return message.join('; ');
  return [message, error].find((text) => typeof text === 'string') as string | undefined;
};

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** A path with a query; what is undefined or empty is left out. */
export const withQuery = (path: string, query: Query): string => {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text ? `${path}?${text}` : path;
};

/** A path of the API from its parts, each encoded. */
export const pathOf = (...parts: readonly string[]): string => parts.map(encodeURIComponent).join('/');

const headersOf = (withKey: string | null, body: unknown): Record<string, string> => ({
  accept: 'application/json',
  ...(withKey ? { 'x-api-key': withKey } : {}),
  ...(body === undefined ? {} : { 'content-type': 'application/json' }),
});

/** The answer of the server as it came. Throws an `ApiError` for a refusal, and ends the sign-in when the key is none any more. */
export const call = async (method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> => {
  const used = key.value;
  const response = await fetch(new URL(path, root), {
    method,
    headers: headersOf(used, body),
    body: body === undefined ? null : JSON.stringify(body),
    credentials: 'omit',
    signal: signal ?? null,
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new ApiError(0, { message: 'the server cannot be reached' });
  });
  if (response.ok) return response;
  if (response.status === 401 && key.value === used) signOut();
  throw new ApiError(response.status, await response.json().catch(() => ({})));
};

const json = async <T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> => {
  const text = await (await call(method, path, body, signal)).text();
  return (text ? JSON.parse(text) : undefined) as T;
};

export const get = <T>(path: string, signal?: AbortSignal): Promise<T> => json('GET', path, undefined, signal);
export const post = <T = unknown>(path: string, body?: unknown): Promise<T> => json('POST', path, body);
export const put = <T = unknown>(path: string, body: unknown): Promise<T> => json('PUT', path, body);
export const remove = <T = unknown>(path: string): Promise<T> => json('DELETE', path);

/** Whether a key opens the API; null asks without one. Throws when the server cannot be reached. */
export const opens = async (candidate: string | null): Promise<boolean> => {
  const response = await fetch(new URL('api/server/version', root), {
    headers: headersOf(candidate, undefined),
    credentials: 'omit',
  });
  // A key of one session may be refused here, and opens what it is for.
  return response.status !== 401;
};
