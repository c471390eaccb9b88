import type { Database } from '../contracts/storage.ts';
import { TableDatabase } from '../stores/driver/table-database.ts';

/** A database that forgets everything when the process ends. For tests. */
export const memoryDatabase = (): Database =>
  new TableDatabase('memory', {
    load: async () => null,
    save: async () => undefined,
    close: async () => undefined,
  });
