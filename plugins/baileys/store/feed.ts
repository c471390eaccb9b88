import type { BaileysEventMap, Contact } from '@whiskeysockets/baileys';
import type { LibraryNews } from 'waha-runtime/engine';
import { numberOf } from '../json-safe.ts';
import { chatIdOf } from '../messages/ids.ts';
import { pairOf } from '../messages/stored-message.ts';
import type { BaileysSocket } from '../socket/socket.ts';
import type { MessageStore } from './message-store.ts';

const READ = 4;

/** Puts what Baileys tells of chats, contacts and names into the store. Messages and labels come by their own ways. */
export const feedStore = ({ ev }: BaileysSocket, messageStore: MessageStore): void => {
  ev.on('messages.delete', (what) => {
    if ('keys' in what) for (const key of what.keys) void messageStore.remove(key);
  });
  if (!messageStore.library) return;
  const learn = (news: LibraryNews): void => void messageStore.learn(news);
  ev.on('chats.upsert', (chats) => learn({ chats: chats.flatMap(chatNews) }));
  ev.on('chats.update', (chats) => void messageStore.chatsChanged(chats.flatMap(chatNews)));
  ev.on('chats.delete', (jids) => learn({ removedChats: jids.map(chatIdOf), live: true }));
  ev.on('contacts.upsert', (contacts) => learn(contactNews(contacts)));
  // What people call themselves comes with their messages, and is stored with them.
  ev.on('contacts.update', (contacts) => learn(contactNews(contacts.map(({ notify: _, ...contact }) => contact))));
  ev.on('lid-mapping.update', ({ lid, pn }) => learn({ lids: pairOf(lid, pn) }));
  ev.on('groups.upsert', (groups) => learn({ chats: groups.flatMap(groupNews) }));
  ev.on('groups.update', (groups) => learn({ chats: groups.flatMap(groupNews) }));
  ev.on('messages.update', (updates) => {
    for (const { key, update } of updates) {
      if (update.starred != null) void messageStore.starred(key, update.starred);
      // Read on another device of this account.
      const isRead = !key.fromMe && update.status != null && update.status >= READ;
      if (isRead && key.remoteJid) void messageStore.chatsChanged([{ id: chatIdOf(key.remoteJid), unread: 0 }]);
    }
  });
};

type ChatUpdate = BaileysEventMap['chats.update'][number];
type ChatNews = NonNullable<LibraryNews['chats']>;

/** Baileys tells of new messages here, too; those are counted where they are stored. */
const chatNews = (chat: ChatUpdate): ChatNews => {
  if (!chat.id) return [];
  const { archived, pinned, muteEndTime, unreadCount, name } = chat;
  const news = {
    ...(name ? { name } : {}),
    ...(archived == null ? {} : { archived }),
    ...(pinned === undefined ? {} : { pinned: seconds(pinned) }),
    ...(muteEndTime === undefined ? {} : { mutedUntil: seconds(muteEndTime) }),
    ...(unreadCount === 0 || unreadCount === -1 ? { unread: unreadCount } : {}),
  };
  return Object.keys(news).length > 0 ? [{ id: chatIdOf(chat.id), ...news }] : [];
};

/** WhatsApp gives these in seconds in one place and in milliseconds in another; -1 stays. */
export const seconds = (value: unknown): number => {
  const number = numberOf(value);
  return number > 100_000_000_000 ? Math.floor(number / 1000) : number;
};

/** What is known of people: their names, and who is who. */
const contactNews = (contacts: readonly Partial<Contact>[]): LibraryNews => ({
  lids: contacts.flatMap(({ id, lid, phoneNumber }) => [...pairOf(id, lid), ...pairOf(id, phoneNumber)]),
  contacts: contacts.flatMap(({ id, name, notify, verifiedName }) => {
    if (!id || !/@(s\.whatsapp\.net|c\.us|lid)$/.test(id)) return [];
    const names = {
      ...(name ? { name } : {}),
      ...(notify ? { pushName: notify } : {}),
      ...(verifiedName ? { verifiedName } : {}),
    };
    return Object.keys(names).length > 0 ? [{ id: chatIdOf(id), ...names }] : [];
  }),
});

const groupNews = ({ id, subject }: { id?: string; subject?: string }): ChatNews =>
  id && subject ? [{ id: chatIdOf(id), name: subject }] : [];
