import { describe, expect, it } from 'vitest';
import { settle } from '../../support/clock.ts';
import { type ReceiverOptions, startReceiver } from '../../support/receiver.ts';
import { anEvent, closing, runWebhooks } from './running-plugin.ts';

const receiving = async (options?: ReceiverOptions) => closing(await startReceiver(options));
const bodies = (requests: readonly { readonly json: Record<string, unknown> }[]) =>
  requests.map(({ json }) => (json['payload'] as { n: number }).n);
const numbered = (n: number) => anEvent({ payload: { n } });

describe('an endpoint', () => {
  it('that hangs delays no other', async () => {
    const dead = await receiving({ answers: ['hang'] });
    const alive = await receiving();
    const { deliver, counts } = await runWebhooks({ config: { webhooks: [{ url: dead.url }, { url: alive.url }] } });
    for (let n = 0; n < 30; n += 1) deliver(numbered(n));
    await alive.next(30);
    await dead.next(10);
    expect(counts()).toMatchObject({ queued: 20 });
    expect(dead.connections()).toBe(10);
  });

  it('on the same host as one that hangs is not delayed either', async () => {
    const receiver = await receiving({ answers: [...Array<'hang'>(10).fill('hang'), 200] });
    const { deliver } = await runWebhooks({
      config: {
        webhooks: [{ url: `${receiver.url}/dead` }, { url: `${receiver.url}/alive`, events: ['message.ack'] }],
      },
    });
    for (let n = 0; n < 10; n += 1) deliver(numbered(n));
    await receiver.next(10);
    deliver(anEvent({ event: 'message.ack' }));
    // `/dead` wants that one, too, but has ten requests under way already.
    expect((await receiver.next()).path).toBe('/alive');
  });

  it('gets no more requests at once than it may', async () => {
    const receiver = await receiving({ answers: ['hang'] });
    const { deliver, counts } = await runWebhooks({ config: { url: receiver.url, concurrency: 3 } });
    for (let n = 0; n < 5; n += 1) deliver(numbered(n));
    await receiver.next(3);
    expect(counts()).toMatchObject({ inFlight: 3, queued: 2 });
    await receiver.release();
    expect(bodies(await receiver.next(2)).sort()).toEqual([3, 4]);
  });

  it('gets first attempts in the order of the events', async () => {
    const receiver = await receiving();
    const { deliver } = await runWebhooks({ config: { url: receiver.url, concurrency: 1 } });
    for (let n = 0; n < 20; n += 1) deliver(numbered(n));
    expect(bodies(await receiver.next(20))).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });
});

describe('a full queue', () => {
  const full = async (overflow: 'drop-oldest' | 'reject-new') => {
    const receiver = await receiving({ answers: ['hang'] });
    const plugin = await runWebhooks({ config: { url: receiver.url, concurrency: 1, queueLimit: 2, overflow } });
    const line = plugin.logged('2 deliveries were waiting already');
    for (let n = 0; n < 6; n += 1) plugin.deliver(numbered(n));
    await receiver.next();
    expect(plugin.counts()).toMatchObject({ dropped: 3, queued: 2, inFlight: 1 });
    expect((await line).level).toBe('error');
    receiver.answer(200);
    await receiver.release();
    return bodies(await receiver.next(2));
  };

  it('loses the oldest that was not sent yet, and says so', async () => {
    expect(await full('drop-oldest')).toEqual([4, 5]);
  });

  it('or the newest, when that is what the config says', async () => {
    expect(await full('reject-new')).toEqual([1, 2]);
  });

  it('says it once, not at every event', async () => {
    const receiver = await receiving({ answers: ['hang'] });
    const { deliver, lines, counts } = await runWebhooks({
      config: { url: receiver.url, concurrency: 1, queueLimit: 1 },
    });
    for (let n = 0; n < 500; n += 1) {
      deliver(numbered(n));
      if (n % 100 === 99) await settle();
    }
    expect(counts()).toMatchObject({ dropped: 498, queued: 1 });
    expect(lines.filter(({ level }) => level === 'error')).toHaveLength(1);
  });
});

