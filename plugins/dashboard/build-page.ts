import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const sources = fileURLToPath(new URL('./ui', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const builds = join(root, 'node_modules/.cache/waha-dashboard');

/** The folder with the page built from the sources as they are now. For checkouts: Vite is not there for users of the package. */
export const builtPage = async (onBuild: () => void = () => undefined): Promise<string> => {
  const folder = join(builds, fingerprint());
  if (existsSync(folder)) return folder;
  onBuild();
  const own = `${folder}.${process.pid}`;
  await run(own);
  try {
    renameSync(own, folder);
  } catch (error) {
    // Another process made the same meanwhile.
    if (!existsSync(folder)) throw error;
    rmSync(own, { recursive: true });
  }
  removeOld(folder);
  return folder;
};

/** In a process of its own: what a build takes of memory a server keeps for ever, and it builds for production whatever this process is. */
const run = async (folder: string): Promise<void> => {
  const script = fileURLToPath(new URL('./write-page.ts', import.meta.url));
  const env = { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '' };
  await promisify(execFile)(process.execPath, ['--import', 'tsx', script, folder], { cwd: root, env });
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
    if (folder === current || Date.now() - statSync(folder).mtimeMs < keptFor) continue;
    rmSync(folder, { recursive: true, force: true });
  }
};
