import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const sources = fileURLToPath(new URL('./ui', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const builds = join(root, 'node_modules/.cache/waha-dashboard');

/** Shown for the seconds until the page is built. */
const placeholder = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="refresh" content="1" />
    <title>waha-runtime</title>
  </head>
  <body>The dashboard is being built; this takes some seconds after its sources have changed.</body>
</html>
`;

export interface BuildOptions {
  /** Called when there is something to build. */
  readonly onBuild?: () => void;
  /** Ends the build. */
  readonly signal?: AbortSignal;
}

/** Where the page of these sources is, or will be: until it is built, a page there says so. For checkouts only: users of the package have no Vite. */
export const placeOfPage = (): string => {
  const folder = join(builds, fingerprint());
  if (isBuilt(folder)) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'index.html'), placeholder);
  return folder;
};

/** The same folder, once the page is built. */
export const builtPage = async ({ onBuild, signal }: BuildOptions = {}): Promise<string> => {
  const folder = placeOfPage();
  if (isBuilt(folder)) return folder;
  onBuild?.();
  const own = `${folder}.${process.pid}`;
  await run(own, signal);
  if (!isBuilt(folder)) replace(folder, own);
  rmSync(own, { recursive: true, force: true });
  removeOld(folder);
  return folder;
};

const isBuilt = (folder: string): boolean => existsSync(join(folder, 'assets'));

/** A folder cannot take the place of another one in one step; what comes in between finds nothing, and asks again. */
const replace = (folder: string, own: string): void => {
  const before = `${own}.before`;
  try {
    renameSync(folder, before);
    renameSync(own, folder);
  } catch (error) {
    // Another process made the same meanwhile.
    if (!isBuilt(folder)) throw error;
  } finally {
    rmSync(before, { recursive: true, force: true });
  }
};

/** In a process of its own: what a build takes of memory a server keeps for ever. */
const run = async (folder: string, signal: AbortSignal | undefined): Promise<void> => {
  const script = fileURLToPath(new URL('./write-page.ts', import.meta.url));
  const env = { ...process.env, NODE_OPTIONS: '' };
  const options = { cwd: root, env, ...(signal ? { signal } : {}) };
  await promisify(execFile)(process.execPath, ['--import', 'tsx', script, folder], options);
};

/** Changes with the sources, and with what they are built with. */
const fingerprint = (): string => {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')));
  for (const name of readdirSync(sources, { recursive: true, encoding: 'utf8' }).sort()) {
    const file = join(sources, name);
    if (statSync(file).isFile()) hash.update(`${name}\n`).update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 16);
};

/** Longer than any server of a checkout runs with what it found. */
const keptFor = 86_400_000;

const removeOld = (current: string): void => {
  for (const name of readdirSync(builds)) {
    const folder = join(builds, name);
    const found = statSync(folder, { throwIfNoEntry: false });
    if (folder === current || !found || Date.now() - found.mtimeMs < keptFor) continue;
    rmSync(folder, { recursive: true, force: true });
  }
};
