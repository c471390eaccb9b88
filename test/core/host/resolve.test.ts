import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { definePlugin } from '../../../core/contracts/plugin.ts';
import { isRuntimeError } from '../../../core/errors.ts';
import { resolvePlugin } from '../../../core/host/resolve.ts';

const baseDir = mkdtempSync(join(tmpdir(), 'waha-resolve-'));
afterAll(() => rmSync(baseDir, { recursive: true }));

const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(baseDir, path)), { recursive: true });
  writeFileSync(join(baseDir, path), text);
};

/** What `definePlugin` makes, without needing the runtime. */
const source = (name: string, api = 1): string =>
  `export default { name: '${name}', setup() {}, [Symbol.for('waha:plugin')]: ${api} };`;

const npmPackage = (name: string, manifest: object, files: Record<string, string> = {}): void => {
  const folder = `node_modules/${name}`;
  write(`${folder}/package.json`, JSON.stringify({ name, version: '1.2.3', type: 'module', ...manifest }));
  for (const [file, text] of Object.entries(files)) write(`${folder}/${file}`, text);
};

const webhook = definePlugin({ name: 'webhook', setup: () => undefined });
const builtins = {
  webhook: async () => ({ default: webhook }),
  broken: async (): Promise<{ default: unknown }> => {
    throw new Error('out of order');
  },
};
const find = (use: string) => resolvePlugin(use, { baseDir, builtins });
const fault = async (use: string): Promise<string> => {
  const error: unknown = await find(use).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return isRuntimeError(error) ? `${error.code}: ${error.message}` : String(error);
};

describe('finding a plugin', () => {
  it('takes a built-in by its name', async () => {
    expect(await find('webhook')).toEqual({ plugin: webhook, from: 'built-in' });
  });

  it('takes a file relative to the YAML, or an absolute one', async () => {
    write('mine/hello.mjs', source('hello'));
    expect((await find('./mine/hello.mjs')).plugin.name).toBe('hello');
    expect(await find(join(baseDir, 'mine/hello.mjs'))).toMatchObject({ from: join(baseDir, 'mine/hello.mjs') });
  });

  it('takes a folder by its index or by its manifest', async () => {
    write('indexed/index.mjs', source('indexed'));
    write('built/package.json', JSON.stringify({ type: 'module', waha: { api: 1, plugin: './out/x.js' } }));
    write('built/out/x.js', source('built'));
    expect((await find('./indexed')).plugin.name).toBe('indexed');
    expect((await find('./built')).plugin.name).toBe('built');
  });

  it('takes an npm package that is ESM only', async () => {
    const manifest = { exports: { '.': { import: './dist/index.js' } }, waha: { api: 1, plugin: './dist/index.js' } };
    npmPackage('@acme/slack', manifest, { 'dist/index.js': source('slack') });
    expect(await find('@acme/slack')).toMatchObject({ plugin: { name: 'slack' }, from: '@acme/slack@1.2.3' });
  });

  it('takes a CommonJS build of a plugin', async () => {
    const text = `exports.__esModule = true; ${source('old').replace('export default', 'exports.default =')}`;
    npmPackage('old', { type: 'commonjs', waha: { api: 1, plugin: 'index.js' } }, { 'index.js': text });
    expect((await find('old')).plugin.name).toBe('old');
  });

  it('follows a linked package', async () => {
    write(
      'elsewhere/package.json',
      JSON.stringify({ name: 'linked', type: 'module', waha: { api: 1, plugin: 'a.js' } }),
    );
    write('elsewhere/a.js', source('linked'));
    symlinkSync(join(baseDir, 'elsewhere'), join(baseDir, 'node_modules/linked'));
    expect((await find('linked')).plugin.name).toBe('linked');
  });
});

describe('a plugin that cannot be found or loaded', () => {
  it('is named, with the nearest built-in', async () => {
    expect(await fault('webhok')).toBe("CONFIG_INVALID: there is no plugin 'webhok'; did you mean 'webhook'?");
  });

  it('is named, with how to install it', async () => {
    expect(await fault('@acme/none')).toBe(
      "CONFIG_INVALID: there is no plugin '@acme/none'; a plugin from npm must be installed first: npm install @acme/none",
    );
  });

  it.each([
    ['./nowhere.ts', 'there is no plugin at ./nowhere.ts'],
    ['mine/hello.mjs', "a path begins with './': './mine/hello.mjs'"],
    ['fs', "there is no plugin 'fs'"],
    ['no such/name', "there is no plugin 'no such/name'"],
    ['toString', "there is no plugin 'toString'"],
  ])('%s', async (use, sentence) => {
    write('mine/hello.mjs', source('hello'));
    expect(await fault(use)).toContain(sentence);
  });

  it('is refused by its manifest before any of its code runs', async () => {
    const boom = { 'index.js': 'globalThis.ranPluginCode = true; export default 1;' };
    npmPackage('none', {}, boom);
    npmPackage('newer', { waha: { api: 2, plugin: './index.js' } }, boom);
    npmPackage('nameless', { waha: { api: 1 } }, boom);
    npmPackage('unbuilt', { waha: { api: 1, plugin: './dist/index.js' } }, boom);
    write('outside.js', boom['index.js']);
    npmPackage('outside', { waha: { api: 1, plugin: '../../outside.js' } });
    npmPackage('linkout', { waha: { api: 1, plugin: './link.js' } });
    symlinkSync(join(baseDir, 'outside.js'), join(baseDir, 'node_modules/linkout/link.js'));
    expect(await fault('none')).toContain('the package none is no plugin: its package.json has no field "waha"');
    expect(await fault('newer')).toContain('was written for version 2 of the plugin API, this runtime has 1');
    expect(await fault('nameless')).toContain('"waha.plugin" in its package.json must be a path');
    expect(await fault('unbuilt')).toContain('has no file ./dist/index.js; was the package built?');
    expect(await fault('outside')).toContain('must stay within the package');
    expect(await fault('linkout')).toContain('must stay within the package');
    expect(globalThis).not.toHaveProperty('ranPluginCode');
  });

  it('is refused when its default export was not made by definePlugin, or for another API', async () => {
    write('plain.mjs', 'export default { name: "x", setup() {} };');
    write('nothing.mjs', 'export const plugin = 1;');
    write('future.mjs', source('future', 2));
    expect(await fault('./plain.mjs')).toBe(
      'CONFIG_INVALID: ./plain.mjs has no plugin as its default export; make one by definePlugin',
    );
    expect(await fault('./nothing.mjs')).toContain('has no plugin as its default export');
    expect(await fault('./future.mjs')).toContain('was written for version 2 of the plugin API');
  });

  it('keeps the cause when its code throws', async () => {
    write('throws.mjs', 'throw new Error("no licence");');
    expect(await fault('./throws.mjs')).toBe("PLUGIN_FAILED: plugin './throws.mjs' cannot be loaded: no licence");
    await expect(find('./throws.mjs')).rejects.toMatchObject({ cause: { message: 'no licence' } });
    expect(await fault('broken')).toBe("PLUGIN_FAILED: plugin 'broken' cannot be loaded: out of order");
  });
});
