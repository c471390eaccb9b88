import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { AnyPlugin } from '../../../core/contracts/plugin.ts';
import { definePlugin, type Page, Points, route } from '../../../core/index.ts';
import { apiKey, serve } from './serve.ts';

const folder = mkdtempSync(join(tmpdir(), 'waha-page-'));
mkdirSync(join(folder, 'assets'));
writeFileSync(join(folder, 'index.html'), '<!doctype html><title>A page</title>');
writeFileSync(join(folder, 'assets/main-abc.js'), 'export {};');
writeFileSync(join(folder, 'icon.svg'), '<svg/>');
writeFileSync(join(folder, '.env'), 'secret');
writeFileSync(join(folder, '..', 'waha-outside.txt'), 'outside');
afterAll(() => {
  rmSync(folder, { recursive: true });
  rmSync(join(folder, '..', 'waha-outside.txt'));
});

let server: Awaited<ReturnType<typeof serve>>;
afterEach(() => server.close());

const contributing = (name: string, ...pages: Page[]): AnyPlugin =>
  definePlugin({
    name,
    setup({ contribute }) {
      for (const page of pages) contribute(Points.Pages, page);
    },
  }) as AnyPlugin;
const open = async (page: Partial<Page> = {}, more: readonly AnyPlugin[] = []) => {
  const below = route({ method: 'GET', path: '/board/api', summary: 'x', access: 'public', handle: () => 'route' });
  const plugin = contributing('board', { path: '/board', folder: pathToFileURL(`${folder}/`), ...page });
  server = await serve({ routes: [below], plugins: [plugin, ...more] });
};
/** `fetch` itself would say `no-cache`, and so ask for the whole file. */
const asking = (tag: string) => ({ 'if-none-match': tag, 'cache-control': 'max-age=0' });
const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(server.url + path, { method, headers, redirect: 'manual' });

describe('a page', () => {
  it('has its start at its path with a slash, where the path without one leads to', async () => {
    await open();
    const away = await get('/board?a=1');
    expect([away.status, away.headers.get('location')]).toEqual([301, 'board/?a=1']);
    const start = await get('/board/');
    expect([start.status, start.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await start.text()).toContain('A page');
  });

  it('lets browsers keep hashed files for ever, and ask again for others by their ETag', async () => {
    await open();
    const hashed = await get('/board/assets/main-abc.js');
    expect(hashed.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    for (const path of ['/board/', '/board/icon.svg', '/board/assets/main-abc.js']) {
      const first = await get(path);
      const tag = first.headers.get('etag') ?? '';
      expect(tag).toMatch(/^(W\/)?".+"$/);
      expect((await get(path, asking(tag))).status).toBe(304);
    }
    expect((await get('/board/icon.svg')).headers.get('cache-control')).toBe('no-cache');
  });

  it('may load and call this server alone, and is framed by nobody', async () => {
    await open({ policy: { 'style-src': ["'self'", "'unsafe-inline'"] } });
    for (const path of ['/board/', '/board/icon.svg']) {
      const { headers } = await get(path);
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; " +
          "form-action 'self'; frame-ancestors 'none'; style-src 'self' 'unsafe-inline'",
      );
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  it('gives made files with an ETag, and its start for its own addresses when it is a single-page app', async () => {
    await open({ spa: true, made: { 'settings.js': { contentType: 'text/javascript', make: () => 'export {}' } } });
    const made = await get('/board/settings.js');
    expect([await made.text(), made.headers.get('content-type')]).toEqual([
      'export {}',
      'text/javascript; charset=utf-8',
    ]);
    expect((await get('/board/settings.js', asking(made.headers.get('etag') ?? ''))).status).toBe(304);
    expect(await (await get('/board/sessions/one')).text()).toContain('A page');
    expect((await get('/board/assets/gone.js')).status).toBe(401);
    expect((await get('/board/sessions/one', { 'x-api-key': apiKey }, 'POST')).status).toBe(404);
  });

  it('leaves routes below it alone', async () => {
    await open({ spa: true });
    expect(await (await get('/board/api')).json()).toBe('route');
  });

  it.each([
    '/board/.env',
    '/board/../waha-outside.txt',
    '/board/%2e%2e/waha-outside.txt',
    '/board/..%2fwaha-outside.txt',
    '/board/assets/..%5c..%5cwaha-outside.txt',
    '/board/%00',
    '/board/%',
  ])('never gives %s', async (path) => {
    await open();
    const { hostname, port } = new URL(server.url);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      // `fetch` would tidy the path.
      request({ hostname, port, path, headers: { 'x-api-key': apiKey } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  });

  it('with a login asks for it, or for a key', async () => {
    await open({ login: { username: 'ana', password: 'pass' } });
    const refused = await get('/board/');
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
      401,
      'Basic realm="waha", charset="UTF-8"',
    ]);
    const basic = `Basic ${Buffer.from('ana:pass').toString('base64')}`;
    expect((await get('/board/', { authorization: basic })).status).toBe(200);
    expect((await get('/board/', { 'x-api-key': apiKey })).status).toBe(200);
  });

  it('may be where / leads to, before the document of the API', async () => {
    await open({ home: true });
    expect((await get('/')).headers.get('location')).toBe('board/');
  });
});

describe('two pages at one path', () => {
  it('are refused with the names of their plugins', async () => {
    const second = contributing('other', { path: '/board', folder });
    await expect(open({}, [second])).rejects.toThrow("plugin 'other' has a page at /board, which 'board' has, too");
  });
});
