import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { LongFirst } from './test/support/long-first.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const everyTest = ['test/**/*.test.ts', 'examples/*/test/**/*.test.ts'];

/** These look at Baileys and libsignal before we install anything in them, which is once a process. */
const untouchedLibrary = [
  'test/plugins/baileys/libsignal/native-signatures.test.ts',
  'test/plugins/baileys/libsignal/verify-signatures.test.ts',
];

export default defineConfig({
  resolve: {
    alias: [
      { find: /^waha-runtime$/, replacement: here('./core/index.ts') },
      { find: /^waha-runtime\/engine$/, replacement: here('./core/engine.ts') },
      { find: /^waha-runtime\/http$/, replacement: here('./core/http/index.ts') },
      { find: /^waha-runtime\/storage$/, replacement: here('./core/storage.ts') },
      { find: /^waha-runtime\/plugins$/, replacement: here('./plugins/index.ts') },
      { find: /^waha-runtime\/testing$/, replacement: here('./core/testing/index.ts') },
      { find: /^waha-runtime\/testing\/conformance$/, replacement: here('./core/testing/conformance/index.ts') },
    ],
  },
  test: {
    // On a machine that does other things, too, everything takes several times as long; only what hangs is to meet these.
    testTimeout: 120_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 50_000 } },
    // Most tests wait for processes and sockets: with one worker for each of two cores the cores would often stand still. CI takes
    // its time: what else its machine does is not known.
    maxWorkers: process.env['CI'] ? 2 : 3,
    sequence: { sequencer: LongFirst },
    projects: [
      // Loading express, Baileys and XState anew for each of 130 files would take longer than the tests.
      { extends: true, test: { name: 'shared', include: everyTest, exclude: untouchedLibrary, isolate: false } },
      { extends: true, test: { name: 'alone', include: untouchedLibrary } },
    ],
  },
});
