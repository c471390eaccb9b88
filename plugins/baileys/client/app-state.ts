import { unavailable } from 'waha-runtime';
import { deferred, within } from '../deferred.ts';
import { type AppStateSocket, timelyChanges } from '../repairs/app-state-changes.ts';
import type { Requests } from '../socket/requests.ts';
import type { BaileysSocket } from '../socket/socket.ts';

const KEY_PATIENCE_MS = 10_000;
const TRIES = 3;
const CONFLICT = 409;

/**
 * Changes what the phone and its linked devices share: chats, contacts, labels, the push name. It takes a key that the phone hands
 * over a moment after linking, which is waited for. When another device was faster, it is done again on what that one made.
 *
 * `UNAVAILABLE` when that is not done within the time of a query, whatever else waits for WhatsApp; it is not done later, then.
 */
export const changeAppState = (
  requests: Requests,
  what: string,
  change: (sock: AppStateSocket) => Promise<void>,
): Promise<void> =>
  requests.call(what, (sock) =>
    inTime(requests.timeoutMs, async (signal) => {
      await keyOf(sock, Math.min(KEY_PATIENCE_MS, requests.timeoutMs / 2));
      for (let left = TRIES - 1; ; left--) {
        try {
          return await change(timelyChanges(sock, signal));
        } catch (error) {
          if (left === 0 || (error as { data?: unknown }).data !== CONFLICT) throw error;
        }
      }
    }),
  );

/** Rejects when the time is up, and lets the work know. */
const inTime = <T>(timeoutMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const end = new AbortController();
    const timer = setTimeout(() => {
      end.abort(unavailable('WhatsApp did not answer in time'));
      reject(end.signal.reason);
    }, timeoutMs);
    work(end.signal)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });

const keyOf = async ({ authState, ev }: BaileysSocket, patienceMs: number): Promise<void> => {
  if (authState.creds.myAppStateKeyId) return;
  const handedOver = deferred();
  const listen = ({ myAppStateKeyId }: { myAppStateKeyId?: string | undefined }) => {
    if (myAppStateKeyId) handedOver.resolve();
  };
  ev.on('creds.update', listen);
  const came = await within(patienceMs, handedOver.promise).finally(() => ev.off('creds.update', listen));
  if (!came) throw unavailable('the phone has not handed over the keys for this yet; is it online?');
};
