import { setImmediate } from 'node:timers/promises';

/**
 * The mapped items, as by `Array.map`: after every so many of them (250) the event loop gets its turn, so that a long list keeps nobody
 * else waiting. `map` may return promises: those of one turn are under way at the same time.
 */
export const mapInTurns = async <T, U>(
  items: readonly T[],
  map: (item: T) => U | PromiseLike<U>,
  atOnce = 250,
): Promise<U[]> => {
  const mapped: U[] = [];
  for (let at = 0; at < items.length; at += atOnce) {
    if (at > 0) await setImmediate();
    mapped.push(...(await Promise.all(items.slice(at, at + atOnce).map((item) => map(item)))));
  }
  return mapped;
};
