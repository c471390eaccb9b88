import type { Change, CollectionSchema, Column, Database } from '../contracts/storage.ts';
import { storageFailed } from '../errors.ts';
import { testsOf } from './driver/conditions.ts';
import { countingRow, filled } from './driver/counted.ts';
import { CollectionFormat } from './driver/format.ts';

/** A database that can say of a change, without making it, whether any driver would refuse it. */
export interface CheckedDatabase extends Database {
  /** Throws `STORAGE_FAILED`, naming collection and column, for what does not fit a collection opened here. */
  check(change: Change): void;
}

/** The database itself, remembering what it was asked to open. */
export const checkedDatabase = (database: Database): CheckedDatabase => {
  const formats = new Map<string, CollectionFormat>();
  const { driver, shared } = database;
  return {
    driver,
    shared,
    open: async <C extends Record<string, Column>>(schema: CollectionSchema<C>) => {
      const rows = await database.open(schema);
      formats.set(schema.name, new CollectionFormat(driver, schema));
      return rows;
    },
    batch: (changes: readonly Change[]) => database.batch(changes),
    close: () => database.close(),
    check: (change) => {
      const format = formats.get(change.collection);
      if (format === undefined) throw storageFailed(driver, `collection '${change.collection}' is not open`);
      if ('put' in change) format.encode(filled(format, change.put, 0));
      else if ('add' in change) format.encode(filled(format, change.add, 0));
      else if ('count' in change) countingRow(format, change.count);
      else testsOf(format, 'remove' in change ? change.remove : change.require);
    },
  };
};
