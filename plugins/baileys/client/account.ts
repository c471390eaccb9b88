import type { Client, MeInfo } from 'waha-runtime';
import type { Directory } from '../identity/directory.ts';
import type { GroupServer } from '../identity/groups/queries.ts';
import type { AccountEvents } from '../inbound/account-events.ts';
import type { Requests } from '../socket/requests.ts';
import type { BaileysSocket } from '../socket/socket.ts';
import type { MessageStore } from '../store/message-store.ts';
import { BaileysAddressBook } from './address-book.ts';
import { BaileysCalls } from './calls.ts';
import { BaileysChatStates } from './chat-states.ts';
import { BaileysGroups } from './groups/groups.ts';
import { BaileysLabels } from './labels.ts';
import { BaileysPictures } from './pictures.ts';
import { BaileysProfile } from './profile.ts';

export interface AccountOptions {
  readonly directory: Directory;
  readonly groupServer: GroupServer;
  rotateGroupKey(group: string): void;
  readonly session: string;
  readonly sock: BaileysSocket;
  readonly requests: Requests;
  readonly messageStore: MessageStore;
  readonly account: AccountEvents;
  readonly now: () => number;
  me(): MeInfo | null;
}

/** What can be done to the account itself, its contacts, its chats, its labels, groups and calls. */
export const accountCapabilities = (
  options: AccountOptions,
): Pick<Client, 'profile' | 'addressBook' | 'chatStates' | 'calls' | 'labels' | 'groups'> & {
  readonly pictures: BaileysPictures;
} => {
  const { directory, session, sock, requests, messageStore, account, now, me } = options;
  const { numbers, people } = directory;
  const pictures = new BaileysPictures(sock, { requests, now, numbers, names: account.names });
  const archived = account.archive.changed.bind(account.archive);
  return {
    profile: new BaileysProfile({ session, requests, pictures, people, me }),
    pictures,
    addressBook: new BaileysAddressBook(requests, messageStore, numbers),
    chatStates: new BaileysChatStates({ requests, messageStore, numbers, now, archived }),
    labels: new BaileysLabels({ requests, messageStore, numbers, people, book: account.labels }),
    groups: new BaileysGroups({ ...options, groups: directory.groups, numbers, pictures, names: account.names }),
    calls: new BaileysCalls({ requests, numbers, incoming: account.calls, names: account.names }),
  };
};
