import type { LookupFunction } from 'node:net';
import type { Writable } from 'node:stream';
import { named, type Static, Type } from './schema.ts';

/** A proxy as WAHA's session config has it. `server` is `host:port`, or a URL whose scheme says the kind. */
export const ProxyConfig = named(
  'ProxyConfig',
  Type.Object({
    server: Type.String({
      minLength: 1,
      description: 'host:port, or a URL: http://, https://, socks4://, socks5://',
      examples: ['localhost:3128', 'socks5://10.0.0.1:1080'],
    }),
    username: Type.Optional(Type.String()),
    password: Type.Optional(Type.String({ writeOnly: true, 'x-secret': true })),
  }),
);
export type ProxyConfig = Static<typeof ProxyConfig>;

/** Where a session's connection goes through. */
export interface ProxyAddress {
  /** Full URL, credentials included: never log it. */
  readonly url: string;
  /** The same without credentials, for logs and errors. */
  readonly label: string;
  /** Resolves the proxy's host and refuses addresses that are not allowed; absent for the operator's own proxies. */
  readonly lookup?: LookupFunction | undefined;
}

/** Chooses the proxy of a session. Provided by the proxy plugin; a session's own proxy works without it. */
export interface Proxies {
  /** The proxy for this session, or null for a direct connection. `own` is the session's own config. */
  choose(session: string, own: ProxyConfig | undefined): ProxyAddress | null;
}

/** A server that speaks WhatsApp's wire protocol in place of WhatsApp itself. */
export interface WhatsAppEndpoint {
  /** `ws:` or `wss:` URL of the websocket. */
  readonly url: string;
  /** The root of the Noise certificate chain: the raw 32-byte public key in hex. */
  readonly rootKey: string;
  /** PEM of the authority behind its TLS certificates (media, and the websocket when `wss:`). */
  readonly ca?: string;
}

const schemes = new Set(['http', 'https', 'socks', 'socks4', 'socks4a', 'socks5', 'socks5h']);

/**
 * Reads a proxy config. Credentials that stand in the URL are percent-decoded when that is what they are, and else taken as they are
 * written. Throws a TypeError that names the fault and never the credentials.
 */
export const proxyAddress = (config: ProxyConfig): ProxyAddress => {
  const server = config.server.trim();
  if (/[\p{Cc}\s]/u.test(server)) throw new TypeError('proxy.server must be host:port or a URL, without spaces');
  const begin = server.indexOf('://');
  const scheme = begin < 0 ? 'http' : server.slice(0, begin).toLowerCase();
  if (!schemes.has(scheme)) throw new TypeError(`proxy.server: '${scheme.slice(0, 20)}://' is no proxy scheme`);
  const rest = begin < 0 ? server : server.slice(begin + 3);
  const at = rest.lastIndexOf('@');
  const written = at < 0 ? [] : splitOnce(rest.slice(0, at));
  const text = `${scheme}://${rest.slice(at + 1)}`;
  if (!URL.canParse(text) || !isHostName(new URL(text).hostname))
    throw new TypeError('proxy.server must be host:port or a URL');
  const url = new URL(text);
  const label = `${url.protocol}//${url.host}`;
  url.username = encoded(config.username ?? decoded(written[0]));
  url.password = encoded(config.password ?? decoded(written[1]));
  return { url: url.href, label };
};

/** Whether it can be one: no name in DNS is longer, and none of its parts (RFC 1035, 2.3.4). */
const isHostName = (name: string): boolean =>
  name.length > 0 && name.length <= 253 && name.split('.').every((part) => part.length <= 63);

const splitOnce = (login: string): string[] => {
  const colon = login.indexOf(':');
  return colon < 0 ? [login] : [login.slice(0, colon), login.slice(colon + 1)];
};

const encoded = (text: string): string => encodeURIComponent(text.toWellFormed());

/** A per cent sign that encodes nothing stands for itself. */
const decoded = (text = ''): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** Why a request through the guard failed. Only `refused` is a decision of ours; the rest is the network's. */
export const egressFaults = [
  'refused',
  'dns',
  'connect',
  'tls',
  'timeout',
  'reset',
  'too_large',
  'bad_answer',
  'aborted',
] as const;
export type EgressFault = (typeof egressFaults)[number];

/** What `Egress.request` rejects with. The message says what to do; it names no address and quotes no answer. */
export interface EgressError extends Error {
  readonly fault: EgressFault;
}

/** The mark on every egress error, the same in two installed copies of the runtime. */
export const egressBrand: unique symbol = Symbol.for('waha:egress-error') as never;

/** True for a rejection of `Egress.request`, of this fault when one is given. */
export const isEgressError = (error: unknown, fault?: EgressFault): error is EgressError =>
  error instanceof Error &&
  egressBrand in error &&
  (fault === undefined || ('fault' in error && error.fault === fault));

export interface EgressRequest {
  /** `http:` or `https:`, no credentials in it. */
  readonly url: string;
  /** `GET` when absent. */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Everything from the look-up to the last byte of the answer; 30 s when absent. */
  readonly timeoutMs?: number;
  /** How much of the answer's body is taken; 1 MiB when absent. More is the fault `too_large`. */
  readonly maxBytes?: number;
  /**
   * Where the body of a 2xx answer is written instead of into `body`, at the pace at which it takes it. It is not ended.
   * The body of any other answer is thrown away.
   */
  readonly into?: Writable;
  /** The status is all that matters: the body is thrown away, and what goes wrong after the head is no failure. */
  readonly headOnly?: boolean;
  /** False takes any certificate: for self-signed receivers that the user chose to trust. */
  readonly verifyTls?: boolean;
  /** The URL stands in the operator's own YAML, so private addresses are what it says. Metadata services stay refused. */
  readonly trusted?: boolean;
  /** It may be sent twice: a kept-alive connection that died under it is replaced once, at once. True for GET and HEAD. */
  readonly repeatable?: boolean;
  readonly signal?: AbortSignal;
}

export interface EgressResponse {
  /** Any status but 1xx: redirects are answers, nobody follows them. */
  readonly status: number;
  /** Names in lower case; repeated ones joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** Empty with `headOnly` and with `into`. */
  readonly body: Uint8Array;
}

/**
 * The one way out for URLs that users give. Resolves a host once, refuses what is not public unless the YAML allows it,
 * and connects to the very address that it checked.
 */
export interface Egress {
  /** Resolves with any answer; rejects with an `EgressError`. */
  request(request: EgressRequest): Promise<EgressResponse>;
  /** Why this URL is refused before any look-up, as a sentence, or null. */
  refusal(url: string, options?: { readonly trusted?: boolean }): string | null;
}
