import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^waha-runtime$/, replacement: here('./core/index.ts') },
      { find: /^waha-runtime\/plugins$/, replacement: here('./plugins/index.ts') },
      { find: /^waha-runtime\/testing$/, replacement: here('./core/testing/index.ts') },
      { find: /^waha-runtime\/testing\/conformance$/, replacement: here('./core/testing/conformance/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts', 'examples/*/test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
