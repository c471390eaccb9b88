/**
 * What tests of plugins import from `waha-runtime/testing`. No test runner is needed; the conformance suites, which need
 * vitest and fast-check, are in `waha-runtime/testing/conformance`.
 */

export * from './captured-http.ts';
export { createTestHost, TestHost } from './create-test-host.ts';
export { memoryDatabase } from './memory-database.ts';
export * from './recorded-events.ts';
export * from './recording-log.ts';
export type { TestRequest, TestResponse } from './request-route.ts';
export * from './simulated-clock.ts';
export type { OutgoingCall, SpiedClient, Spy } from './spied-client.ts';
export type { SessionCall } from './test-engine.ts';
export type { PluginValue, TestHostOptions, TestPlugin, TestPluginEntry } from './test-host-options.ts';