describe('an endpoint that keeps failing', () => {
  it('gets one request at a time and at most one a second, until it answers', async () => {
    const receiver = await receiving({ answers: [500] });
    const { deliver, clock, counts, logged } = await runWebhooks({ config: { url: receiver.url } });
    const failures = Promise.all(Array.from({ length: 8 }, () => logged('it answered 500')));
    for (let n = 0; n < 8; n += 1) deliver(numbered(n));
    await failures;
    expect(counts()).toMatchObject({ queued: 8, inFlight: 0, endpoints: { active: 0, degraded: 1, disabled: 0 } });
    receiver.answer('hang');
    await clock.pass(2_000);
    await receiver.next(9);
    expect(counts()).toMatchObject({ queued: 7, inFlight: 1 });
    const failedAgain = logged('it answered 500');
    clock.forget();
    await receiver.release(500);
    await failedAgain;
    expect(await clock.timer()).toBe(1_000);
    receiver.answer(200);
    const recovered = logged('answers again after 9 failures');
    await clock.pass(1_000);
    await recovered;
    await receiver.next(7);
    expect(counts()).toMatchObject({ queued: 1, endpoints: { degraded: 0 } });
  });

  it('goes on with its own retry schedule, exact to the second', async () => {
    const receiver = await receiving({ answers: [500] });
    const { deliver, clock } = await runWebhooks({ config: { url: receiver.url, retries: { attempts: 8 } } });
    deliver();
    for (let retry = 1; retry <= 8; retry += 1) {
      expect(await clock.timer()).toBe(2_000);
      await clock.pass(2_000);
    }
    await receiver.next(9);
  });

  const failingForHours = async (config: Record<string, unknown>, sessions: Record<string, object>) => {
    const { deliver, clock, logged, counts } = await runWebhooks({ config, sessions });
    const disabled = logged('failed for too long').then(() => 'disabled');
    const givenUp = logged('given up').then(() => 'given up');
    deliver();
    for (;;) {
      const next = await Promise.race([disabled, givenUp, clock.timer()]);
      if (typeof next === 'string') return { next, counts, deliver };
      await clock.pass(next);
    }
  };

  it('is disabled after the hours that the config says', async () => {
    const receiver = await receiving({ answers: [500] });
    const { next, counts, deliver } = await failingForHours(
      { url: receiver.url, disableAfterHours: 3 },
      { default: {} },
    );
    expect(next).toBe('disabled');
    const sent = receiver.requests.length;
    deliver();
    await settle();
    expect(receiver.requests).toHaveLength(sent);
    expect(counts()).toMatchObject({ queued: 0, dropped: 2, endpoints: { disabled: 1 } });
  });

  it('is disabled after five days when a session has it, and never when the YAML has it', async () => {
    const receiver = await receiving({ answers: [500] });
    const retries = { policy: 'constant' as const, delaySeconds: 43_200, attempts: 20 };
    const session = { default: { webhooks: [{ url: receiver.url, events: ['*'], retries }] } };
    expect((await failingForHours({}, session)).next).toBe('disabled');
    expect(receiver.requests).toHaveLength(11);
    expect((await failingForHours({ url: receiver.url, retries }, { default: {} })).next).toBe('given up');
    expect(receiver.requests).toHaveLength(11 + 21);
  });
});

describe('an endpoint that answers 410', () => {
  it('gets nothing more, until its config changes', async () => {
    const receiver = await receiving({ answers: [410] });
    const webhook = { url: receiver.url, events: ['message'] };
    const sessions: Record<string, object> = { default: { webhooks: [webhook] } };
    const { deliver, logged, counts } = await runWebhooks({ sessions });
    const disabled = logged('it answered 410; disabled until its config changes');
    deliver();
    await disabled;
    deliver();
    expect(counts()).toMatchObject({ failed: 1, dropped: 1, endpoints: { disabled: 1 } });
    receiver.answer(200);
    sessions['default'] = { webhooks: [{ ...webhook, hmac: { key: 'new' } }] };
    const delivered = logged('delivered');
    deliver();
    await delivered;
    expect(receiver.requests).toHaveLength(2);
    expect(counts()).toMatchObject({ delivered: 1, endpoints: { disabled: 0 } });
  });

  it('loses what waits for it', async () => {
    const receiver = await receiving({ answers: ['hang'] });
    const { deliver, logged, counts } = await runWebhooks({ config: { url: receiver.url, concurrency: 1 } });
    for (let n = 0; n < 4; n += 1) deliver(numbered(n));
    await receiver.next();
    const dropped = logged('3 deliveries dropped');
    await receiver.release(410);
    await dropped;
    expect(counts()).toMatchObject({ failed: 1, dropped: 3, queued: 0 });
  });
});

