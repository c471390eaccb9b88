import type { Collection, Database, RowOf } from '../../contracts/storage.ts';
import type { MessageRows } from '../message-rows.ts';
import {
  type ChatRow,
  type ContactRow,
  chatsSchema,
  contactsSchema,
  type LabelledRow,
  type LidRow,
  labelledSchema,
  labelsSchema,
  lidsSchema,
  pendingJobsSchema,
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
  readonly pendingJobs: Collection<RowOf<typeof pendingJobsSchema>>;
}

export const openTables = async (database: Database, messages: MessageRows): Promise<Tables> => ({
  database,
  messages,
  chats: await database.open(chatsSchema),
  contacts: await database.open(contactsSchema),
  lids: await database.open(lidsSchema),
  labels: await database.open(labelsSchema),
  labelled: await database.open(labelledSchema),
  pendingJobs: await database.open(pendingJobsSchema),
});
