import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { SimulatedClock } from 'xstate';
import { isEgressError } from '../../../core/contracts/network.ts';
import { type ClosableEgress, createEgress, type EgressOptions } from '../../../core/network/egress.ts';
import { type Receiver, type ReceiverOptions, startReceiver } from '../../support/receiver.ts';

const pem = (name: string) => readFileSync(new URL(`./fixtures/localhost.${name}.pem`, import.meta.url), 'utf8');
const tls = { key: pem('key'), cert: pem('cert') };

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const receiving = async (options?: ReceiverOptions): Promise<Receiver> => {
  const receiver = await startReceiver(options);
  cleanups.push(() => receiver.close());
  return receiver;
};
const opened = (options: EgressOptions = {}): ClosableEgress => {
  const egress = createEgress({ allow: { cidrs: ['127.0.0.1'] }, ...options });
  cleanups.push(() => egress.close());
  return egress;
};
/** A TCP server that speaks as the test says. */
const rawServer = async (speak: (socket: Socket) => void): Promise<number> => {
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined);
    speak(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(async () => void server.close());
  return (server.address() as AddressInfo).port;
};

describe('a request', () => {
  it('carries method, headers and body, and brings the answer back', async () => {
    const receiver = await receiving({ answers: [{ status: 201, headers: { 'x-answer': 'yes' }, body: 'done' }] });
    const answer = await opened().request({
      url: `${receiver.url}/hook?a=1`,
      method: 'POST',
      headers: { 'x-one': '1' },
      body: '{"a":1}',
    });
    expect(answer).toMatchObject({ status: 201, headers: { 'x-answer': 'yes' } });
    expect(Buffer.from(answer.body).toString()).toBe('done');
    const got = await receiver.next();
    expect(got).toMatchObject({ method: 'POST', path: '/hook?a=1', text: '{"a":1}' });
    expect(got.headers).toMatchObject({ 'x-one': '1', 'content-length': '7' });
  });

  it('gives up when the answer announces more than the cap', async () => {
    const receiver = await receiving({ answers: [{ body: 'x'.repeat(2000) }] });
    const request = opened().request({ url: receiver.url, maxBytes: 1000 });
    await expect(request).rejects.toMatchObject({ fault: 'too_large' });
  });

  it('gives up when the answer grows over the cap unannounced', async () => {
    const receiver = await receiving({
      answers: [{ headers: { 'transfer-encoding': 'chunked' }, body: 'x'.repeat(2000) }],
    });
    const request = opened().request({ url: receiver.url, maxBytes: 1000 });
    await expect(request).rejects.toMatchObject({ fault: 'too_large' });
  });

  it('that wants the head only resolves whatever the size of the body', async () => {
    const receiver = await receiving({ answers: [{ status: 200, body: 'x'.repeat(1024 * 1024) }] });
    const answer = await opened().request({ url: receiver.url, method: 'POST', headOnly: true, maxBytes: 10 });
    expect(answer.status).toBe(200);
    expect(answer.body).toHaveLength(0);
  });

  it('that wants the head only is content with it when the body breaks off', async () => {
    const port = await rawServer((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 202 Accepted\r\ncontent-length: 10\r\n\r\n12345'));
    });
    const url = `http://127.0.0.1:${port}/`;
    expect((await opened().request({ url, headOnly: true })).status).toBe(202);
    await expect(opened().request({ url })).rejects.toMatchObject({ fault: 'reset' });
  });

  it('passes over what a server says before its answer', async () => {
    const port = await rawServer((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n'));
    });
    expect((await opened().request({ url: `http://127.0.0.1:${port}/` })).status).toBe(204);
  });

  it('fails on an answer that is not HTTP', async () => {
    const port = await rawServer((socket) => void socket.once('data', () => socket.end('220 smtp.inside ready\r\n')));
    const error = await opened()
      .request({ url: `http://127.0.0.1:${port}/` })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ fault: 'bad_answer', message: expect.not.stringContaining('smtp') });
  });

  it('ends after its time, by the clock that was given', async () => {
    const clock = new SimulatedClock();
    const receiver = await receiving({ answers: ['hang'] });
    const request = opened({ clock }).request({ url: receiver.url, timeoutMs: 15_000 });
    await receiver.next();
    clock.increment(14_999);
    const pending = Symbol('pending');
    expect(await Promise.race([request, Promise.resolve(pending)])).toBe(pending);
    clock.increment(1);
    await expect(request).rejects.toMatchObject({ fault: 'timeout', message: expect.stringContaining('within 15 s') });
  });

  it('ends when its signal says so, before and during', async () => {
    const receiver = await receiving({ answers: ['hang'] });
    const egress = opened();
    await expect(egress.request({ url: receiver.url, signal: AbortSignal.abort() })).rejects.toMatchObject({
      fault: 'aborted',
    });
    expect(receiver.requests).toHaveLength(0);
    const controller = new AbortController();
    const request = egress.request({ url: receiver.url, signal: controller.signal });
    await receiver.next();
    controller.abort();
    await expect(request).rejects.toMatchObject({ fault: 'aborted' });
  });

  it('gives up on a handshake that never ends', async () => {
    const port = await rawServer(() => undefined);
    const request = opened({ connectTimeoutMs: 100 }).request({ url: `https://127.0.0.1:${port}/` });
    await expect(request).rejects.toMatchObject({ fault: 'connect', message: expect.stringContaining('in time') });
  });

  it('says that nothing listens, without an address that the user did not write', async () => {
    const receiver = await receiving();
    const { port } = receiver;
    await receiver.close();
    const egress = opened({ lookup: async () => [{ address: '127.0.0.1', family: 4 }] });
    const error = await egress.request({ url: `http://hook.example:${port}/` }).catch((reason: unknown) => reason);
    expect(isEgressError(error, 'connect')).toBe(true);
    expect(error).toMatchObject({
      message: `no connection to 'hook.example:${port}': nothing listens there; is the receiver running?`,
    });
  });

  it('says that a name does not exist', async () => {
    const egress = opened({ lookup: async () => Promise.reject(new Error('ENOTFOUND 10.0.0.53')) });
    const request = egress.request({ url: 'http://hook.example/' });
    await expect(request).rejects.toMatchObject({
      fault: 'dns',
      message: "the host 'hook.example' cannot be resolved; check the name",
    });
  });

  it('is refused when a header would break HTTP', async () => {
    const receiver = await receiving();
    const request = opened().request({ url: receiver.url, headers: { 'x-bad': 'a\r\nx-smuggled: 1' } });
    await expect(request).rejects.toMatchObject({ fault: 'refused' });
    expect(receiver.requests).toHaveLength(0);
  });

  it('shares one look-up with those that connect at the same time', async () => {
    const receiver = await receiving();
    let asked = 0;
    const egress = opened({
      lookup: async () => {
        asked += 1;
        return [{ address: '127.0.0.1', family: 4 }];
      },
    });
    const url = `http://hook.example:${receiver.port}/`;
    await Promise.all([1, 2, 3].map(() => egress.request({ url })));
    expect(asked).toBe(1);
  });
});

