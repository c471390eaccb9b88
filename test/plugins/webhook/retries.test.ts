import { describe, expect, it } from 'vitest';
import { type ReceiverOptions, startReceiver } from '../../support/receiver.ts';
import { closing, runWebhooks } from './running-plugin.ts';

const receiving = async (options?: ReceiverOptions) => closing(await startReceiver(options));

/** Lets the plugin retry until it gives up; the waits in seconds. */
const waitsOf = async (config: object, random?: () => number) => {
  const receiver = await receiving({ answers: [500] });
  const { deliver, clock, logged, counts } = await runWebhooks({
    config: { url: receiver.url, ...config },
    ...(random && { random }),
  });
  const givenUp = logged('given up').then(() => null);
  deliver();
  const waits: number[] = [];
  for (;;) {
    const delay = await Promise.race([clock.timer(), givenUp]);
    if (delay === null) break;
    waits.push(delay / 1000);
    await clock.pass(delay);
  }
  return { waits, receiver, counts };
};

describe('a delivery that fails', () => {
  it('constant: is tried again after 2, 2, 2 … seconds, 15 times, and is then given up', async () => {
    const { waits, receiver, counts } = await waitsOf({ retries: {} });
    expect(waits).toEqual(Array(15).fill(2));
    expect(receiver.requests).toHaveLength(16);
    expect(counts()).toMatchObject({ delivered: 0, failed: 1, retried: 15, queued: 0 });
  });

  it('linear: is tried again after 2, 4, 6 … seconds', async () => {
    expect((await waitsOf({ retries: { policy: 'linear', attempts: 5 } })).waits).toEqual([2, 4, 6, 8, 10]);
  });

  it('exponential: is tried again after 2, 4.1, 8.4, 16.3 seconds, by the random numbers given', async () => {
    const jitters = [0, 0.125, 0.25, 0.09375];
    const { waits } = await waitsOf({ retries: { policy: 'exponential', attempts: 4 } }, () => jitters.shift() ?? 0);
    expect(waits).toEqual([2, 4.1, 8.4, 16.3]);
  });

  it('is tried again for hours when nothing is configured', async () => {
    const { waits } = await waitsOf({});
    expect(waits).toHaveLength(20);
    expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeGreaterThan(10 * 3600);
  });

  it('keeps its ids and its body over retries, counts its attempts, and is signed anew', async () => {
    const { receiver } = await waitsOf({ retries: { attempts: 2 }, hmac: { key: 'k' } });
    const kept = ['x-webhook-request-id', 'webhook-id', 'x-webhook-timestamp', 'x-webhook-hmac'] as const;
    for (const name of kept) expect(new Set(receiver.requests.map(({ headers }) => headers[name])).size, name).toBe(1);
    expect(new Set(receiver.requests.map(({ text }) => text)).size).toBe(1);
    expect(receiver.requests.map(({ headers }) => headers['x-webhook-attempt'])).toEqual(['1', '2', '3']);
    const signed = receiver.requests.map(({ headers }) => Number(headers['webhook-timestamp']));
    expect(signed.map((seconds) => seconds - signed[0]!)).toEqual([0, 2, 4]);
    expect(new Set(receiver.requests.map(({ headers }) => headers['webhook-signature'])).size).toBe(3);
  });

  it('is given up at once on a client error when those are not tried again', async () => {
    const receiver = await receiving({ answers: [404] });
    const { deliver, logged, counts } = await runWebhooks({ config: { url: receiver.url, retryClientErrors: false } });
    const line = logged('given up after 1 attempts');
    deliver();
    expect((await line).message).toContain('it answered 404');
    expect(counts()).toMatchObject({ failed: 1, queued: 0 });
  });

  it('is tried again after a redirect, which nobody follows', async () => {
    const inner = await receiving();
    const receiver = await receiving({ answers: [{ status: 307, headers: { location: inner.url } }, 200] });
    const { deliver, clock, logged } = await runWebhooks({ config: { url: receiver.url } });
    const delivered = logged('delivered');
    deliver();
    await clock.pass(await clock.timer());
    await delivered;
    expect(receiver.requests).toHaveLength(2);
    expect(inner.requests).toEqual([]);
  });

  it('is tried again when the connection is cut or nobody answers in time', async () => {
    const receiver = await receiving({ answers: ['reset', 'hang', 200] });
    const { deliver, clock, logged } = await runWebhooks({ config: { url: receiver.url, timeoutSeconds: 1 } });
    const cut = logged('closed the connection');
    const late = logged('did not answer within 1 s');
    const delivered = logged('delivered');
    deliver();
    await cut;
    await clock.pass(await clock.timer());
    await late;
    await clock.pass(await clock.timer());
    expect((await delivered).fields).toMatchObject({ attempt: 3 });
  });

  it('costs no attempt when a kept-alive connection dies under it', async () => {
    const receiver = await receiving();
    const { deliver, logged, counts } = await runWebhooks({ config: { url: receiver.url } });
    const first = logged('delivered');
    deliver();
    await first;
    receiver.answer('reset', 200);
    const second = logged('delivered');
    // undici takes a connection back one turn of the event loop after the answer.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    deliver();
    expect((await second).fields).toMatchObject({ attempt: 1 });
    expect(counts()).toMatchObject({ delivered: 2, retried: 0 });
    expect(receiver.requests.map(({ connection }) => connection)).toEqual([1, 1, 2]);
  });
});

describe('a receiver that asks to wait', () => {
  it('is left alone with this delivery for as long as it says', async () => {
    const receiver = await receiving({ answers: [{ status: 500, headers: { 'retry-after': '60' } }, 200] });
    const { deliver, clock } = await runWebhooks({ config: { url: receiver.url, retries: {} } });
    deliver();
    expect(await clock.timer()).toBe(60_000);
  });

  it('does not shorten the wait of the policy', async () => {
    const receiver = await receiving({ answers: [{ status: 503, headers: { 'retry-after': '1' } }, 200] });
    const { deliver, clock } = await runWebhooks({ config: { url: receiver.url, retries: { delaySeconds: 5 } } });
    deliver();
    expect(await clock.timer()).toBe(5_000);
  });

  it.each([429, 503])('with %i gets nothing else in the meantime, and everything afterwards', async (status) => {
    const receiver = await receiving({ answers: [{ status, headers: { 'retry-after': '30' } }, 200] });
    const { deliver, clock, counts } = await runWebhooks({ config: { url: receiver.url, retries: {} } });
    deliver();
    expect(await clock.timer()).toBe(30_000);
    deliver();
    deliver();
    expect(counts()).toMatchObject({ queued: 3, inFlight: 0 });
    await clock.pass(29_999);
    expect(receiver.requests).toHaveLength(1);
    await clock.pass(1);
    await receiver.next(4);
    expect(receiver.requests).toHaveLength(4);
  });
});
