import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

// For people, whatever this process is for: Vite builds for tests in a process of tests.
process.env['NODE_ENV'] = 'production';

// `npm run page`: builds the page into a folder, by default where `npm pack` wants it, beside the compiled plugin.
await build({
  root: fileURLToPath(new URL('./ui', import.meta.url)),
  configFile: false,
  // The page works below any prefix that a proxy puts before it.
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  logLevel: 'warn',
  build: {
    outDir: resolve(process.argv[2] ?? 'dist/plugins/dashboard/page'),
    emptyOutDir: true,
    target: ['chrome123', 'firefox121', 'safari17.5'],
    // The content security policy allows files of our own, and nothing that stands in others.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
