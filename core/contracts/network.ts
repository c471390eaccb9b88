import { type Static, Type } from 'typebox';
import { named } from './schema.ts';

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

const schemes = new Set(['http:', 'https:', 'socks:', 'socks4:', 'socks4a:', 'socks5:', 'socks5h:']);

/**
 * Reads a proxy config. Throws a TypeError that names the fault and never the credentials.
 */
export const proxyAddress = (config: ProxyConfig): ProxyAddress => {
  const text = config.server.includes('://') ? config.server : `http://${config.server}`;
  if (!URL.canParse(text)) throw new TypeError('proxy.server must be host:port or a URL');
  const url = new URL(text);
  if (!schemes.has(url.protocol)) throw new TypeError(`proxy.server: '${url.protocol}//' is no proxy scheme`);
  if (config.username !== undefined) url.username = encodeURIComponent(config.username);
  if (config.password !== undefined) url.password = encodeURIComponent(config.password);
  return { url: url.href, label: `${url.protocol}//${url.host}` };
};
