import {
  chatModificationToAppPatch,
  encodeSyncdPatch,
  ensureLTHashStateVersion,
  newLTHashState,
  proto,
  S_WHATSAPP_NET,
} from '@whiskeysockets/baileys';
import { SerialQueue, unavailable } from 'waha-runtime';
import type { BaileysSocket } from '../socket/socket.ts';

type AppPatch = Parameters<BaileysSocket['appPatch']>[0];

/** Baileys' own ways to change the app state, and what those that change something need besides. */
export type AppStateSocket = Pick<BaileysSocket, 'appPatch' | 'chatModify' | 'authState' | 'ev'>;

const queues = new WeakMap<BaileysSocket, SerialQueue>();

/**
 * The app state takes one change after the other. Baileys lets each wait for as long as all before it take, and makes it then
 * although nobody waits for it any more. Here nothing of a change is written once `signal` has fired: whoever was told that it
 * failed may ask again, or do the opposite.
 */
export const timelyChanges = (sock: BaileysSocket, signal: AbortSignal): AppStateSocket => {
  const queue = queues.get(sock) ?? new SerialQueue();
  queues.set(sock, queue);
  const appPatch = (patch: AppPatch): Promise<void> =>
    queue.run(async () => {
      signal.throwIfAborted();
      await sock.authState.keys.transaction(() => makeChange(sock, patch, signal), APP_STATE);
    });
  const chatModify: AppStateSocket['chatModify'] = (change, jid) => appPatch(chatModificationToAppPatch(change, jid));
  return { appPatch, chatModify, authState: sock.authState, ev: sock.ev };
};

/** The lock of the app state: `bounded-locks.ts` knows work on `app-state-sync-version` by its text. */
const APP_STATE = 'app-state';

const makeChange = async (sock: BaileysSocket, patch: AppPatch, signal: AbortSignal): Promise<void> => {
  const { keys, creds } = sock.authState;
  const name = patch.type;
  await sock.resyncAppState([name], false);
  signal.throwIfAborted();
  const { [name]: known } = await keys.get('app-state-sync-version', [name]);
  const before = known ? ensureLTHashStateVersion(known) : newLTHashState();
  const keyOf = async (id: string) => (await keys.get('app-state-sync-key', [id]))[id];
  const made = await encodeSyncdPatch(patch, creds.myAppStateKeyId ?? '', before, keyOf);
  const content = proto.SyncdPatch.encode(made.patch).finish();
  const attrs = { name, version: String(made.state.version - 1), return_snapshot: 'false' };
  const collection = { tag: 'collection', attrs, content: [{ tag: 'patch', attrs: {}, content }] };
  signal.throwIfAborted();
  const answer = await sock.query({
    tag: 'iq',
    attrs: { to: S_WHATSAPP_NET, type: 'set', xmlns: 'w:sync:app:state' },
    content: [{ tag: 'sync', attrs: {}, content: [collection] }],
  });
  if (!answer) throw unavailable('WhatsApp did not answer in time');
  await keys.set({ 'app-state-sync-version': { [name]: made.state } });
};
