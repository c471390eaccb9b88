import type { SignalKeyStoreWithTransaction } from '@whiskeysockets/baileys';

const counts = new WeakMap<object, () => number>();

/**
 * How many of Baileys' transactions on these keys are under way. What goes without one asks before: it may be about the same
 * session, and a transaction reads a key once and writes it at its end.
 */
export const transactionsUnderWay = (keys: SignalKeyStoreWithTransaction): (() => number) => {
  const known = counts.get(keys);
  if (known) return known;
  const { transaction } = keys;
  let count = 0;
  keys.transaction = (work, lock) => {
    count += 1;
    return transaction(work, lock).finally(() => {
      count -= 1;
    });
  };
  const underWay = () => count;
  counts.set(keys, underWay);
  return underWay;
};
