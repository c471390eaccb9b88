import { BufferJSON, proto } from '@whiskeysockets/baileys';
import type { LabelLink, LibraryMessage, LibraryNews, LidPair, StoredLabel } from 'waha-runtime/engine';
import { numberOf } from '../json-safe.ts';
import { chatIdOf } from '../messages/ids.ts';
import { pairOf } from '../messages/stored-message.ts';
import { aboutChat, historyMessage } from '../store/history/conversation.ts';

/** Rows of a store as another server kept them: what Baileys gave it, as JSON. */
export interface BaileysLibrary {
  readonly messages?: readonly unknown[];
  readonly chats?: readonly unknown[];
  readonly contacts?: readonly unknown[];
  readonly lids?: readonly unknown[];
  readonly labels?: readonly unknown[];
  /** `{ labelId, chatId, messageId? }` */
  readonly labelled?: readonly unknown[];
}

type Row = Readonly<Record<string, unknown>>;
type Contact = NonNullable<LibraryNews['contacts']>[number];
type Chat = NonNullable<LibraryNews['chats']>[number];

/** What becomes known by such rows. A row that cannot be read is left out: it would have been of no use there, either. */
export const acceptLibrary = (library: unknown): LibraryNews => {
  const of = (library ?? {}) as BaileysLibrary;
  const chats = each(of.chats, chatIn);
  const contacts = each(of.contacts, contactIn);
  return {
    messages: each(of.messages, messageIn),
    chats: chats.flatMap((about) => about.chats),
    contacts: [...chats.flatMap((about) => about.contacts), ...contacts.flatMap(({ contact }) => contact)],
    lids: [
      ...chats.flatMap(({ lids }) => lids),
      ...contacts.flatMap(({ lids }) => lids),
      ...each(of.lids, pairIn).flat(),
    ],
    labels: each(of.labels, labelIn),
    labelled: each(of.labelled, linkIn),
  };
};

const each = <T>(rows: unknown, read: (row: Row) => T | null): T[] => {
  if (!Array.isArray(rows)) return [];
  return rows.flatMap((row) => {
    try {
      const found = typeof row === 'object' && row !== null ? read(row as Row) : null;
      return found === null ? [] : [found];
    } catch {
      return [];
    }
  });
};

const revived = (value: unknown): Row => JSON.parse(JSON.stringify(value), BufferJSON.reviver) as Row;

const messageIn = (row: Row): LibraryMessage | null => {
  const raw = proto.WebMessageInfo.fromObject(revived(row));
  const message = proto.WebMessageInfo.encode(raw).finish();
  // As one entry of a history: field 1 is the message.
  const entry = proto.HistorySyncMsg.encode({ message: proto.WebMessageInfo.decode(message) }).finish();
  const chat = raw.key?.remoteJid ?? '';
  return chat === '' ? null : historyMessage(entry, chat, 0);
};

const chatIn = (
  row: Row,
): { chats: readonly Chat[]; contacts: readonly Contact[]; lids: readonly LidPair[] } | null => {
  if (typeof row['id'] !== 'string' || row['id'] === '') return null;
  const { messages: _, ...about } = revived(row);
  const conversation = proto.Conversation.fromObject(about);
  return aboutChat(conversation as typeof conversation & { id: string }, true);
};

const contactIn = (row: Row): { contact: Contact[]; lids: LidPair[] } | null => {
  const { id, lid, phoneNumber, name, notify, verifiedName } = row;
  if (typeof id !== 'string' || !/@(?:s\.whatsapp\.net|c\.us|lid)$/.test(id)) return null;
  const contact = {
    id: chatIdOf(id),
    ...(text(name) ? { name: text(name) } : {}),
    ...(text(notify) ? { pushName: text(notify) } : {}),
    ...(text(verifiedName) ? { verifiedName: text(verifiedName) } : {}),
  };
  const lids = [...pairOf(id, text(lid)), ...pairOf(id, withServer(text(phoneNumber)))];
  return { contact: [contact], lids };
};

const pairIn = ({ lid, pn }: Row): LidPair[] => pairOf(withServer(text(lid), 'lid'), withServer(text(pn)));

const labelIn = ({ id, name, color, deleted }: Row): StoredLabel | null =>
  text(id) && deleted !== true ? { id: String(id), name: text(name) ?? '', color: numberOf(color as number) } : null;

const linkIn = ({ labelId, chatId, messageId }: Row): LabelLink | null => {
  const [label, chat, message] = [text(labelId), text(chatId), text(messageId)];
  if (!label || !chat) return null;
  return { labelId: label, chatId: chatIdOf(chat), ...(message ? { messageId: message } : {}) };
};

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

const withServer = (id: string | null, server = 's.whatsapp.net'): string | null =>
  id === null || id.includes('@') ? id : `${id}@${server}`;
