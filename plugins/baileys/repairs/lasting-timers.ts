import type { SignalKeyStoreWithTransaction, UserFacingSocketConfig } from '@whiskeysockets/baileys';
import { isOwnLock } from '../credentials/own-locks.ts';

type MakeRepository = NonNullable<UserFacingSocketConfig['makeSignalRepository']>;

/** Baileys' limit for an upload of one-time keys (`UPLOAD_TIMEOUT`). */
const UPLOAD_MS = 30_000;

/**
 * Baileys limits an upload of one-time keys with a timer that it never takes back (`uploadPreKeys` in its `socket.js`): for 30 s
 * it keeps the process alive, and the socket in memory. The transaction that makes the keys is opened in the turn that
 * sets the timer, so in that turn a timer of this length keeps nothing alive.
 */
export const shortLivedUploads =
  (make: MakeRepository): MakeRepository =>
  (state, logger, findLids) => {
    const keys = state.keys as SignalKeyStoreWithTransaction;
    const transaction = keys.transaction.bind(keys);
    keys.transaction = (work, lock) => {
      if (isOwnLock(state.creds, lock) && work.toString().includes('getNextPreKeysNode')) loosenTimers();
      return transaction(work, lock);
    };
    return make(state, logger, findLids);
  };

const loosenTimers = (): void => {
  const original = globalThis.setTimeout;
  const loose = ((call: () => void, milliseconds?: number, ...args: []) => {
    const timer = original(call, milliseconds, ...args);
    return milliseconds === UPLOAD_MS ? timer.unref() : timer;
  }) as typeof setTimeout;
  globalThis.setTimeout = Object.assign(loose, original);
  queueMicrotask(() => {
    if (globalThis.setTimeout === loose) globalThis.setTimeout = original;
  });
};