describe('an endpoint that leaves the config', () => {
  it('takes its pending retries with it', async () => {
    const receiver = await receiving({ answers: [500] });
    const sessions: Record<string, object> = { default: { webhooks: [{ url: receiver.url, events: ['*'] }] } };
    const { deliver, clock, logged, counts } = await runWebhooks({ sessions });
    deliver();
    const delay = await clock.timer();
    sessions['default'] = { webhooks: [] };
    const dropped = logged('no longer configured; 1 deliveries dropped');
    await clock.pass(delay);
    await dropped;
    expect(receiver.requests).toHaveLength(1);
    expect(counts()).toMatchObject({ dropped: 1, queued: 0, endpoints: { active: 0, degraded: 0 } });
  });

  it('and comes back with another key signs its pending retries with the new one', async () => {
    const receiver = await receiving({ answers: [500, 200] });
    const sessions: Record<string, object> = {
      default: { webhooks: [{ url: receiver.url, events: ['*'], hmac: { key: 'old' } }] },
    };
    const { deliver, clock } = await runWebhooks({ sessions });
    deliver();
    const delay = await clock.timer();
    sessions['default'] = { webhooks: [{ url: receiver.url, events: ['*'], hmac: { key: 'new' } }] };
    await clock.pass(delay);
    const [first, second] = await receiver.next(2);
    expect(first?.text).toBe(second?.text);
    expect(first?.headers['x-webhook-hmac']).not.toBe(second?.headers['x-webhook-hmac']);
  });
});

describe('closing', () => {
  it('sends what follows at once on what is under way', async () => {
    const receiver = await receiving({ answers: ['hang', 200] });
    const { deliver, close, counts } = await runWebhooks({ config: { url: receiver.url, concurrency: 1 } });
    for (let n = 0; n < 3; n += 1) deliver(numbered(n));
    await receiver.next();
    const closed = close();
    await receiver.release();
    await closed;
    expect(counts()).toMatchObject({ delivered: 3, queued: 0, inFlight: 0 });
    deliver();
    expect(receiver.requests).toHaveLength(3);
  });

  it('waits for what is under way, begins nothing after a second, and says what was left', async () => {
    const receiver = await receiving({ answers: ['hang'] });
    const { deliver, close, counts, clock, logged } = await runWebhooks({
      config: { url: receiver.url, concurrency: 1 },
    });
    for (let n = 0; n < 3; n += 1) deliver(numbered(n));
    await receiver.next();
    const left = logged('2 webhook deliveries are waiting for the next start');
    const closed = close();
    await clock.pass(1_000);
    await receiver.release();
    await closed;
    await left;
    expect(counts()).toMatchObject({ delivered: 1, queued: 2, inFlight: 0 });
    deliver();
    expect(receiver.requests).toHaveLength(1);
  });

  it('cuts what takes too long, and counts it as left', async () => {
    const receiver = await receiving({ answers: ['hang'] });
    const { deliver, close, counts, clock, logged } = await runWebhooks({ config: { url: receiver.url } });
    deliver();
    await receiver.next();
    const left = logged('1 webhook deliveries are waiting for the next start');
    const closed = close();
    await clock.pass(1_000);
    await clock.pass(4_000);
    await closed;
    await left;
    expect(counts()).toMatchObject({ delivered: 0, failed: 0, queued: 1, inFlight: 0 });
  });
});
