import { describe, expect, it } from 'vitest';
import { type Proxies, Tokens } from 'waha-runtime';
import { compile } from '../../../core/config/validate.ts';
import proxy from '../../../plugins/proxy/index.ts';
import { recordingLog } from '../../support/log.ts';

const log = recordingLog();

/** The plugin, set up with this config. */
const proxies = (config: object): Proxies => {
  const checked = compile(proxy.config!, { unknown: 'reject' })(config);
  if (!checked.ok) throw new Error(checked.violations.map(({ message }) => message).join('; '));
  let provided: unknown;
  const provide = (token: symbol, service: unknown) => {
    expect(token).toBe(Tokens.Proxies);
    provided = service;
  };
  void proxy.setup({ config: checked.value, log, provide } as never);
  return provided as Proxies;
};
const urls = (chooser: Proxies, ...sessions: string[]) => sessions.map((name) => chooser.choose(name, undefined)?.url);
const fault = (config: object): string => {
  try {
    proxies(config);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
};

describe('a session goes', () => {
  it('directly when nothing is configured, or only empty strings are', () => {
    expect(proxies({}).choose('default', undefined)).toBeNull();
    const empty = { server: '', username: '', password: '', list: ' , ', servers: [''], indexPrefix: '' };
    expect(proxies(empty).choose('default', undefined)).toBeNull();
  });

  it('through its own proxy before any other', () => {
    const chooser = proxies({ server: 'global.example:3128', list: 'a.example:1,b.example:2' });
    const own = { server: 'socks5://own.example:1080', username: 'u@x', password: 'p:w' };
    expect(chooser.choose('default', own)).toEqual({
      url: 'socks5://u%40x:p%3Aw@own.example:1080',
      label: 'socks5://own.example:1080',
    });
  });

  it('through the one for all before those of the list', () => {
    const chooser = proxies({ server: 'global.example:3128', list: 'a.example:1,b.example:2' });
    expect(urls(chooser, 'one', 'two')).toEqual(['http://global.example:3128/', 'http://global.example:3128/']);
  });

  it('through the list in turn, and keeps its place', () => {
    const chooser = proxies({ list: 'a.example:1, b.example:2,' });
    const [a, b] = ['http://a.example:1/', 'http://b.example:2/'];
    expect(urls(chooser, 'one', 'two', 'three', 'one', 'two', 'three', 'four')).toEqual([a, b, a, a, b, a, b]);
  });

  it('through servers and list together, servers first', () => {
    const chooser = proxies({ servers: ['a.example:1'], list: 'b.example:2' });
    expect(urls(chooser, 'one', 'two')).toEqual(['http://a.example:1/', 'http://b.example:2/']);
  });

  it('by the number in its name, around again behind the last', () => {
    const chooser = proxies({ list: 'a.example:1,b.example:2,c.example:3', indexPrefix: 'bot-' });
    const [a, b, c] = ['http://a.example:1/', 'http://b.example:2/', 'http://c.example:3/'];
    expect(urls(chooser, 'bot-0', 'bot-2', 'bot-1', 'bot-3', 'team.bot-5')).toEqual([a, c, b, a, c]);
  });

  it('in turn when its name has no number behind the prefix', () => {
    const chooser = proxies({ list: 'a.example:1,b.example:2', indexPrefix: 'bot-' });
    expect(urls(chooser, 'other', 'bot-x', 'bot-1')).toEqual([
      'http://a.example:1/',
      'http://b.example:2/',
      'http://b.example:2/',
    ]);
  });
});

describe('an entry', () => {
  it.each([
    ['host and port', 'p.example:3128', 'http://p.example:3128/'],
    ['http', 'http://p.example:3128', 'http://p.example:3128/'],
    ['https', 'https://p.example:3129', 'https://p.example:3129/'],
    ['socks4', 'socks4://p.example:1080', 'socks4://p.example:1080'],
    ['socks5', 'socks5://p.example:1080', 'socks5://p.example:1080'],
    ['socks5h', 'socks5h://p.example:1080', 'socks5h://p.example:1080'],
    ['an IPv6 address', 'socks5://[::1]:1080', 'socks5://[::1]:1080'],
  ])('may be %s', (_, server, url) => {
    expect(urls(proxies({ server }), 'default')).toEqual([url]);
    expect(urls(proxies({ servers: [{ server }] }), 'default')).toEqual([url]);
  });

  it('shares username and password, unless it has its own', () => {
    const chooser = proxies({
      username: 'shared',
      password: 'pw',
      servers: ['a.example:1', { server: 'b.example:2', username: 'own' }, 'socks5://url:inside@c.example:3'],
    });
    expect(urls(chooser, 'one', 'two', 'three')).toEqual([
      'http://shared:pw@a.example:1/',
      'http://own@b.example:2/',
      'socks5://url:inside@c.example:3',
    ]);
  });

  it('that is wrong is named by its place, all of them together, and never by what it holds', () => {
    const message = fault({
      server: 'ftp://user:SECRET@p.example',
      servers: ['a.example:1', { server: 'p.example:99999', username: 'SECRET', password: 'SECRET' }],
      list: 'a.example:1,http://SECRET SECRET,socks5://:1080',
    });
    expect(message.split('\n')).toEqual([
      expect.stringMatching(/^config\.server 'ftp:\/\/' is no proxy scheme/),
      expect.stringMatching(/^config\.servers\.1 must be host:port or a URL/),
      expect.stringMatching(/^config\.list: entry 1 must be host:port or a URL/),
      expect.stringMatching(/^config\.list: entry 2 /),
    ]);
    expect(message).not.toContain('SECRET');
  });
});

it('logs which proxies there are without their credentials', () => {
  log.lines.length = 0;
  proxies({ servers: [{ server: 'socks5://p.example:1080', username: 'user', password: 'SECRET' }] });
  expect(JSON.stringify(log.lines)).toContain('socks5://p.example:1080');
  expect(JSON.stringify(log.lines)).not.toMatch(/SECRET|user/);
});
