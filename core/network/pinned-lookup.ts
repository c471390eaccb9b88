import { lookup as systemLookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { EgressFailure } from './egress-failure.ts';
import { notPublic } from './egress-policy.ts';

/** An answer of DNS. */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** Resolves a name to all its addresses. */
export type Resolve = (hostname: string) => Promise<readonly ResolvedAddress[]>;

export const systemResolve: Resolve = (hostname) => systemLookup(hostname, { all: true, verbatim: true });

/**
 * Connections to one host that are opened at the same time share one look-up: the system's resolver has few threads,
 * and a name server that does not answer would take them all.
 */
export const sharedLookups = (resolve: Resolve): Resolve => {
  const underWay = new Map<string, Promise<readonly ResolvedAddress[]>>();
  return (hostname) => {
    const shared = underWay.get(hostname);
    if (shared) return shared;
    const fresh = resolve(hostname).finally(() => underWay.delete(hostname));
    underWay.set(hostname, fresh);
    return fresh;
  };
};

/**
 * A look-up for `net.connect`: resolves, checks every address, and hands over exactly what it checked. Nothing resolves
 * the name again, so an answer that changes afterwards changes nothing. One bad address spoils the whole answer.
 */
export const pinnedLookup =
  (resolve: Resolve, allows: (address: string) => boolean): LookupFunction =>
  (hostname, options, callback) => {
    const fail = (error: Error) => callback(error, '');
    resolve(hostname).then(
      (addresses) => {
        const wanted = addresses.filter(({ family }) => !options.family || options.family === family);
        const [first] = wanted;
        if (first === undefined) return fail(unresolved(hostname));
        if (!addresses.every(({ address }) => allows(address))) return fail(notPublic(hostname));
        if (options.all) return callback(null, [...wanted]);
        callback(null, first.address, first.family);
      },
      () => fail(unresolved(hostname)),
    );
  };

const unresolved = (hostname: string) =>
  new EgressFailure('dns', `the host '${hostname}' cannot be resolved; check the name`);
