import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { proxyAddress } from 'waha-runtime';
import type { ProxyConfig } from '../../../core/contracts/network.ts';
import { throughProxy } from '../../../plugins/baileys/connection/proxy-agent.ts';
import { type Sandbox, startSandbox } from '../../../plugins/sandbox/sandbox.ts';
import { startHttpProxy, startSocksProxy, type TestProxy } from './proxies.ts';
import { TestSession } from './session.ts';

let sandbox: Sandbox;
const open: { close(): Promise<void> }[] = [];
const kept = <T extends { close(): Promise<void> }>(thing: T): T => {
  open.unshift(thing);
  return thing;
};
const sessionThrough = (config: ProxyConfig, plugin: object = {}) =>
  kept(new TestSession(sandbox, { proxy: proxyAddress(config), plugin }));

beforeAll(async () => {
  sandbox = await startSandbox();
});
afterEach(async () => {
  for (const thing of open.splice(0)) await thing.close();
});
afterAll(() => sandbox.close());

/** A port on which nobody listens, and that nobody is given meanwhile. */
const DEAD = 1;

const sandboxAddress = () => new URL(sandbox.endpoint.url).host;

describe('a session with a proxy', () => {
  it.each(['http', 'socks5'])('connects through it and nowhere else (%s)', async (scheme) => {
    const proxy = kept(scheme === 'http' ? await startHttpProxy() : await startSocksProxy());
    const before = sandbox.stats().handshakes;
    const session = sessionThrough({ server: `${scheme}://127.0.0.1:${proxy.port}` });
    const { client } = await session.link(sandbox, scheme === 'http' ? '4915200000300' : '4915200000301');
    await client.messages.sendText({ chatId: '4915200000302', text: `through ${scheme}` });
    expect(proxy.asked).toEqual([sandboxAddress(), sandboxAddress()]);
    expect(sandbox.stats().handshakes - before).toBe(2);
  });

  it('gives the proxy its credentials', async () => {
    const proxy = kept(await startHttpProxy('user:p@ss'));
    const session = sessionThrough({ server: `127.0.0.1:${proxy.port}`, username: 'user', password: 'p@ss' });
    session.open();
    await session.signal('engine.qr');
    expect(proxy.asked).toEqual([sandboxAddress()]);
  });

  it.each(['http', 'socks5'])('ends with proxy when its look-up refuses the host (%s)', async (scheme) => {
    const proxy = kept(scheme === 'http' ? await startHttpProxy() : await startSocksProxy());
    const looked: string[] = [];
    const lookup: LookupFunction = (host, _options, done) => {
      looked.push(host);
      done(new Error('it is not on the public internet'), '');
    };
    const address = { ...proxyAddress({ server: `${scheme}://localhost:${proxy.port}` }), lookup };
    const session = kept(new TestSession(sandbox, { proxy: address }));
    session.open();
    expect(await session.signal('engine.closed')).toMatchObject({ reason: 'proxy' });
    expect(looked).toContain('localhost');
    expect(proxy.asked).toEqual([]);
  });

  it('ends with proxy, and without the secret in its words, when the proxy refuses the credentials', async () => {
    const proxy = kept(await startHttpProxy('user:right'));
    const session = sessionThrough({ server: `127.0.0.1:${proxy.port}`, username: 'user', password: 'wr0ng' });
    session.open();
    const closed = await session.signal('engine.closed');
    expect(closed).toMatchObject({ reason: 'proxy', message: expect.stringContaining('407') });
    expect(JSON.stringify(closed)).not.toContain('wr0ng');
  });

  it.each(['http', 'socks5'])('never connects directly when the proxy is dead (%s)', async (scheme) => {
    let connections = 0;
    const server = createServer().on('connection', () => {
      connections += 1;
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws/chat`;
    const proxy = proxyAddress({ server: `${scheme}://user:s3cret@127.0.0.1:${DEAD}` });
    const session = kept(new TestSession(sandbox, { proxy, url }));
    for (let attempt = 0; attempt < 2; attempt++) {
      session.open();
      const closed = await session.signal('engine.closed');
      expect(closed.reason).toBe('proxy');
      expect(closed.message).not.toContain('s3cret');
    }
    expect(connections).toBe(0);
    server.close();
  });

  it('ends with proxy when the proxy says nothing', async () => {
    const silent = createServer();
    silent.on('connect', () => undefined);
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const session = sessionThrough(
      { server: `127.0.0.1:${(silent.address() as AddressInfo).port}` },
      { connectTimeoutMs: 2_000 },
    );
    session.open();
    expect(await session.closed()).toBe('proxy');
    silent.closeAllConnections();
    silent.close();
  });
});

describe('what a session fetches', () => {
  let web: Server;
  let url: string;
  beforeAll(async () => {
    web = createServer((_request, response) => response.end('media'));
    web.listen(0, '127.0.0.1');
    await once(web, 'listening');
    url = `http://127.0.0.1:${(web.address() as AddressInfo).port}/media`;
  });
  afterAll(() => {
    web.closeAllConnections();
    web.close();
  });

  it.each(['http', 'socks5'])('goes through the proxy, too (%s)', async (scheme) => {
    const proxy: TestProxy = kept(scheme === 'http' ? await startHttpProxy() : await startSocksProxy());
    const transport = throughProxy(proxyAddress({ server: `${scheme}://127.0.0.1:${proxy.port}` }), 20_000);
    const init = { dispatcher: transport.dispatcher } as unknown as RequestInit;
    expect(await (await fetch(url, init)).text()).toBe('media');
    expect(proxy.asked).toEqual([new URL(url).host]);
    transport.close();
  });

  it('fails with the proxy', async () => {
    const transport = throughProxy(proxyAddress({ server: `127.0.0.1:${DEAD}` }), 20_000);
    const init = { dispatcher: transport.dispatcher } as unknown as RequestInit;
    await expect(fetch(url, init)).rejects.toThrow();
    expect(transport.fault()?.message).toContain(`127.0.0.1:${DEAD}`);
    transport.close();
  });
});
