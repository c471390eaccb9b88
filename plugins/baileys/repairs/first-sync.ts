import { ALL_WA_PATCH_NAMES, type BaileysEventMap } from '@whiskeysockets/baileys';
import { type Log, sentence } from 'waha-runtime';
import type { AuthState } from '../credentials/auth-state.ts';
import type { BaileysSocket } from '../socket/socket.ts';

type ChatUpdate = BaileysEventMap['chats.update'][number];

/**
 * Without a store the history is not waited for, and with it Baileys leaves out the first sync of the app state. So it is
 * done here, when the phone has handed over its key: our own name is in it, and what was archived long ago must not come
 * as news with the next change.
 *
 * It is over with WhatsApp's answer. Whatever is read before is how things have been: a notification that comes ahead of the
 * key has Baileys read its collection from the beginning as soon as it can, and take all of it for news.
 */
export const syncOnce = (sock: Pick<BaileysSocket, 'ev' | 'resyncAppState'>, auth: AuthState, log: Log): void => {
  if (auth.creds.accountSyncCounter > 0) return;
  const over = markAsOld(sock);
  let begun = false;
  sock.ev.on('creds.update', ({ myAppStateKeyId }) => {
    if (!myAppStateKeyId || begun) return;
    begun = true;
    auth.creds.accountSyncCounter = Math.max(1, auth.creds.accountSyncCounter);
    auth.saveCredentials().catch(() => undefined);
    sock
      .resyncAppState(ALL_WA_PATCH_NAMES, true)
      .catch((error) => log.debug({ err: sentence(error) }, 'the first sync of the app state failed'))
      .finally(over);
  });
};

/** Has every archived chat told of as Baileys' first sync does, until the returned function is called. */
const markAsOld = ({ ev }: Pick<BaileysSocket, 'ev'>): (() => void) => {
  const emit: typeof ev.emit = ev.emit.bind(ev);
  let isOver = false;
  ev.emit = (event, data) => {
    const marked = event === 'chats.update' && !isOver ? (data as ChatUpdate[]).map(old) : data;
    return emit(event, marked as typeof data);
  };
  return () => {
    isOver = true;
  };
};

/** With a time it comes of a message, and is news. */
const old = (update: ChatUpdate): ChatUpdate =>
  update.archived == null || update.conditional || update.conversationTimestamp != null
    ? update
    : {
        ...update,
        conditional: ({ historySets, chatUpserts }) => isKnown(update.id ?? '', historySets.chats, chatUpserts),
      };

/** As Baileys' `getChatUpdateConditional` answers: undefined lets the update wait for its chat. */
const isKnown = (id: string, ...chats: readonly Readonly<Record<string, unknown>>[]): true | undefined =>
  chats.some((known) => known[id] !== undefined) || undefined;
