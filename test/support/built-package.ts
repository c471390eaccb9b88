import { execFileSync, execSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pause, systemClock } from '../../core/deadline.ts';

/** The root of the checkout. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The folder of the package as `npm pack` would publish it, after its `prepack` script, from the sources as they are now. Test files that need
 * it share one build: whoever comes first makes it, the others wait.
 */
export const builtPackage = async (): Promise<string> => {
  const folder = join(tmpdir(), `waha-built-${fingerprint()}`);
  for (;;) {
    if (existsSync(join(folder, 'built'))) return join(folder, 'package');
    if (!existsSync(folder) && build(folder)) return join(folder, 'package');
    await pause(100, systemClock);
  }
};

/** False when another process builds it already. */
const build = (folder: string): boolean => {
  try {
    mkdirSync(folder);
  } catch {
    return false;
  }
  removeOld();
  try {
    stage(join(folder, 'package'));
    writeFileSync(join(folder, 'built'), '');
    return true;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
};

/** Runs the package's `bundle` script, which makes one file of TypeBox's four hundred. */
export const bundleIn = (folder: string, script: string): void => {
  const modules = join(root, 'node_modules');
  const PATH = `${join(modules, '.bin')}${delimiter}${process.env['PATH']}`;
  const env = { ...process.env, PATH, NODE_PATH: modules };
  execSync(script, { cwd: folder, env, stdio: 'pipe' });
};

/** Builds of sources that have changed since. */
const removeOld = (): void => {
  for (const name of readdirSync(tmpdir()).filter((name) => name.startsWith('waha-built-'))) {
    const old = join(tmpdir(), name);
    if (Date.now() - statSync(old).mtimeMs > 3_600_000) rmSync(old, { recursive: true, force: true });
  }
};

const stage = (folder: string): void => {
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
  const options = ['-p', join(root, 'tsconfig.build.json'), '--outDir', join(folder, 'dist')];
  execFileSync(process.execPath, [tsc, ...options], { cwd: root, stdio: 'pipe' });
  bundleIn(folder, manifest.scripts['bundle'] ?? '');
};

const fingerprint = (): string => {
  const hash = createHash('sha256');
  const parts = ['core', 'plugins', 'package.json', 'tsconfig.json', 'tsconfig.build.json'];
  for (const file of parts.flatMap(filesBelow)) {
    const { size, mtimeMs } = statSync(join(root, file));
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex').slice(0, 16);
};

const filesBelow = (path: string): string[] => {
  if (!statSync(join(root, path)).isDirectory()) return [path];
  const names = readdirSync(join(root, path), { recursive: true, encoding: 'utf8' });
  return names.map((name) => join(path, name)).filter((file) => !file.includes('node_modules'));
};
