import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plan } from '../../core/cli/check.ts';
import { builtins } from '../../plugins/index.ts';
import { runWahaOfCheckout } from '../core/cli/run-waha.ts';
import { apiKey } from '../support/deployment.ts';
import { World } from '../support/world.ts';

const execute = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const blocks = (language: string): string[] =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, block = '']) => block);

const folder = mkdtempSync(join(tmpdir(), 'waha-readme-'));
let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(async () => {
  await world?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("the README's own lines", () => {
  it('name scripts that there are', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    for (const [, script] of readme.matchAll(/npm run ([\w:-]+)/g)) expect(scripts).toHaveProperty(script ?? '');
    expect(scripts).toHaveProperty('test');
  });

  it('create a session, show its code and send, as they stand', async () => {
    const calls = blocks('sh').find((block) => block.includes('curl')) ?? '';
    const commands = calls.replaceAll('localhost:3000', world.api.url).split(/\n(?=curl)/);
    expect(commands).toHaveLength(3);
    const env = { ...process.env, WAHA_API_KEY: apiKey };
    // Not `execFileSync`: the server is in this process.
    const run = async (command = ''): Promise<string> =>
      (await execute('bash', ['-ec', command], { cwd: folder, env, timeout: 60_000 })).stdout;
    expect(JSON.parse(await run(commands[0]))).toMatchObject({ name: 'default' });
    await world.hooks.status('default', 'SCAN_QR_CODE');
    await run(commands[1]);
    expect(readFileSync(join(folder, 'qr.png')).subarray(1, 4).toString()).toBe('PNG');
    world.sandbox.phone('4915200005001');
    await world.scan('default', '4915200005001');
    await world.hooks.status('default', 'WORKING');
    world.sandbox.contact('12025550123');
    expect(JSON.parse(await run(commands[2]))).toMatchObject({ body: 'Hello', to: '12025550123@c.us' });
  });

  it('are YAML that the server takes, and a plugin that it loads', async () => {
    const [deployment = ''] = blocks('yaml');
    const [plugin = ''] = blocks('ts');
    // Beside a package, as in a deployment: the plugin imports the runtime by its name.
    const place = join(root, 'node_modules/.cache', `readme-${process.pid}`);
    mkdirSync(place, { recursive: true });
    const file = join(place, 'waha.config.yaml');
    writeFileSync(join(place, 'echo-bot.ts'), plugin);
    writeFileSync(file, `${deployment.replace(/\$\{WAHA_API_KEY\}/, 'key')}  - use: ./echo-bot.ts\n`);
    try {
      const { order } = await plan({ configFile: file, builtins });
      expect(order.map(({ name }) => name)).toContain('echo-bot');
    } finally {
      rmSync(place, { recursive: true });
    }
  });

  it('in an empty folder lead from nothing to a server: start says what to do, and doing it is enough', async () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const nothing = await runWahaOfCheckout(['start'], empty).finished;
    expect(nothing).toMatchObject({ code: 2, stderr: expect.stringContaining('npx waha init') });
    await runWahaOfCheckout(['init', '--yes', '--sandbox'], empty).finished;
    const running = runWahaOfCheckout(['start'], empty, { WHATSAPP_API_PORT: '0' });
    await running.line(/is ready on http:\S+/);
    running.child.kill('SIGTERM');
    expect((await running.finished).code).toBe(0);
  });
});

describe('what the package carries', () => {
  const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { files: string[] };
  const always = ['README.md', 'LICENSE', 'package.json'];
  const isCarried = (path: string): boolean =>
    always.includes(path) ||
    files.some((one) => path === one || path.startsWith(`${one}/`) || one.startsWith(`${path}/`));

  const linksOf = (page: string): string[] =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, link = '']) =>
      relative(root, join(root, dirname(page), link)),
    );

  it('is everything that the README links to', () => {
    const links = linksOf('README.md');
    expect(links.length).toBeGreaterThan(20);
    for (const link of links) {
      expect(existsSync(join(root, link)), link).toBe(true);
      expect(isCarried(link), link).toBe(true);
    }
  });

  it('are pages whose links lead somewhere', () => {
    const pages = execFileSync('git', ['ls-files', 'docs/*.md'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
    for (const page of pages.filter((one) => existsSync(join(root, one)))) {
      for (const link of linksOf(page))
        expect(statSync(join(root, link), { throwIfNoEntry: false }), `${page}: ${link}`).toBeDefined();
    }
  });
});

describe('the licences of what is installed with it', () => {
  /** Those that ask for no more than to be named. */
  const free = [
    'MIT',
    'ISC',
    'Apache-2.0',
    'BSD-2-Clause',
    'BSD-3-Clause',
    '0BSD',
    'BlueOak-1.0.0',
    'Unlicense',
    '(MIT OR CC0-1.0)',
  ];
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { license?: string; dev?: boolean; devOptional?: boolean }>;
  };
  const installed = Object.entries(packages).filter(
    ([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional,
  );

  it('are free, or are named in the README with what they mean', () => {
    const others = installed.filter(([, { license }]) => !free.includes(license ?? ''));
    for (const [path, { license }] of others) {
      const name = path.replace(/^.*node_modules\//, '').replace(/^@img\/sharp-.*$/, 'libvips');
      expect(readme, `${name} (${license})`).toContain(name);
      for (const word of (license ?? 'none').match(/\w*GPL-3\.0|MPL-2\.0/g) ?? ['none']) expect(readme).toContain(word);
    }
  });

  it('are those of no package that reports installations', () => {
    expect(installed.map(([path]) => path)).not.toContain('node_modules/@scarf/scarf');
  });
});
