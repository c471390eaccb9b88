import type { Client, MeInfo } from 'waha-runtime';
import type { AccountSide } from '../connection/account-side.ts';
import type { BaileysSocket } from '../connection/socket-options.ts';
import type { Memory } from '../store/memory.ts';
import { BaileysAddressBook } from './address-book.ts';
import { BaileysCalls } from './calls.ts';
import { BaileysChatStates } from './chat-states.ts';
import type { Outgoing } from './outgoing.ts';
import { BaileysPictures } from './pictures.ts';
import { BaileysProfile } from './profile.ts';

export interface AccountParts {
  readonly session: string;
  readonly sock: BaileysSocket;
  readonly outgoing: Outgoing;
  readonly history: Memory;
  readonly account: AccountSide;
  readonly now: () => number;
  me(): MeInfo | null;
}

/** What can be done to the account itself, its contacts, its chats and its calls. */
export const accountCapabilities = (
  parts: AccountParts,
): Pick<Client, 'profile' | 'addressBook' | 'chatStates' | 'calls'> & { readonly pictures: BaileysPictures } => {
  const { session, sock, outgoing, history, account, now, me } = parts;
  const pictures = new BaileysPictures(sock, { outgoing, now, names: account.names });
  const archived = account.archive.changed.bind(account.archive);
  return {
    profile: new BaileysProfile({ session, outgoing, pictures, me }),
    pictures,
    addressBook: new BaileysAddressBook(outgoing, history),
    chatStates: new BaileysChatStates({ outgoing, history, now, archived }),
    calls: new BaileysCalls({ outgoing, incoming: account.calls, names: account.names }),
  };
};
