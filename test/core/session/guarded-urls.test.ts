import { describe, expect, it } from 'vitest';
import { configFrom } from '../../../core/config/load.ts';
import { proxyAddress } from '../../../core/contracts/network.ts';
import { createEgress } from '../../../core/network/egress.ts';
import { guardedProxy, type ProxyGuard, refuseDeclared, refuseUrls } from '../../../core/session/guarded-urls.ts';

const guard = createEgress({ allow: { hosts: ['n8n'], cidrs: ['10.1.0.0/16'] } });
const refusal = (url: string) => guard.refusal(url);
const config = (...urls: string[]) => ({ webhooks: urls.map((url) => ({ url, events: ['*' as const] })) });

describe('the webhooks of a session', () => {
  it.each([
    'http://169.254.169.254/latest/meta-data',
    'http://[::1]:8080/',
    'http://0x7f.1/',
    'http://10.2.0.1/',
    'ftp://crm.example/',
    'http://user:secret@crm.example/',
  ])('are refused with the field when their URL says where they may not go: %s', (url) => {
    const refused = () => refuseUrls(config('https://crm.example/hook', url), { refusal });
    expect(refused).toThrow(/^config\.webhooks\.1\.url: /);
    expect(refused).not.toThrow(/secret|config\.webhooks\.0/);
  });

  it('are taken when the YAML opens the way, and when only a look-up could tell', () => {
    const fine = config('http://n8n:5678/hook', 'http://10.1.2.3/', 'http://localhost:1/', 'https://intern.example/');
    expect(() => refuseUrls(fine, { refusal })).not.toThrow();
    expect(() => refuseUrls({ webhooks: null }, { refusal })).not.toThrow();
    expect(() => refuseUrls({}, { refusal })).not.toThrow();
  });

  it('are refused where nothing would deliver them, and say what is missing', () => {
    const rules = { refusal: () => null, delivers: () => false };
    expect(() => refuseUrls(config('https://crm.example/hook'), rules)).toThrow('add `- use: webhook`');
    expect(() => refuseUrls({ webhooks: [] }, rules)).not.toThrow();
  });

  it('are all named with their session, when the YAML declares them', () => {
    const sessions = [
      { name: 'shop', config: config('http://10.2.0.1/', 'http://n8n/') },
      { name: 'bare' },
      { name: 'crm', config: config('http://n8n/', 'http://192.168.0.1/') },
    ];
    const declared = configFrom({ plugins: [{ use: 'lowdb' }], sessions });
    const refused = () => refuseDeclared(declared, refusal);
    expect(refused).toThrow(/sessions\.shop\.config\.webhooks\.0\.url: .*10\.2\.0\.1/);
    expect(refused).toThrow(/sessions\.crm\.config\.webhooks\.1\.url: .*192\.168\.0\.1/);
  });
});

describe("a session's own proxy", () => {
  const through = (server: string, more: object = {}) => ({ proxy: { server, ...more } });

  it.each([
    ['10.2.0.1:3128', 'not on the public internet'],
    ['http://127.0.0.1:3128', 'not on the public internet'],
    ['socks5://[::1]:1080', 'not on the public internet'],
    ['socks5://user:secret@0x7f.1:1080', 'not on the public internet'],
    ['https://169.254.169.254', 'not on the public internet'],
    ['socks4a://localhost:1080', 'not on the public internet', createEgress()],
    ['gopher://old.example', "'gopher://' is no proxy scheme"],
    ['socks5://', 'must be host:port or a URL'],
    ['proxy.example:99999', 'must be host:port or a URL'],
    [`${'x'.repeat(64)}.example:1`, 'must be host:port or a URL'],
    [`${'x.'.repeat(130)}example:1`, 'must be host:port or a URL'],
    ['proxy.example:1 2', 'must be host:port or a URL'],
    ['http://user:secret@', 'must be host:port or a URL'],
    ['\u0000', 'must be host:port or a URL'],
  ])('is refused with the field when it leads where it may not, or nowhere: %j', (server, words, other = guard) => {
    const refused = () => refuseUrls(through(server), { refusal: (url) => other.refusal(url) });
    expect(refused).toThrow(/^config\.proxy\.server: /);
    expect(refused).toThrow(words);
    expect(refused).not.toThrow(/secret/);
  });

  it.each(['10.1.0.7:3128', 'socks5://n8n:1080', 'http://user:p%zz@proxy.example:8080', ' '])(
    'is taken: %j',
    (server) => {
      expect(() => refuseUrls(through(server), { refusal })).not.toThrow();
    },
  );

  it('is named with its session when the YAML declares it', () => {
    const sessions = [{ name: 'shop', config: through('10.2.0.1:3128') }];
    const declared = configFrom({ plugins: [{ use: 'lowdb' }], sessions });
    expect(() => refuseDeclared(declared, refusal)).toThrow(/sessions\.shop\.config\.proxy\.server: .*10\.2\.0\.1/);
  });

  it('is looked up by the guard, which refuses a name that leads inside', async () => {
    const inside = createEgress({ lookup: async () => [{ address: '10.0.0.5', family: 4 }] });
    const { lookup } = guardedProxy({ server: 'socks5://proxy.example:1080' }, inside as ProxyGuard);
    const found = new Promise((resolve) =>
      lookup?.('proxy.example', {}, (error, address) => resolve(error ?? address)),
    );
    expect(await found).toMatchObject({ fault: 'refused' });
  });

  it.each([
    ['user:pass@', 'user', 'pass'],
    ['us%er:p%zz@', 'us%er', 'p%zz'],
    ['us%40er:p%2Fss@', 'us@er', 'p/ss'],
    ['user:p@s/s#w?rd:x@', 'user', 'p@s/s#w?rd:x'],
    ['only@', 'only', ''],
  ])('gets the credentials that are written: %s', (login, username, password) => {
    for (const scheme of ['http', 'socks5']) {
      const url = new URL(proxyAddress({ server: `${scheme}://${login}proxy.example:1080` }).url);
      expect([url.username, url.password].map(decodeURIComponent)).toEqual([username, password]);
      expect(url.host).toBe('proxy.example:1080');
    }
    const apart = new URL(proxyAddress({ server: 'proxy.example', username, password }).url);
    expect([apart.username, apart.password].map(decodeURIComponent)).toEqual([username, password]);
  });
});
