import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { configFrom } from '../../../core/config/load.ts';
import { definePlugin, Points } from '../../../core/index.ts';
import { type Runtime, startRuntime } from '../../../core/runtime.ts';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import { builtPage } from '../../../plugins/dashboard/build-page.ts';
import { builtins } from '../../../plugins/index.ts';
import { recordingLog } from '../../support/log.ts';

const folder = await builtPage();
const start = readFileSync(join(folder, 'index.html'), 'utf8');

describe('the built page', () => {
  it('has less than 150 KB of script to load before it shows something (gzip)', () => {
    const scripts = [...start.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.js)"/g)].map(([, path = '']) => path);
    expect(scripts.length).toBeGreaterThan(0);
    const size = scripts.reduce((sum, path) => sum + gzipSync(readFileSync(join(folder, path))).length, 0);
    expect(size / 1_024).toBeLessThan(150);
  });

  it('has no script, style or handler that stands in the page, and loads nothing from elsewhere', () => {
    expect(start).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:/);
    for (const [, attributes = '', inner = ''] of start.matchAll(/<script([^>]*)>([^<]*)<\/script>/g)) {
      expect(attributes).toContain('src="./');
      expect(inner.trim()).toBe('');
    }
    expect(start).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });

  it('is built for production, once for the same sources', async () => {
    const built = readdirSync(join(folder, 'assets')).filter((name) => name.endsWith('.js'));
    for (const name of built) expect(readFileSync(join(folder, 'assets', name), 'utf8')).not.toContain('jsxDEV');
    const onBuild = () => expect.unreachable('it was built before');
    expect(await builtPage({ onBuild })).toBe(folder);
  });
});

const memory = definePlugin({
  name: 'memory',
  contributesFirst: [Points.Database],
  setup: ({ contribute }) => contribute(Points.Database, memoryDatabase()),
});

describe('the plugin', () => {
  let runtime: Runtime | undefined;
  afterEach(() => runtime?.stop());

  const serve = async (config: object): Promise<string> => {
    const plugins = [
      { use: 'memory' },
      { use: 'express', config: { host: '127.0.0.1', port: 0, apiKey: 'k' } },
      { use: 'dashboard', config },
    ];
    runtime = await startRuntime({
      config: configFrom({ plugins }),
      builtins: { ...builtins, memory: async () => ({ default: memory }) },
      log: recordingLog(),
    });
    return runtime.url ?? '';
  };
  const get = (url: string, headers: Record<string, string> = {}) => fetch(url, { redirect: 'manual', headers });

  it('serves the page without a key, and lets / lead there', async () => {
    const url = await serve({});
    const home = await get(`${url}/`);
    expect([home.status, new URL(home.headers.get('location') ?? '', `${url}/`).pathname]).toEqual([
      302,
      '/dashboard/',
    ]);
    const page = await get(`${url}/dashboard/`);
    expect(await page.text()).toBe(start);
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
  });

  it('leaves / to others, and takes another path', async () => {
    const url = await serve({ home: false, path: '/tools/board' });
    expect((await get(`${url}/`)).headers.get('location')).toBe('swagger/');
    expect((await get(`${url}/tools/board/`)).status).toBe(200);
    const settings = await (await get(`${url}/tools/board/settings.json`)).json();
    expect(settings).toEqual({ root: '../../', events: null });
    expect((await get(`${url}/dashboard/`)).status).toBe(401);
  });

  it('is not there when it is switched off', async () => {
    const url = await serve({ enabled: false });
    expect((await get(`${url}/dashboard/`)).status).toBe(401);
  });

  it('asks for a login when it has one', async () => {
    const url = await serve({ username: 'admin', password: 'open sesame' });
    expect((await get(`${url}/dashboard/`)).status).toBe(401);
    const authorization = `Basic ${Buffer.from('admin:open sesame').toString('base64')}`;
    expect((await get(`${url}/dashboard/`, { authorization })).status).toBe(200);
  });

  it('refuses half a login, which would leave the page open', async () => {
    await expect(serve({ username: 'admin' })).rejects.toThrow('username and password go together');
    await expect(serve({ username: ' ', password: 'x' })).rejects.toThrow('username and password go together');
    runtime = undefined;
  });
});
