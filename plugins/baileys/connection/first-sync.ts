import { ALL_WA_PATCH_NAMES } from '@whiskeysockets/baileys';
import type { Log } from 'waha-runtime';
import { sentence } from 'waha-runtime';
import type { AuthState } from '../credentials/auth-state.ts';
import type { BaileysSocket } from './socket-options.ts';

/**
 * Without a store the history is not waited for, and with it Baileys leaves out the first sync of the app state. So it is
 * done here, when the phone has handed over its key: our own name is in it, and what was archived long ago must not come
 * as news with the next change.
 */
export const syncOnce = (sock: BaileysSocket, auth: AuthState, log: Log): void => {
  sock.ev.on('creds.update', ({ myAppStateKeyId }) => {
    if (!myAppStateKeyId || auth.creds.accountSyncCounter > 0) return;
    auth.creds.accountSyncCounter = 1;
    auth.saveCredentials().catch(() => undefined);
    sock
      .resyncAppState(ALL_WA_PATCH_NAMES, true)
      .catch((error) => log.debug({ err: sentence(error) }, 'the first sync of the app state failed'));
  });
};
