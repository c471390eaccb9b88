import { resolve } from 'node:path';
import { buildPage } from './build-page.ts';

// `npm run page -- FOLDER`: what `npm pack` puts beside the compiled plugin.
await buildPage(resolve(process.argv[2] ?? 'dist/plugins/dashboard/page'));
