import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtPackage, root } from '../support/built-package.ts';

/** An empty folder outside the repository. `.ci/install-packed` does the same with npm and the registry, and runs the server. */
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'waha-plugin-package-')));
const modules = join(folder, 'node_modules');
const plugin = join(folder, 'work/my-plugin');
const waha = join(modules, 'waha-runtime/core/waha.js');

const run = (command: string, args: readonly string[], cwd: string): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: 'pipe', env: { ...process.env, NO_COLOR: '1' } });

/** Packs a package and unpacks it where npm would install it. */
const packAndInstall = (from: string, name: string): void => {
  const [{ filename }] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', folder], from)) as [
    { filename: string },
  ];
  mkdirSync(join(modules, name), { recursive: true });
  run('tar', ['-xzf', join(folder, filename), '--strip-components=1', '-C', join(modules, name)], folder);
};

/** What `waha check` of the packed runtime says of a config. */
const check = (place: string, config: string): string => {
  writeFileSync(join(place, 'waha.config.yaml'), config);
  const { stdout, stderr } = spawnSync(process.execPath, [waha, 'check'], { cwd: place, encoding: 'utf8' });
  return stdout + stderr;
};

/** The packages that the runtime depends on are those of the checkout; the runtime itself is not among them. */
const linkDependencies = (): void => {
  mkdirSync(modules, { recursive: true });
  const names = readdirSync(join(root, 'node_modules')).filter((name) => !name.startsWith('.'));
  expect(names).not.toContain('waha-runtime');
  for (const name of names) symlinkSync(join(root, 'node_modules', name), join(modules, name));
  mkdirSync(join(modules, '.bin'));
  symlinkSync(join(root, 'node_modules/typescript/bin/tsc'), join(modules, '.bin/tsc'));
};

beforeAll(async () => {
  const built = await builtPackage();
  linkDependencies();
  packAndInstall(built, 'waha-runtime');
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.sequential('a package made by `waha plugin new`', () => {
  it('passes its own test at once', { timeout: 120_000 }, () => {
    mkdirSync(join(folder, 'work'));
    run(process.execPath, [waha, 'plugin', 'new', 'my-plugin'], join(folder, 'work'));
    const output = run('npm', ['test'], plugin);
    expect(output).toMatch(/pass 2/);
    expect(output).toMatch(/fail 0/);
  });

  it('is packed, and taken by its name where it is installed', { timeout: 120_000 }, () => {
    packAndInstall(plugin, 'my-plugin');
    rmSync(join(folder, 'work'), { recursive: true });
    const config = (key: string) => `plugins:\n  - use: my-plugin\n    config: { ${key}: marco }\n  - use: lowdb\n`;
    expect(check(folder, config('word'))).toContain('waha.config.yaml is valid: 2 plugins');
    expect(check(folder, config('wrod'))).toContain('waha.config.yaml:3: plugins.my-plugin.config.wrod is unknown');
  });

  it('stands beside a plugin of TypeScript, which an older Node reads with tsx only', { timeout: 120_000 }, () => {
    const config = 'plugins:\n  - use: ./local.mts\n  - use: lowdb\n';
    const source = `import { definePlugin } from 'waha-runtime';
const name: string = 'local';
export default definePlugin({ name, setup: () => undefined });
`;
    const bare = join(folder, 'bare');
    mkdirSync(join(bare, 'node_modules'), { recursive: true });
    symlinkSync(join(modules, 'waha-runtime'), join(bare, 'node_modules/waha-runtime'));
    for (const place of [folder, bare]) writeFileSync(join(place, 'local.mts'), source);
    expect(check(folder, config)).toContain('is valid: 2 plugins');
    rmSync(join(modules, 'tsx'));
    const native = (process.features as { typescript?: unknown }).typescript;
    expect(check(bare, config)).toContain(native ? 'is valid' : 'with tsx only: npm install tsx beside the YAML');
  });

  it('finds the conformance suites in the packed runtime', { timeout: 120_000 }, () => {
    const example = join(folder, 'json-lines-sink');
    cpSync(join(root, 'examples/json-lines-sink'), example, { recursive: true });
    const output = run(process.execPath, [join(modules, 'vitest/vitest.mjs'), 'run'], example);
    expect(output).toMatch(/Tests +5 passed/);
  });
});
