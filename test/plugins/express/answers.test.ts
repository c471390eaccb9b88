import { once } from 'node:events';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { type Reply, type Route, reply, route } from '../../../core/index.ts';
import { call, deferred, serve } from './serve.ts';

let server: Awaited<ReturnType<typeof serve>>;
afterEach(() => server?.close());

const answering = async (handle: Route['handle']) => {
  server = await serve({ routes: [route({ method: 'GET', path: '/x', summary: 'x', handle })] });
};
const get = (headers: Record<string, string> = {}, method = 'GET') => call(`${server.url}/x`, { headers, method });
const picture = (extra: Partial<Reply> = {}) =>
  reply({ body: Buffer.from([1, 2, 3]), contentType: 'image/png', ...extra });

describe('an answer', () => {
  it('is JSON in one piece', async () => {
    await answering(async () => ({ text: 'grüße ✓' }));
    const answer = await get();
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(Number(answer.headers.get('content-length'))).toBe(Buffer.byteLength('{"text":"grüße ✓"}'));
    expect(await answer.json()).toEqual({ text: 'grüße ✓' });
  });

  it.each([[null], [true], [0], [''], [[]]])('may be the JSON value %j', async (value) => {
    await answering(() => value);
    expect(await (await get()).json()).toEqual(value);
  });

  it('is empty when the handler returns nothing', async () => {
    await answering(() => undefined);
    const answer = await get();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-length')).toBe('0');
  });
});

describe('a reply', () => {
  it('has a status and headers of its own', async () => {
    await answering(() => reply({ status: 503, json: { a: 1 }, headers: { 'cache-control': 'no-store' } }));
    const answer = await get();
    expect(answer.status).toBe(503);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await answer.json()).toEqual({ a: 1 });
  });

  it('sends bytes and text as they are', async () => {
    await answering(() => picture());
    const bytes = await get();
    expect(bytes.headers.get('content-type')).toBe('image/png');
    expect(bytes.headers.get('content-length')).toBe('3');
    expect([...new Uint8Array(await bytes.arrayBuffer())]).toEqual([1, 2, 3]);
    await server.close();
    await answering(() => reply({ body: 'plain ✓', contentType: 'text/plain; charset=utf-8' }));
    expect(await (await get()).text()).toBe('plain ✓');
  });

  it('sends a stream, and none for HEAD', async () => {
    const made: Readable[] = [];
    await answering(() => {
      const stream = Readable.from([Buffer.from('ab'), Buffer.from('cd')]);
      made.push(stream);
      return reply({ body: stream, contentType: 'text/plain' });
    });
    expect(await (await get()).text()).toBe('abcd');
    expect(await (await get({}, 'HEAD')).text()).toBe('');
    expect(made.every(({ destroyed }) => destroyed)).toBe(true);
  });

  it('whose stream breaks is cut, not ended', async () => {
    await answering(() => {
      const body = new Readable({ read() {} });
      body.push('half');
      setImmediate(() => body.destroy(new Error('disk')));
      return reply({ body, contentType: 'text/plain' });
    });
    await expect(get().then((answer) => answer.text())).rejects.toThrow();
    expect(server.log.lines.some(({ level, message }) => level === 'error' && message === 'answer broke off')).toBe(
      true,
    );
  });

  it.each([
    [{}, 'image/png'],
    [{ accept: '*/*' }, 'image/png'],
    [{ accept: 'image/*' }, 'image/png'],
    [{ accept: 'text/html' }, 'image/png'],
    [{ accept: 'application/json' }, 'application/json; charset=utf-8'],
    [{ accept: 'application/json, text/plain, */*' }, 'application/json; charset=utf-8'],
    [{ accept: 'text/html,image/apng,*/*;q=0.8' }, 'image/png'],
  ])('in two forms goes by Accept: %j gives %s', async (headers, type) => {
    await answering(() => picture({ json: { data: 'AQID' } }));
    const answer = await get(headers as Record<string, string>);
    expect(answer.headers.get('content-type')).toBe(type);
    expect(answer.headers.get('vary')).toBe('Accept');
  });
});

describe('a client that leaves', () => {
  it('fires the signal of its request', async () => {
    const entered = deferred<AbortSignal>();
    await answering(async ({ signal }) => {
      entered.resolve(signal);
      await once(signal, 'abort');
    });
    const leaving = new AbortController();
    const answer = fetch(`${server.url}/x?x-api-key=a-key-for-tests`, { signal: leaving.signal });
    const signal = await entered.promise;
    expect(signal.aborted).toBe(false);
    leaving.abort();
    await expect(answer).rejects.toThrow();
    if (!signal.aborted) await once(signal, 'abort');
    expect(signal.aborted).toBe(true);
  });

  it('does not fire it after an answer', async () => {
    const signals: AbortSignal[] = [];
    await answering(({ signal }) => {
      signals.push(signal);
      return {};
    });
    await (await get()).json();
    await server.close();
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  });
});
