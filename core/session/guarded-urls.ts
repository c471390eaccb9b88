import type { LookupFunction } from 'node:net';
import type { LoadedConfig } from '../config/schema.ts';
import { type ProxyAddress, type ProxyConfig, proxyAddress } from '../contracts/network.ts';
import type { SessionConfig } from '../contracts/session-config.ts';
import { badRequest, configInvalid, sentence } from '../errors.ts';

/** Why a URL is refused before any look-up, as a sentence, or null. */
export type UrlRefusal = (url: string) => string | null;

/** What the URLs of a session are held against. */
export interface UrlRules {
  readonly refusal?: UrlRefusal;
  /** Whether anything delivers the webhooks of sessions. */
  readonly delivers?: () => boolean;
}

/**
 * Throws `BAD_REQUEST` for webhooks and a proxy that the network guard would never let out, or that cannot be read, and for webhooks that nothing
 * would deliver.
 */
export const refuseUrls = (config: SessionConfig, { refusal = () => null, delivers = () => true }: UrlRules): void => {
  if (config.webhooks && config.webhooks.length > 0 && !delivers()) {
    throw badRequest('config.webhooks: no plugin delivers webhooks: add `- use: webhook` to the plugins of the YAML');
  }
  const refused = refusedUrls(config, refusal).map(({ path, why }) => `config.${path.join('.')}: ${why}`);
  if (refused.length > 0) throw badRequest(...refused);
};

/** The same for the sessions that the YAML declares. Throws `CONFIG_INVALID` with the line of each. */
export const refuseDeclared = (config: LoadedConfig, refusal: UrlRefusal): void => {
  const faults = declaredFaults(config, refusal);
  if (faults.length > 0) throw configInvalid(...faults);
};

/** What `refuseDeclared` throws for, one line per fault. */
export const declaredFaults = ({ value, at }: LoadedConfig, refusal: UrlRefusal): string[] =>
  value.sessions.flatMap(({ config }, session) =>
    refusedUrls(config ?? {}, refusal).map(
      ({ path, why }) => `${at(['sessions', session, 'config', ...path])}: ${why}`,
    ),
  );

interface RefusedUrl {
  readonly path: readonly (string | number)[];
  readonly why: string;
}

const refusedUrls = ({ webhooks, proxy }: SessionConfig, refusal: UrlRefusal): RefusedUrl[] => {
  const refused = (webhooks ?? []).flatMap(({ url }, index) => {
    const why = refusal(url);
    return why === null ? [] : [{ path: ['webhooks', index, 'url'], why }];
  });
  const why = proxy ? proxyRefusal(proxy, refusal) : null;
  return why === null ? refused : [...refused, { path: ['proxy', 'server'], why }];
};

/** Why a session's own proxy cannot be used, or null. */
const proxyRefusal = (proxy: ProxyConfig, refusal: UrlRefusal): string | null => {
  if (proxy.server.trim() === '') return null;
  try {
    return refusal(hostUrl(proxyAddress(proxy)));
  } catch (error) {
    return sentence(error).replace(/^proxy\.server:? /, '');
  }
};

/** The proxy's host as the network guard reads hosts, whatever the proxy's own scheme is. */
const hostUrl = ({ label }: ProxyAddress): string => `http://${label.slice(label.indexOf('://') + 3)}`;

/** A session's own proxy, with the guard's look-up. Throws for one that cannot be read, or is refused. */
export const guardedProxy = (proxy: ProxyConfig, guard: ProxyGuard): ProxyAddress => {
  const address = proxyAddress(proxy);
  const url = hostUrl(address);
  const why = guard.refusal(url);
  if (why !== null) throw new TypeError(why);
  return { ...address, lookup: guard.lookupFor?.(url) };
};

/** The network guard as far as proxies need it. */
export interface ProxyGuard {
  refusal(url: string): string | null;
  lookupFor?: ((url: string) => LookupFunction) | undefined;
}
