import { type Proxies, type ProxyAddress, proxyAddress } from 'waha-runtime';
import type { ProxyPool } from './config.ts';

/**
 * A session's own proxy, else the one for all, else one of the list: by the number in the session's name, or in turn.
 * What a session got it keeps while the process runs, so that a reconnect does not come from elsewhere.
 */
export const chooseFrom = ({ server, list, indexPrefix }: ProxyPool): Proxies => {
  const given = new Map<string, ProxyAddress>();
  let turn = 0;
  const inTurn = (session: string): ProxyAddress | null => {
    const known = given.get(session);
    if (known) return known;
    const next = list[turn % list.length];
    if (next === undefined) return null;
    turn += 1;
    given.set(session, next);
    return next;
  };
  return {
    choose(session, own) {
      if (own !== undefined && own.server.trim() !== '') return proxyAddress(own);
      if (server !== null) return server;
      const number = numberIn(session, indexPrefix);
      return number === null ? inTurn(session) : (list[number % list.length] ?? null);
    },
  };
};

/** The number right behind the prefix, or null. */
const numberIn = (session: string, prefix: string): number | null => {
  const at = prefix === '' ? -1 : session.lastIndexOf(prefix);
  if (at === -1) return null;
  const digits = /^\d{1,15}/.exec(session.slice(at + prefix.length))?.[0];
  return digits === undefined ? null : Number(digits);
};
