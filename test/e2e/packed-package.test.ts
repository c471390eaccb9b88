import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser, chromiumPath } from '../support/browser.ts';
import { builtPackage, root } from '../support/built-package.ts';
import { freePort } from '../support/free-port.ts';

/** An empty folder outside the repository. `.ci/install-packed` does the same with npm and the registry, and runs the server. */
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'waha-packed-package-')));
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

/** `npx waha` in a folder beside the installed package, in an environment that says nothing. */
const start = (args: readonly string[], cwd: string, more: Readonly<Record<string, string>> = {}): ChildProcess => {
  const env = { PATH: process.env['PATH'] ?? '', NO_COLOR: '1', ...more };
  return spawn(process.execPath, [waha, ...args], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
};

/** Resolves once the command has said something that fits; rejects when it ends before. */
const said = (child: ChildProcess, pattern: RegExp): Promise<string> =>
  new Promise((resolve, reject) => {
    let output = '';
    const look = (chunk: Buffer): void => {
      output += chunk;
      if (pattern.test(output)) resolve(output);
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    child.once('exit', () => reject(new Error(`waha ended:\n${output}`)));
  });

const stop = async (child: ChildProcess): Promise<number | null> => {
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const [code] = (await gone) as [number | null];
  return code;
};

/** Every file, with its size and the time of its last change. */
const filesOf = (path: string): string[] =>
  readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => {
    const { size, mtimeMs } = statSync(join(path, name));
    return `${name} ${size} ${mtimeMs}`;
  });

const place = (name: string): string => {
  mkdirSync(join(folder, name));
  return join(folder, name);
};

beforeAll(async () => {
  const built = await builtPackage();
  linkDependencies();
  packAndInstall(built, 'waha-runtime');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.sequential('the packed package in an empty folder', () => {
  it('runs a config of its own by name, keeps data there, and writes nothing into node_modules', async () => {
    const here = place('packaged');
    const before = filesOf(join(modules, 'waha-runtime'));
    const env = { WHATSAPP_API_PORT: '0', WAHA_API_KEY: 'a-key-of-this-test' };
    const server = start(['start', '--config', 'configs/sandbox.yaml'], here, env);
    await said(server, /is ready on http/);
    expect(await stop(server)).toBe(0);
    expect(filesOf(join(modules, 'waha-runtime'))).toEqual(before);
    expect(
      readdirSync(here, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('waha.db')),
    ).toHaveLength(1);
  });

  it.skipIf(!chromiumPath)(
    'leads by two commands to a linked session and an answered message in the dashboard',
    async () => {
      const here = place('hour');
      const port = await freePort();
      const env = { ...process.env, NO_COLOR: '1' };
      const init = ['init', '--yes', '--sandbox', '--port', String(port)];
      execFileSync(process.execPath, [waha, ...init], { cwd: here, env, stdio: 'pipe' });
      const server = start(['start'], here);
      const browser = await Browser.start();
      try {
        await said(server, /is ready on http/);
        const page = await browser.open(`http://localhost:${port}`);
        await page.getByLabel('API key').fill(readFileSync(join(here, 'waha.key'), 'utf8').trim());
        await page.keyboard.press('Enter');
        await page.getByRole('button', { name: 'Create the first session' }).click();
        await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
        await page.getByRole('button', { name: 'Scan with this phone' }).click();
        await page.locator('.now').getByText('Working').waitFor();
        await page.getByRole('link', { name: 'Sandbox' }).click();
        await page.getByRole('button', { name: 'Contact', exact: true }).click();
        await page.getByLabel('What the contact writes').fill('Is it open today?');
        await page.keyboard.press('Enter');
        await page.getByRole('link', { name: 'Chats' }).click();
        await page.locator('.chat-row', { hasText: 'Is it open today?' }).click();
        await page.getByLabel('Message', { exact: true }).fill('Until six.');
        await page.keyboard.press('Enter');
        await page.locator('.bubble', { hasText: 'Until six.' }).getByText('delivered').waitFor();
        expect(page.seen.complaints).toEqual([]);
      } finally {
        await browser.close();
        await stop(server);
      }
      expect(existsSync(join(here, '.sessions/waha.db'))).toBe(true);
    },
    180_000,
  );
});

describe.sequential('a package made by `waha plugin new`', () => {
  it('passes its own test at once', () => {
    mkdirSync(join(folder, 'work'));
    run(process.execPath, [waha, 'plugin', 'new', 'my-plugin'], join(folder, 'work'));
    const output = run('npm', ['test'], plugin);
    expect(output).toMatch(/pass 2/);
    expect(output).toMatch(/fail 0/);
  });

  it('is packed, and taken by its name where it is installed', () => {
    packAndInstall(plugin, 'my-plugin');
    rmSync(join(folder, 'work'), { recursive: true });
    const config = (key: string) => `plugins:\n  - use: my-plugin\n    config: { ${key}: marco }\n  - use: lowdb\n`;
    expect(check(folder, config('word'))).toContain('waha.config.yaml is valid: 2 plugins');
    expect(check(folder, config('wrod'))).toContain('waha.config.yaml:3: plugins.my-plugin.config.wrod is unknown');
  });

  it('stands beside a plugin of TypeScript, which an older Node reads with tsx only', () => {
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

  it('finds the conformance suites in the packed runtime', () => {
    const example = join(folder, 'json-lines-sink');
    cpSync(join(root, 'examples/json-lines-sink'), example, { recursive: true });
    const output = run(process.execPath, [join(modules, 'vitest/vitest.mjs'), 'run'], example);
    expect(output).toMatch(/Tests +5 passed/);
  });
});
