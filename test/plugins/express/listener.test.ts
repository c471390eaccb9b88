import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { route } from '../../../core/index.ts';
import { call, deferred, type ServeOptions, serve } from './serve.ts';

let server: Awaited<ReturnType<typeof serve>> | undefined;
afterEach(async () => {
  vi.useRealTimers();
  await server?.close();
});

/** A route that answers when the test says so. */
const held = () => {
  const entered = deferred();
  const released = deferred<object>();
  const slow = route({
    method: 'GET',
    path: '/slow',
    summary: 'slow',
    handle() {
      entered.resolve();
      return released.promise;
    },
  });
  return { slow, entered: entered.promise, release: () => released.resolve({ done: true }) };
};
const open = async (options: ServeOptions) => {
  server = await serve(options);
  return server;
};

describe('listening', () => {
  it('on port 0 takes a free port and says which', async () => {
    const { url, baseUrl } = await open({});
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d+$/);
    expect(baseUrl).toBe(url);
  });

  it('on every address gives a URL that this machine can reach', async () => {
    const { url } = await open({ config: { host: '' } });
    expect((await fetch(`${url}/ping`)).status).toBe(200);
  });

  it('on a taken port fails with a sentence that names plugin, host and port', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const sentence = `plugin 'express': cannot listen on 127.0.0.1:${port}: another program uses the port; stop it or set another port`;
    await expect(serve({ config: { port } })).rejects.toThrow(sentence);
    await new Promise((resolve) => other.close(resolve));
  });

  it('on an address of another machine fails with a sentence, too', async () => {
    const started = serve({ config: { host: '192.0.2.1', port: 3999 } });
    await expect(started).rejects.toThrow('cannot listen on 192.0.2.1:3999: this machine does not have the address');
  });
});

describe('closing', () => {
  it('lets a request in flight finish and takes no new one', async () => {
    const { slow, entered, release } = held();
    const { url, close } = await open({ routes: [slow] });
    const answer = call(`${url}/slow`);
    await entered;
    const closed = close();
    await expect(fetch(`${url}/ping`)).rejects.toThrow();
    release();
    expect(await (await answer).json()).toEqual({ done: true });
    await closed;
  });

  it('cuts what takes too long', async () => {
    const { slow, entered } = held();
    const { url, close } = await open({ routes: [slow], config: { closeGrace: 20 } });
    const answer = call(`${url}/slow`);
    await entered;
    await Promise.all([expect(answer).rejects.toThrow(), close()]);
  });

  it('does not wait for idle connections, and may be done twice', async () => {
    const { url, close } = await open({});
    await (await fetch(`${url}/ping`)).json();
    await close();
    await close();
  });

  it('does not wait for a connection that was opened ahead and never used', async () => {
    const { url, close } = await open({});
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    await once(socket, 'connect');
    // Answered after the other connection was taken in.
    await (await fetch(`${url}/ping`)).json();
    // The grace never ends: whoever waits for it waits for ever.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    socket.resume();
    await Promise.all([once(socket, 'close'), close()]);
  });
});
