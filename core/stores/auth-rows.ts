import type { Log } from '../contracts/log.ts';
import { type Collection, type Database, defineCollection, type RowOf } from '../contracts/storage.ts';
import type { CopiedAccounts } from './copied-accounts.ts';
import type { CredentialsRow } from './credentials.ts';
import type { TimeLimit } from './time-limit.ts';

const keyColumns = {
  session: { type: 'text' },
  type: { type: 'text' },
  id: { type: 'text' },
  value: { type: 'bytes' },
} as const;
export const keysSchema = defineCollection({ name: 'auth_keys', columns: keyColumns, key: ['session', 'type', 'id'] });
export const archivedSchema = defineCollection({
  name: 'archived_auth_keys',
  columns: keyColumns,
  key: ['session', 'type', 'id'],
});
type KeyRow = RowOf<typeof keysSchema>;

/** The rows of all sessions' credentials and keys, as the handle of each works with them. */
export interface AuthRows {
  readonly database: Database;
  readonly credentials: Collection<CredentialsRow>;
  readonly keys: Collection<KeyRow>;
  readonly archivedKeys: Collection<KeyRow>;
  readonly copied: CopiedAccounts;
  readonly within: TimeLimit;
  readonly log: Log;
}
