import { fileURLToPath } from 'node:url';

/** The folder of this package, as users install it. */
export const packageFolder = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../..' : '../../..', import.meta.url),
);