describe('TLS', () => {
  it('refuses a certificate that nobody vouches for and says what to do', async () => {
    const receiver = await receiving({ tls });
    const request = opened().request({ url: receiver.url });
    await expect(request).rejects.toMatchObject({
      fault: 'tls',
      message: expect.stringContaining('turn the check off'),
    });
    expect(receiver.requests).toHaveLength(0);
  });

  it('takes it where the endpoint turned the check off, and only there', async () => {
    const receiver = await receiving({ tls });
    const egress = opened();
    expect((await egress.request({ url: receiver.url, verifyTls: false })).status).toBe(200);
    await expect(egress.request({ url: receiver.url })).rejects.toMatchObject({ fault: 'tls' });
  });

  it('tells when the other side does not speak it', async () => {
    const receiver = await receiving();
    const request = opened().request({ url: receiver.url.replace('http:', 'https:') });
    await expect(request).rejects.toMatchObject({ fault: 'tls', message: expect.stringContaining('http: URL') });
  });
});

/** undici takes a connection back one turn of the event loop after the answer. */
const connectionIdle = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('a kept-alive connection', () => {
  it('serves the next request, too', async () => {
    const receiver = await receiving();
    const egress = opened();
    await egress.request({ url: receiver.url });
    await connectionIdle();
    await egress.request({ url: receiver.url, method: 'POST', body: 'x', headOnly: true });
    await connectionIdle();
    await egress.request({ url: receiver.url });
    expect(receiver.requests.map(({ connection }) => connection)).toEqual([1, 1, 1]);
  });

  it('that dies under a repeatable request is replaced once, at once', async () => {
    const receiver = await receiving({ answers: [200, 'reset', 204] });
    const egress = opened();
    await egress.request({ url: receiver.url });
    await connectionIdle();
    const answer = await egress.request({ url: receiver.url, method: 'POST', body: 'x', repeatable: true });
    expect(answer.status).toBe(204);
    expect(receiver.requests.map(({ connection }) => connection)).toEqual([1, 1, 2]);
  });

  it('is replaced by a new one even when every idle one is dead', async () => {
    const receiver = await receiving({ answers: [{ delayMs: 20 }] });
    const egress = opened();
    const url = receiver.url;
    await Promise.all([1, 2, 3].map(() => egress.request({ url })));
    await connectionIdle();
    expect(receiver.connections()).toBe(3);
    receiver.answer('reset', 200);
    expect((await egress.request({ url })).status).toBe(200);
    expect(receiver.requests.at(-1)?.connection).toBe(4);
  });

  it('is not replaced twice', async () => {
    const receiver = await receiving({ answers: [200, 'reset', 'reset', 200] });
    const egress = opened();
    await egress.request({ url: receiver.url });
    await connectionIdle();
    await expect(egress.request({ url: receiver.url })).rejects.toMatchObject({ fault: 'reset' });
    expect(receiver.requests).toHaveLength(3);
  });

  it('is not replaced when the request must not be sent twice', async () => {
    const receiver = await receiving({ answers: [200, 'reset', 200] });
    const egress = opened();
    await egress.request({ url: receiver.url });
    await connectionIdle();
    const request = egress.request({ url: receiver.url, method: 'POST', body: 'x' });
    await expect(request).rejects.toMatchObject({ fault: 'reset' });
    expect(receiver.requests).toHaveLength(2);
  });

  it('that the server closed in the meantime is not used', async () => {
    const receiver = await receiving({ answers: [{ thenClose: true }] });
    const egress = opened();
    for (let count = 0; count < 5; count += 1) {
      const answer = await egress.request({ url: receiver.url, method: 'POST', body: 'x', repeatable: true });
      expect(answer.status).toBe(200);
    }
    expect(receiver.requests.length).toBe(5);
  });
});

it('does not send again what failed on a new connection', async () => {
  const receiver = await receiving({ answers: ['reset', 200] });
  await expect(opened().request({ url: receiver.url })).rejects.toMatchObject({ fault: 'reset' });
  expect(receiver.requests).toHaveLength(1);
});

it('never opens more connections to one origin than it may', async () => {
  const receiver = await receiving({ answers: ['hang'] });
  const egress = opened({ connectionsPerOrigin: 2 });
  const requests = [1, 2, 3, 4].map(() => egress.request({ url: receiver.url }));
  await receiver.next(2);
  expect(receiver.connections()).toBe(2);
  receiver.answer(200);
  await receiver.release();
  expect((await Promise.all(requests)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect(new Set(receiver.requests.map(({ connection }) => connection)).size).toBe(2);
});

it('cuts what is under way when it closes', async () => {
  const receiver = await receiving({ answers: ['hang'] });
  const egress = opened();
  const request = egress.request({ url: receiver.url });
  await receiver.next();
  const rejected = expect(request).rejects.toMatchObject({ fault: 'aborted' });
  await egress.close();
  await rejected;
});
