#!/usr/bin/env node
// The `waha` command. In a checkout it runs the TypeScript sources, so nothing there is ever stale;
// the published package holds no sources, and runs what was built from them.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = (path) => new URL(path, import.meta.url);

const registerTypeScript = async () => {
  try {
    const { register } = await import('tsx/esm/api');
    register({ tsconfig: fileURLToPath(here('../tsconfig.json')) });
  } catch (error) {
    if (error?.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    console.error("waha: a checkout needs its development packages; run 'npm ci' in it");
    process.exit(1);
  }
};

const inCheckout = existsSync(here('./cli.ts'));
if (inCheckout) await registerTypeScript();
const { main } = await import(here(inCheckout ? './cli.ts' : '../dist/core/cli.js').href);
await main(process.argv);
