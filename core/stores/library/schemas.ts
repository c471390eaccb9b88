import { defineCollection, type RowOf } from '../../contracts/storage.ts';

/**
 * Small rows only: one is read and written at every message. `hidden` is 1 for the older of the two chats of one person,
 * so that a page of merged chats is one read of an index.
 */
export const chatsSchema = defineCollection({
  name: 'chats',
  columns: {
    session: { type: 'text' },
    id: { type: 'text' },
    name: { type: 'text', nullable: true },
    timestamp: { type: 'integer' },
    unread: { type: 'integer' },
    archived: { type: 'integer' },
    pinned: { type: 'integer' },
    mutedUntil: { type: 'integer' },
    hidden: { type: 'integer' },
  },
  key: ['session', 'id'],
  indexes: [
    ['session', 'hidden', 'timestamp', 'id'],
    ['session', 'hidden', 'name', 'id'],
    ['session', 'timestamp', 'id'],
  ],
});
export type ChatRow = RowOf<typeof chatsSchema>;

export const contactsSchema = defineCollection({
  name: 'contacts',
  columns: {
    session: { type: 'text' },
    id: { type: 'text' },
    name: { type: 'text', nullable: true },
    pushName: { type: 'text', nullable: true },
    verifiedName: { type: 'text', nullable: true },
  },
  key: ['session', 'id'],
  indexes: [['session', 'name', 'id']],
});
export type ContactRow = RowOf<typeof contactsSchema>;

export const lidsSchema = defineCollection({
  name: 'lids',
  columns: { session: { type: 'text' }, lid: { type: 'text' }, pn: { type: 'text' } },
  key: ['session', 'lid'],
  indexes: [['session', 'pn']],
});
export type LidRow = RowOf<typeof lidsSchema>;

export const labelsSchema = defineCollection({
  name: 'labels',
  columns: { session: { type: 'text' }, id: { type: 'text' }, name: { type: 'text' }, color: { type: 'integer' } },
  key: ['session', 'id'],
});

/** `messageId` is empty for a label on a whole chat. */
export const labelledSchema = defineCollection({
  name: 'labelled',
  columns: {
    session: { type: 'text' },
    labelId: { type: 'text' },
    chatId: { type: 'text' },
    messageId: { type: 'text' },
  },
  key: ['session', 'labelId', 'chatId', 'messageId'],
  indexes: [['session', 'chatId']],
});
export type LabelledRow = RowOf<typeof labelledSchema>;

export const pendingJobsSchema = defineCollection({
  // The name that databases have had since the first version.
  name: 'chores',
  columns: { session: { type: 'text' }, id: { type: 'text' }, data: { type: 'bytes' } },
  key: ['session', 'id'],
});
