import { cpSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { builtPage } from '../../plugins/dashboard/build-page.ts';
import { filesBelow, fingerprint, removeOld, root } from './built-package.ts';

/** What is run in processes of their own: the runtime, and the children of tests. */
const parts = ['core', 'plugins', 'test/contract', 'test/plugins', 'test/support'];

let made: Promise<string> | undefined;

/**
 * A folder with the sources as they are now as JavaScript, below `dist`, and the `waha` command that runs them. A process of TypeScript spends a
 * second on its loader before its first line; a test run starts a hundred. What is published is `builtPackage`: this is made in a moment, and
 * without a type check.
 */
export const compiledSources = (): Promise<string> => {
  made ??= compiled();
  return made;
};

/** The JavaScript of a source file in the checkout. */
export const compiledFile = async (source: string): Promise<string> =>
  join(await compiledSources(), 'dist', asJavaScript(relative(root, source)));

const asJavaScript = (path: string): string => path.replace(/\.ts$/, '.js');

const compiled = async (): Promise<string> => {
  const folder = join(tmpdir(), `waha-compiled-${fingerprint([...parts, 'package.json'])}`);
  if (existsSync(folder)) return used(folder);
  removeOld('waha-compiled-');
  const own = `${folder}.${process.pid}`;
  rmSync(own, { recursive: true, force: true });
  try {
    await compile(own);
    renameSync(own, folder);
  } catch (error) {
    // Another process made the same meanwhile.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
  return folder;
};

/** Whoever removes what is old leaves it alone for another day. */
const used = (folder: string): string => {
  utimesSync(folder, new Date(), new Date());
  return folder;
};

const compile = async (folder: string): Promise<void> => {
  const sources = parts
    .flatMap(filesBelow)
    .filter((file) => file.endsWith('.ts') && !/\.test\.ts$|^plugins\/dashboard\/ui\//.test(file));
  await build({
    entryPoints: sources.map((file) => join(root, file)),
    outbase: root,
    outdir: join(folder, 'dist'),
    tsconfig: join(root, 'tsconfig.json'),
    format: 'esm',
    platform: 'node',
    bundle: true,
    plugins: [oneByOne],
    logLevel: 'silent',
  });
  cpSync(await builtPage(), join(folder, 'dist/plugins/dashboard/page'), { recursive: true });
  mkdirSync(join(folder, 'core'));
  for (const name of ['package.json', 'core/waha.js']) cpSync(join(root, name), join(folder, name));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
};

/** Each source becomes a file of its own. Only TypeBox goes into the one that imports it, as in the package: it has four hundred. */
const oneByOne: Plugin = {
  name: 'one-by-one',
  setup: ({ onResolve }) => {
    onResolve({ filter: /./ }, ({ path, importer }) => {
      const ours = parts.some((part) => importer.startsWith(join(root, part)));
      if (!ours || importer.endsWith('core/contracts/schema.ts')) return undefined;
      return { path: path.startsWith('.') ? asJavaScript(path) : path, external: true };
    });
  },
};
