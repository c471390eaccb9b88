import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

let compiled: string | undefined;

/** The thread as a script for `new Worker(…, { eval: true })`: for checkouts and tests, where there is nothing built. */
export const compileThread = (): string => {
  compiled ??= compile();
  return compiled;
};

const compile = (): string => {
  const { resolve } = createRequire(import.meta.url);
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL('./thread.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    external: ['libsql'],
    logLevel: 'silent',
  });
  // A script has no folder of its own to find packages from.
  return (outputFiles[0]?.text ?? '').replaceAll('require("libsql")', `require(${JSON.stringify(resolve('libsql'))})`);
};
