const waiting: (() => void)[] = [];

/**
 * Resolves in a later turn of the event loop, for one caller in each turn: however many pieces of long work there are in the process, other
 * requests wait for one piece, not for one of each.
 */
export const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    if (waiting.push(resolve) === 1) setImmediate(release);
  });

const release = (): void => {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(release);
};

/**
 * The mapped items, as by `Array.map`. A list that is longer than `atOnce` (250) is mapped in pieces, each in a turn of its own, so that it
 * keeps nobody else waiting. `map` may return promises: those of one piece are under way at the same time.
 */
export const mapInTurns = async <T, U>(
  items: readonly T[],
  map: (item: T) => U | PromiseLike<U>,
  atOnce = 250,
): Promise<U[]> => {
  const mapped: U[] = [];
  for (let at = 0; at < items.length; at += atOnce) {
    if (items.length > atOnce) await nextTurn();
    mapped.push(...(await Promise.all(items.slice(at, at + atOnce).map((item) => map(item)))));
  }
  return mapped;
};
