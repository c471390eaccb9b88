import { type Log, sentence } from 'waha-runtime';
import type { WriteGate } from '../credentials/auth-state.ts';
import type { Directory } from '../identity/directory.ts';
import { chatIdOf } from '../messages/ids.ts';
import type { Recent } from '../recent.ts';
import { takeDirtyGroups } from '../repairs/dirty-groups.ts';
import { rotateGroupKey } from '../repairs/group-keys.ts';
import type { BaileysSocket } from '../socket/socket.ts';
import type { MessageStore } from '../store/message-store.ts';
import type { EventQueue } from './event-queue.ts';
import { GroupWatch } from './group-watch.ts';
import type { Publisher } from './publisher.ts';

export interface GroupWiring {
  readonly directory: Directory;
  readonly messageStore: MessageStore;
  readonly publisher: Publisher;
  readonly published: Recent<true>;
  readonly queue: EventQueue;
  readonly gate: WriteGate;
  readonly log: Log;
  ignores(jid: string): boolean;
}

/**
 * Keeps what is known of groups true, and tells of what happens to them. Gives the way to make a new key for our messages in a
 * group.
 */
export const watchGroups = (sock: BaileysSocket, wiring: GroupWiring): ((group: string) => void) => {
  const { directory, messageStore, queue, log } = wiring;
  const { names, groups } = directory;
  // Not awaited: it waits for messages under way, and those may wait for what was read to be published.
  const rotate = (group: string): void => {
    rotateGroupKey(sock, group).catch((error) => log.warn({ group, err: sentence(error) }, 'a group kept its old key'));
  };
  const renamed = (jid: string, name: string) => {
    if (messageStore.library) void messageStore.learn({ chats: [{ id: chatIdOf(jid), name }] });
  };
  new GroupWatch(sock, { ...wiring, names, groups, rotate, renamed, tell: (fact) => queue.pipe(fact) });
  takeDirtyGroups(sock, () => groups.refresh());
  return rotate;
};
