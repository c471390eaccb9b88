import type { SignalKeyStoreWithTransaction, UserFacingSocketConfig } from '@whiskeysockets/baileys';
import { unavailable } from 'waha-runtime';
import { isOwnLock } from '../credentials/own-locks.ts';

type MakeRepository = NonNullable<UserFacingSocketConfig['makeSignalRepository']>;
type Work = () => Promise<unknown>;

const APP_STATE = 'app-state';

/**
 * Baileys syncs the app state (archives, names, labels) in a transaction with the lock of sending, and asks the server in it:
 * while that is silent no message leaves. What the app state changes nobody else does (`app-state-sync-version`), so it gets
 * a lock of its own here. It is known by its source text, for Baileys gives both locks the same name.
 *
 * Whoever waits for a lock for `limitMs` gives up with `UNAVAILABLE`, and does not begin any more.
 */
export const boundedLocks =
  (limitMs: number, make: MakeRepository): MakeRepository =>
  (state, logger, findLids) => {
    const keys = state.keys as SignalKeyStoreWithTransaction;
    const transaction = keys.transaction.bind(keys);
    keys.transaction = (work, lock) => {
      if (keys.isInTransaction()) return transaction(work, lock);
      const name = isOwnLock(state.creds, lock) && isAppState(work) ? APP_STATE : lock;
      return entered(limitMs, work, (begun) => transaction(begun, name));
    };
    return make(state, logger, findLids);
  };

const isAppState = (work: Work): boolean => work.toString().includes('app-state-sync-version');

const entered = <T>(
  limitMs: number,
  work: () => Promise<T>,
  run: (begun: () => Promise<T>) => Promise<T>,
): Promise<T> =>
  new Promise<T>((resolve, reject) => {
    const gaveUp = () => unavailable(`the session was busy for ${limitMs} ms`);
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      reject(gaveUp());
    }, limitMs);
    const begun = async (): Promise<T> => {
      clearTimeout(timer);
      if (isLate) throw gaveUp();
      return work();
    };
    run(begun).then(resolve, reject);
  });
