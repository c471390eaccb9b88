import type { Collection, Database, RowOf } from '../../contracts/storage.ts';
import type { MessageRows } from '../message-rows.ts';
import {
  type ChatRow,
  type ContactRow,
  chatsSchema,
  choresSchema,
  contactsSchema,
  type LabelledRow,
  type LidRow,
  labelledSchema,
  labelsSchema,
  lidsSchema,
} from './schemas.ts';

/** The collections of all libraries. */
export interface Tables {
  readonly database: Database;
  readonly messages: MessageRows;
  readonly chats: Collection<ChatRow>;
  readonly contacts: Collection<ContactRow>;
  readonly lids: Collection<LidRow>;
  readonly labels: Collection<RowOf<typeof labelsSchema>>;
  readonly labelled: Collection<LabelledRow>;
  readonly chores: Collection<RowOf<typeof choresSchema>>;
}

export const openTables = async (database: Database, messages: MessageRows): Promise<Tables> => ({
  database,
  messages,
  chats: await database.open(chatsSchema),
  contacts: await database.open(contactsSchema),
  lids: await database.open(lidsSchema),
  labels: await database.open(labelsSchema),
  labelled: await database.open(labelledSchema),
  chores: await database.open(choresSchema),
});
