/** What drivers have in common; part of the plugin author's surface. */

export { holds, inLimit, type Selection, selectionOf, type Test, testsOf } from './conditions.ts';
export { countedIn, countingRow, filled } from './counted.ts';
export { type AnySchema, CollectionFormat, emptyValue, type Stored, type StoredRow } from './format.ts';
export { compareStored } from './order.ts';
export { Steps } from './steps.ts';
export { Table, type Undo } from './table.ts';
export { TableDatabase, type TableKeeper } from './table-database.ts';
