import { addTransactionCapability, type SignalKeyStore } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import { deferred } from '../../../../plugins/baileys/deferred.ts';
import { boundedLocks } from '../../../../plugins/baileys/repairs/bounded-locks.ts';
import { quietLogger as quiet } from '../quiet-logger.ts';

const store: SignalKeyStore = { get: async () => ({}), set: async () => undefined };
const me = '4915200003001@s.whatsapp.net';

/** The transactions of a socket, Baileys' own, with the repair around them unless `limitMs` is absent. */
const keysWith = (limitMs?: number) => {
  const keys = addTransactionCapability(store, quiet, { maxCommitRetries: 1, delayBetweenTriesMs: 0 });
  if (limitMs !== undefined)
    boundedLocks(limitMs, () => ({}) as never)({ creds: { me: { id: me } }, keys } as never, quiet);
  return keys;
};

describe('locks', () => {
  it('of the app state and of sending are two', async () => {
    const keys = keysWith(60_000);
    const answer = deferred();
    const sync = keys.transaction(async () => {
      await keys.get('app-state-sync-version', ['regular']);
      await answer.promise;
    }, me);
    expect(await keys.transaction(async () => 'sent', me)).toBe('sent');
    answer.resolve();
    await sync;
  });

  it('are waited for no longer than the limit, and what gave up does not begin', async () => {
    const keys = keysWith(20);
    const answer = deferred();
    const slow = keys.transaction(() => answer.promise, me);
    let begun = false;
    const waiting = keys.transaction(async () => {
      begun = true;
    }, me);
    await expect(waiting).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    answer.resolve();
    await slow;
    expect(await keys.transaction(async () => 'after', me)).toBe('after');
    expect(begun).toBe(false);
  });

  it('are taken as ever within a transaction', async () => {
    const keys = keysWith(60_000);
    const nested = keys.transaction(() => keys.transaction(async () => keys.isInTransaction(), 'other'), me);
    expect(await nested).toBe(true);
  });
});
