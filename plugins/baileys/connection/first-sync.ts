import type { Log } from 'waha-runtime';
import { sentence } from 'waha-runtime';
import type { AuthState } from '../credentials/auth-state.ts';
import type { BaileysSocket } from './socket-options.ts';

/**
 * Without a store the history is not waited for, and with it Baileys leaves out the first sync of the app state, where our
 * own name is. So that one collection is fetched here, when the phone has handed over its key.
 */
export const syncNameOnce = (sock: BaileysSocket, auth: AuthState, log: Log): void => {
  sock.ev.on('creds.update', ({ myAppStateKeyId }) => {
    if (!myAppStateKeyId || auth.creds.accountSyncCounter > 0) return;
    auth.creds.accountSyncCounter = 1;
    auth.saveCredentials().catch(() => undefined);
    sock
      .resyncAppState(['critical_block'], true)
      .catch((error) => log.debug({ err: sentence(error) }, 'the first sync of the app state failed'));
  });
};
