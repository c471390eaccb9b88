/** What a storage driver and a sink promise, as tests for vitest. */

export { type DatabaseSuiteOptions, describeDatabase } from './database.ts';
export { describeSink, type SinkSuiteOptions } from './sink.ts';
