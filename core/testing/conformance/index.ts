/** What a storage driver, a storage for files and a sink promise, as tests for vitest. */

export { type DatabaseSuiteOptions, describeDatabase } from './database.ts';
export { describeFileStorage, type FileStorageSuiteOptions } from './file-storage.ts';
export { describeSink, type SinkSuiteOptions } from './sink.ts';
