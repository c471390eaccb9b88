import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleIn } from '../support/built-package.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** One for each checkout, kept between runs. */
const folder = join(tmpdir(), `waha-bench-${createHash('sha256').update(root).digest('hex').slice(0, 12)}`);

/** The package as users install it: built JavaScript, no sources, no TypeScript loader. */
export interface Package {
  readonly folder: string;
  /** The `waha` command. */
  readonly command: string;
  /** A process that plays one side of a row, by its name in `children/`. */
  child(name: string): string;
}

/** Builds the package, unless nothing has changed since the last time. */
export const buildPackage = (): Package => {
  const stamp = join(folder, '.built');
  if (!existsSync(stamp) || statSync(stamp).mtimeMs < newestSource()) build(stamp);
  return {
    folder,
    command: join(folder, 'core/waha.js'),
    child: (name) => join(folder, `dist/test/bench/children/${name}.js`),
  };
};

const sources = ['core', 'plugins', 'test/bench/children'];

const newestSource = (): number => {
  const files = sources.flatMap((name) =>
    readdirSync(join(root, name), { recursive: true, encoding: 'utf8' }).map((file) => join(root, name, file)),
  );
  return Math.max(...files.map((file) => statSync(file).mtimeMs));
};

const build = (stamp: string): void => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'core'), { recursive: true });
  for (const name of ['package.json', 'core/waha.js', 'waha.config.yaml', 'configs']) {
    cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const config = join(folder, 'tsconfig.json');
  const compilerOptions = { rootDir: root, outDir: join(folder, 'dist'), declaration: false, sourceMap: true };
  const include = sources.map((name) => join(root, name));
  writeFileSync(config, JSON.stringify({ extends: join(root, 'tsconfig.build.json'), compilerOptions, include }));
  compile(config);
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: { bundle: string } };
  bundleIn(folder, scripts.bundle);
  rmSync(config);
  writeFileSync(stamp, '');
};

/** A type error elsewhere in the house does not keep the bench from running: the type check is another job's. */
const compile = (config: string): void => {
  try {
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', config], { stdio: 'pipe' });
  } catch (error) {
    if (!existsSync(join(folder, 'dist/core/cli.js'))) throw error;
  }
};
