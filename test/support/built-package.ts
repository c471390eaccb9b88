import { execFileSync, execSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pause, systemClock } from '../../core/deadline.ts';
import { builtPage } from '../../plugins/dashboard/build-page.ts';

/** The root of the checkout. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The folder of the package as `npm pack` would publish it, after its `prepack` script, from the sources as they are now. Test files that need
 * it share one build: whoever comes first makes it, the others wait. A builder that was killed holds up nobody.
 */
export const builtPackage = async (): Promise<string> => {
  const folder = join(tmpdir(), `waha-built-${fingerprint(sources)}`);
  const lock = `${folder}.lock`;
  while (!isBuilt(folder)) {
    if (take(lock)) await build(folder, lock);
    else await pause(100, systemClock);
  }
  return join(folder, 'package');
};

/** Longer than any build takes: a number of a process may belong to another one by then. */
const longestBuild = 300_000;

const isBuilt = (folder: string): boolean => existsSync(join(folder, 'built'));

/** False while another process builds. Two that take a dead one's lock at once both build, which harms nobody. */
const take = (lock: string): boolean => {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    if (isAbandoned(lock)) rmSync(lock, { force: true });
    return false;
  }
};

const isAbandoned = (lock: string): boolean => {
  const taken = statSync(lock, { throwIfNoEntry: false });
  if (!taken) return false;
  if (Date.now() - taken.mtimeMs > longestBuild) return true;
  try {
    const builder = Number(readFileSync(lock, 'utf8'));
    // Between the making of a file and its first byte it is empty.
    return builder > 0 && !isAlive(builder);
  } catch {
    return false;
  }
};

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Makes it in a folder of its own and renames that: whoever sees the package sees all of it. */
const build = async (folder: string, lock: string): Promise<void> => {
  const own = `${folder}.${process.pid}`;
  try {
    removeOld('waha-built-');
    rmSync(own, { recursive: true, force: true });
    mkdirSync(own);
    await stage(join(own, 'package'));
    writeFileSync(join(own, 'built'), '');
    if (!isBuilt(folder)) rmSync(folder, { recursive: true, force: true });
    renameSync(own, folder);
  } catch (error) {
    if (!isBuilt(folder)) throw error;
  } finally {
    rmSync(own, { recursive: true, force: true });
    rmSync(lock, { force: true });
  }
};

/** Runs the package's `bundle` script, which makes one file of TypeBox's four hundred. */
export const bundleIn = (folder: string, script: string): void => {
  const modules = join(root, 'node_modules');
  const PATH = `${join(modules, '.bin')}${delimiter}${process.env['PATH']}`;
  const env = { ...process.env, PATH, NODE_PATH: modules };
  execSync(script, { cwd: folder, env, stdio: 'pipe' });
};

/** A day is longer than any run that has begun with what it found. */
const keptFor = 86_400_000;

/** Removes builds of sources that have changed since. */
export const removeOld = (prefix: string): void => {
  for (const name of readdirSync(tmpdir()).filter((name) => name.startsWith(prefix))) {
    const old = join(tmpdir(), name);
    const found = statSync(old, { throwIfNoEntry: false });
    if (!found || found.uid !== userInfo().uid || Date.now() - found.mtimeMs < keptFor) continue;
    rmSync(old, { recursive: true, force: true });
  }
};

const stage = async (folder: string): Promise<void> => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    files: readonly string[];
    scripts: Record<string, string>;
  };
  mkdirSync(folder);
  const { prepack, ...scripts } = manifest.scripts;
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...manifest, scripts }));
  for (const path of manifest.files.filter((path) => !/^!|^dist$/.test(path))) {
    cpSync(join(root, path), join(folder, path), { recursive: true });
  }
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  // The types are checked before the tests are run, and whenever the package is really made.
  const options = ['-p', join(root, 'tsconfig.build.json'), '--noCheck', '--outDir', join(folder, 'dist')];
  execFileSync(process.execPath, [tsc, ...options], { cwd: root, stdio: 'pipe' });
  bundleIn(folder, manifest.scripts['bundle'] ?? '');
  cpSync(join(root, 'node_modules/swagger-ui-dist'), join(folder, 'dist/plugins/express/swagger-ui'), {
    recursive: true,
  });
  cpSync(await builtPage(), join(folder, 'dist/plugins/dashboard/page'), { recursive: true });
};

const sources = ['core', 'plugins', 'package.json', 'tsconfig.json', 'tsconfig.build.json'];

/** Changes with any of these files of the checkout, and those in these folders. */
export const fingerprint = (parts: readonly string[]): string => {
  const hash = createHash('sha256').update(`${root} ${userInfo().uid}`);
  for (const file of parts.flatMap(filesBelow)) {
    const { size, mtimeMs } = statSync(join(root, file));
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex').slice(0, 16);
};

/** The files in a folder of the checkout, by their paths from its root. */
export const filesBelow = (path: string): string[] => {
  if (!statSync(join(root, path)).isDirectory()) return [path];
  const names = readdirSync(join(root, path), { recursive: true, encoding: 'utf8' });
  return names.map((name) => join(path, name)).filter((file) => !file.includes('node_modules'));
};
