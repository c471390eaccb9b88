import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type InlineConfig } from 'vite';

const sources = fileURLToPath(new URL('./ui', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const builds = join(root, 'node_modules/.cache/waha-dashboard');

/** Nothing is inlined: the content security policy allows files of our own, and nothing else. */
const config: InlineConfig = {
  root: sources,
  configFile: false,
  // The page works below any prefix that a proxy puts before it.
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  logLevel: 'warn',
};

/** Builds the page into a folder, which is emptied before. */
export const buildPage = async (outDir: string): Promise<void> => {
  await build({
    ...config,
    build: {
      outDir,
      emptyOutDir: true,
      target: ['chrome123', 'firefox121', 'safari17.5'],
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
    },
  });
};

/** The folder with the page built from the sources as they are now. For checkouts: Vite is not there for users of the package. */
export const builtPage = async (onBuild: () => void = () => undefined): Promise<string> => {
  const folder = join(builds, fingerprint());
  if (existsSync(folder)) return folder;
  onBuild();
  const own = `${folder}.${process.pid}`;
  await buildPage(own);
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
