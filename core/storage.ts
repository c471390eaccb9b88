/**
 * `waha-runtime/storage`: what only a driver of a database or of file storage needs, besides `waha-runtime`.
 */

// A database

export type { Column, ColumnType, Counting, Query, StoreWitness } from './contracts/storage.ts';
export { notHeld, storageFailed } from './errors.ts';

// A database whose rows are in memory and are saved as a whole

export { Table } from './stores/driver/table.ts';
export { TableDatabase, type TableKeeper } from './stores/driver/table-database.ts';

// A database that has rows of its own form

export { type Selection, selectionOf, type Test, testsOf } from './stores/driver/conditions.ts';
export { countedIn, countingRow, filled } from './stores/driver/counted.ts';
export { CollectionFormat, emptyValue, type Stored, type StoredRow } from './stores/driver/format.ts';
export { Steps } from './stores/driver/steps.ts';

// A storage of files

export {
  type ByteRange,
  type FileEntry,
  type FileKey,
  type FileLabels,
  type FileStorage,
  isFileName,
} from './contracts/files.ts';
