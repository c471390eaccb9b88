import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtPackage, root } from '../support/built-package.ts';

/** An empty folder outside the repository. */
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
  it('passes its own test at once', { timeout: 60_000 }, () => {
    mkdirSync(join(folder, 'work'));
    run(process.execPath, [waha, 'plugin', 'new', 'my-plugin'], join(folder, 'work'));
    const output = run('npm', ['test'], plugin);
    expect(output).toMatch(/pass 2/);
    expect(output).toMatch(/fail 0/);
  });

  it('is packed, installed, and answers a contact of the sandbox', { timeout: 60_000 }, async () => {
    packAndInstall(plugin, 'my-plugin');
    rmSync(join(folder, 'work'), { recursive: true });
    writeFileSync(join(folder, 'waha.config.yaml'), deployment);
    const server = spawn(process.execPath, [waha, 'start'], { cwd: folder, stdio: 'pipe' });
    try {
      const api = apiOf(await urlOf(server));
      expect(await api('GET', 'server/plugins')).toContainEqual(
        expect.objectContaining({ name: 'my-plugin', from: 'my-plugin@0.1.0', state: 'ready' }),
      );
      const status = (wanted: string) =>
        expect.poll(() => api('GET', 'sessions/default'), { timeout: 15_000 }).toMatchObject({ status: wanted });
      await status('SCAN_QR_CODE');
      const { value } = (await api('GET', 'default/auth/qr?format=raw')) as { value: string };
      await api('POST', 'sandbox/phones/5511999990001/scan', { qr: value });
      await api('POST', 'sandbox/contacts', { number: '5511988887777' });
      await status('WORKING');
      const messages = 'sandbox/contacts/5511988887777/messages';
      await api('POST', messages, { to: '5511999990001', text: 'marco' });
      await expect
        .poll(() => api('GET', messages), { timeout: 15_000 })
        .toEqual([expect.objectContaining({ text: 'polo' })]);
    } catch (error) {
      console.error(logged(server));
      throw error;
    } finally {
      server.kill();
    }
  });

  it('finds the conformance suites in the packed runtime', { timeout: 60_000 }, () => {
    const example = join(folder, 'json-lines-sink');
    cpSync(join(root, 'examples/json-lines-sink'), example, { recursive: true });
    const output = run(process.execPath, [join(modules, 'vitest/vitest.mjs'), 'run'], example);
    expect(output).toMatch(/Tests +5 passed/);
  });
});

const deployment = `
log: { level: info, format: json }
plugins:
  - use: express
    config: { host: 127.0.0.1, port: 0, apiKey: key }
  - use: waha-api
  - use: lowdb
  - use: sandbox
  - use: baileys
  - use: my-plugin
    config: { word: marco, answer: polo }
sessions: [default]
`;

const outputs = new WeakMap<ChildProcess, string>();
const logged = (server: ChildProcess): string => outputs.get(server) ?? '';

const urlOf = (server: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      const output = logged(server) + chunk.toString();
      outputs.set(server, output);
      const url = /is ready on (http:[^"\s]+)/.exec(output)?.[1];
      if (url) resolve(url);
    };
    server.stdout?.on('data', read);
    server.stderr?.on('data', read);
    server.once('close', () => reject(new Error(`the server did not start:\n${logged(server)}`)));
  });

const apiOf =
  (url: string) =>
  async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`${url}/api/${path}`, {
      method,
      headers: { 'x-api-key': 'key', 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  };
