import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { forbidden, RuntimeError } from '../errors.ts';

/** Whom a server without a key still believes. */
export interface KeylessOptions {
  /** Names that the server may be called by, besides `localhost` and IP addresses. */
  readonly hosts: readonly string[];
  /** Origins of pages that may call it, such as `https://crm.example`. */
  readonly origins: readonly string[];
}

/**
 * Refuses what a browser sends on behalf of another site, for servers without a key. Everything on this machine may call
 * such a server, and every page that its user opens runs on this machine. A page gives itself away by `Origin` and
 * `Sec-Fetch-Site`; one that points its own name at this address, by `Host`; and a form cannot say `application/json`.
 */
export const keylessCheck = ({ hosts, origins }: KeylessOptions): ((request: IncomingMessage) => void) => {
  const named = new Set(hosts.map((name) => name.toLowerCase()));
  return ({ headers, method = 'GET' }) => {
    const host = hostOf(headers.host);
    if (host !== null && host !== 'localhost' && !isIP(host) && !named.has(host)) {
      throw forbidden(
        `the server is not called '${host.slice(0, 100)}'; list the name in allowedHosts, or set an apiKey`,
      );
    }
    const { origin } = headers;
    const isOwn =
      origin === undefined ? !isCrossSite(headers) : isSame(origin, headers.host) || origins.includes(origin);
    if (!isOwn) throw forbidden('pages of other sites may not call a server without a key');
    const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
    if (method !== 'GET' && method !== 'HEAD' && hasBody) demandType(headers['content-type']);
  };
};

const isCrossSite = (headers: IncomingMessage['headers']): boolean => {
  const site = headers['sec-fetch-site'];
  return site === 'cross-site' || site === 'same-site';
};

/** Without the port, and without the brackets of an IPv6 address. */
const hostOf = (header: string | undefined): string | null => {
  if (header === undefined || !URL.canParse(`http://${header}`))
    return header === undefined ? null : header.toLowerCase();
  return new URL(`http://${header}`).hostname.replace(/^\[|\]$/g, '').toLowerCase();
};

const isSame = (origin: string, host: string | undefined): boolean =>
  URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();

const demandType = (contentType = ''): void => {
  const [type = ''] = contentType.split(';', 1);
  if (!['application/json', 'multipart/form-data'].includes(type.trim().toLowerCase())) {
    throw new RuntimeError('UNSUPPORTED_MEDIA_TYPE', 'the body needs Content-Type: application/json');
  }
};
