import { unavailable } from 'waha-runtime';
import { deferred, within } from '../deferred.ts';
import type { Requests } from '../socket/requests.ts';
import type { BaileysSocket } from '../socket/socket.ts';

const KEY_PATIENCE_MS = 10_000;
const TRIES = 3;
const CONFLICT = 409;

/**
 * Changes what the phone and its linked devices share: chats, contacts, labels, the push name. It takes a key that the phone hands
 * over a moment after linking, which is waited for. When another device was faster, it is done again on what that one made.
 */
export const changeAppState = (
  requests: Requests,
  what: string,
  change: (sock: BaileysSocket) => Promise<void>,
): Promise<void> =>
  requests.call(what, async (sock) => {
    await keyOf(sock);
    for (let left = TRIES - 1; ; left--) {
      try {
        return await change(sock);
      } catch (error) {
        if (left === 0 || (error as { data?: unknown }).data !== CONFLICT) throw error;
      }
    }
  });

const keyOf = async ({ authState, ev }: BaileysSocket): Promise<void> => {
  if (authState.creds.myAppStateKeyId) return;
  const handedOver = deferred();
  const listen = ({ myAppStateKeyId }: { myAppStateKeyId?: string | undefined }) => {
    if (myAppStateKeyId) handedOver.resolve();
  };
  ev.on('creds.update', listen);
  const came = await within(KEY_PATIENCE_MS, handedOver.promise).finally(() => ev.off('creds.update', listen));
  if (!came) throw unavailable('the phone has not handed over the keys for this yet; is it online?');
};
