export * from '../../core/testing/conformance/database.ts';
