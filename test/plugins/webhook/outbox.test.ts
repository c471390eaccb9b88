import { describe, expect, it } from 'vitest';
import type { Change, Database, EventSink, RuntimeEvent } from 'waha-runtime';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import {
  type DeliveryRow,
  deadLettersSchema,
  deliveriesSchema,
  type StoredDelivery,
} from '../../../plugins/webhook/delivery-log/outbox-schema.ts';
import { settle } from '../../support/clock.ts';
import { type ReceiverOptions, startReceiver } from '../../support/receiver.ts';
import { anEvent, closing, runWebhooks } from './running-plugin.ts';

const receiving = async (options?: ReceiverOptions) => closing(await startReceiver(options));
const bodies = (requests: readonly { readonly json: Record<string, unknown> }[]) =>
  requests.map(({ json }) => (json['payload'] as { n: number }).n);
const numbered = (n: number) => anEvent({ payload: { n } });
const from = (contact: string, n: number) => anEvent({ payload: { n, from: contact, to: 'me', fromMe: false } });
const rowsOf = async (database: Database): Promise<DeliveryRow[]> => {
  const rows = await database.open(deliveriesSchema);
  return rows.find({ orderBy: [{ column: 'id' }] });
};

/** A database that can be told to fail. */
const breakable = () => {
  const inner = memoryDatabase();
  let broken = false;
  const database: Database = {
    driver: 'breakable',
    open: (schema) => inner.open(schema),
    batch: async (changes: readonly Change[]) => {
      if (broken) throw new Error('the disk is full');
      await inner.batch(changes);
    },
    close: () => inner.close(),
  };
  const setBroken = (now: boolean): void => {
    broken = now;
  };
  return { database, break: setBroken };
};

describe('the outbox', () => {
  it('has a row for every endpoint in the transaction of the event', async () => {
    const receiver = await receiving({ answers: ['hang'] });
    const webhooks = [
      { url: `${receiver.url}/a` },
      { url: `${receiver.url}/b` },
      { url: receiver.url, events: ['presence.update'] },
    ];
    const { sink, eventLog } = await runWebhooks({ config: { webhooks } });
    const rows = (sink as Required<EventSink>).rows(eventLog.number(anEvent()));
    const puts = rows.flatMap((change) => ('put' in change ? [change.collection] : []));
    expect(puts.filter((name) => name === 'webhook_deliveries')).toHaveLength(2);
    expect(receiver.requests).toEqual([]);
  });

  it('is taken up again at the next start, with the same id, and attempts count on', async () => {
    const receiver = await receiving({ answers: [500] });
    const database = memoryDatabase();
    const config = { url: receiver.url };
    const first = await runWebhooks({ config, database });
    const failed = first.logged('it answered 500');
    const event = first.deliver();
    await failed;
    await first.close();
    receiver.answer(200);
    const second = await runWebhooks({ config, database });
    expect(second.counts()).toMatchObject({ queued: 1 });
    const delivered = second.logged('delivered');
    await second.clock.pass(60_000);
    await delivered;
    expect(receiver.requests.map(({ headers }) => headers['webhook-id'])).toEqual([event.id, event.id]);
    expect(receiver.requests.map(({ headers }) => headers['x-webhook-attempt'])).toEqual(['1', '2']);
    expect(new Set(receiver.requests.map(({ text }) => text)).size).toBe(1);
  });

  it('is taken up, too, when an older program wrote it', async () => {
    const receiver = await receiving({ answers: ['hang', 200] });
    const database = memoryDatabase();
    const config = { url: receiver.url };
    const dies = await runWebhooks({ config, database });
    const event = dies.deliver();
    await receiver.next();
    const rows = await database.open(deliveriesSchema);
    const [row] = await rows.find();
    // Its rows do not have the column.
    await rows.put({ ...(row as StoredDelivery), waitsFor: null });
    const next = await runWebhooks({ config, database });
    await next.logged('delivered');
    expect(receiver.requests.map(({ headers }) => headers['webhook-id'])).toEqual([event.id, event.id]);
    await next.close();
    expect(await rows.find()).toMatchObject([{ state: 'delivered', waitsFor: null }]);
  });

  it('keeps the body of what is dead beside it, since the log forgets its event', async () => {
    const receiver = await receiving({ answers: [404] });
    const config = { url: receiver.url, retryClientErrors: false };
    const { deliver, logged, database, close } = await runWebhooks({ config });
    const dead = logged('given up');
    const event = deliver();
    await dead;
    await close();
    const letters = await (await database.open(deadLettersSchema)).find();
    expect(letters.map(({ body }) => JSON.parse(body))).toEqual([event]);
  });

  it('remembers that an endpoint is disabled, until its config is another', async () => {
    const receiver = await receiving({ answers: [410] });
    const database = memoryDatabase();
    const config = { url: receiver.url };
    const first = await runWebhooks({ config, database });
    const disabled = first.logged('disabled until its config changes');
    first.deliver();
    await disabled;
    await first.close();
    receiver.answer(200);
    const second = await runWebhooks({ config, database });
    second.deliver();
    expect(second.counts()).toMatchObject({ dropped: 1, endpoints: { disabled: 1 } });
    await second.close();
    const third = await runWebhooks({ config: { ...config, events: ['message'] }, database });
    const delivered = third.logged('delivered');
    third.deliver();
    await delivered;
    expect(third.counts()).toMatchObject({ delivered: 1, endpoints: { disabled: 0 } });
    expect(receiver.requests).toHaveLength(2);
  });

  it('is sent again when the process died before it knew the answer', async () => {
    const receiver = await receiving({ answers: ['hang', 200] });
    const database = memoryDatabase();
    const dies = await runWebhooks({ config: { url: receiver.url }, database });
    dies.deliver();
    await receiver.next();
    const next = await runWebhooks({ config: { url: receiver.url }, database });
    const delivered = next.logged('delivered');
    await delivered;
    expect(new Set(receiver.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    await next.close();
    expect((await rowsOf(database)).map(({ state }) => state)).toEqual(['delivered']);
  });

  it('holds what a receiver misses for a day, and only a part of it in memory', async () => {
    const receiver = await receiving({ answers: [500] });
    const config = {
      url: receiver.url,
      concurrency: 50,
      retries: { policy: 'constant', delaySeconds: 3600, attempts: 50 },
    };
    const { deliver, clock, counts, database } = await runWebhooks({ config });
    for (let n = 0; n < 2_000; n += 1) deliver(numbered(n));
    await settle();
    await clock.pass(24 * 3_600_000);
    expect(counts()).toMatchObject({ delivered: 0, failed: 0, dropped: 0 });
    receiver.answer(200);
    while ((counts() as unknown as { delivered: number }).delivered < 2_000) await clock.pass(600_000);
    expect(new Set(bodies(receiver.requests)).size).toBe(2_000);
    await settle();
    expect(counts()).toMatchObject({ delivered: 2_000, queued: 0 });
    expect(new Set((await rowsOf(database)).map(({ state }) => state))).toEqual(new Set(['delivered']));
  });

  it('closes what waits for an endpoint that left the config while the process was down, and says why', async () => {
    const receiver = await receiving({ answers: [500] });
    const database = memoryDatabase();
    const first = await runWebhooks({ config: { url: receiver.url }, database });
    const failed = first.logged('it answered 500');
    first.deliver();
    await failed;
    await first.close();
    const second = await runWebhooks({ config: { url: `${receiver.url}/moved` }, database });
    await settle();
    await second.close();
    expect(await rowsOf(database)).toMatchObject([
      { state: 'dropped', lastError: 'the endpoint: it is no longer configured' },
    ]);
  });

  it('keeps no URL, no key and no header', async () => {
    const receiver = await receiving({ answers: [500] });
    const database = memoryDatabase();
    const written: unknown[] = [];
    const spy: Database = {
      ...database,
      driver: 'spy',
      open: (schema) => database.open(schema),
      close: () => database.close(),
      batch: (changes) => {
        written.push(changes);
        return database.batch(changes);
      },
    };
    const config = {
      url: `${receiver.url}/hook/0123456789abcdefSECRET?token=SECRET`,
      hmac: { key: 'SECRET' },
      customHeaders: [{ name: 'Authorization', value: 'SECRET' }],
      retries: { attempts: 0 },
    };
    const { deliver, logged, close } = await runWebhooks({ config, database: spy });
    const givenUp = logged('given up');
    deliver();
    await givenUp;
    await close();
    expect(written.length).toBeGreaterThan(1);
    expect(JSON.stringify(written)).not.toContain('SECRET');
  });

  it('refuses a new delivery to a full queue visibly, when the config says so', async () => {
    const receiver = await receiving({ answers: ['hang'] });
    const config = { url: receiver.url, concurrency: 1, queueLimit: 1, overflow: 'reject-new' };
    const { deliver, database } = await runWebhooks({ config });
    for (let n = 0; n < 3; n += 1) deliver(numbered(n));
    await settle();
    expect(await rowsOf(database)).toMatchObject([
      { state: 'pending' },
      { state: 'pending' },
      { state: 'dropped', lastError: '1 deliveries were waiting already' },
    ]);
  });

  it('needs the events of what waits from the log, and no others', async () => {
    const receiver = await receiving({ answers: [200, 'hang'] });
    const { sink, deliver, logged } = await runWebhooks({ config: { url: receiver.url } });
    const delivered = logged('delivered');
    deliver();
    await delivered;
    deliver();
    await receiver.next(2);
    sink.oldestNeeded?.();
    await settle();
    expect(sink.oldestNeeded?.()).toBe(2);
  });

  it('forgets what was delivered long ago, and keeps dead letters longer', async () => {
    const receiver = await receiving({ answers: [200, 404] });
    const config = { url: receiver.url, retries: { attempts: 0 }, retention: { deliveredHours: 1, failedHours: 10 } };
    const { sink, deliver, logged, clock, database } = await runWebhooks({ config });
    const delivered = logged('delivered');
    deliver();
    await delivered;
    const givenUp = logged('given up');
    deliver();
    await givenUp;
    await settle();
    await clock.pass(2 * 3_600_000);
    sink.oldestNeeded?.();
    await settle();
    expect((await rowsOf(database)).map(({ state }) => state)).toEqual(['dead']);
    await clock.pass(9 * 3_600_000);
    sink.oldestNeeded?.();
    await settle();
    expect(await rowsOf(database)).toEqual([]);
  });

  it('gives up what waits for too long, a paused endpoint or not', async () => {
    const receiver = await receiving({ answers: ['hang'] });
    const config = { url: receiver.url, concurrency: 1, retention: { pendingHours: 1 } };
    const { sink, deliver, clock, database, counts } = await runWebhooks({ config });
    deliver();
    await receiver.next();
    deliver();
    await clock.pass(2 * 3_600_000);
    sink.oldestNeeded?.();
    await settle();
    expect(counts()).toMatchObject({ failed: 1 });
    expect((await rowsOf(database)).at(-1)).toMatchObject({ state: 'dead', lastError: 'it waited for too long' });
  });
});

describe('a medium that fails', () => {
  it('stops deliveries and says so, and they go on when it is back', async () => {
    const receiver = await receiving({ answers: ['hang', 200] });
    const { database, break: breakIt } = breakable();
    const { deliver, clock, counts, logged } = await runWebhooks({ config: { url: receiver.url }, database });
    const told = logged('cannot be stored');
    deliver();
    await receiver.next();
    breakIt(true);
    await receiver.release();
    await told;
    expect(counts()).toMatchObject({ status: 'down', message: expect.stringContaining('the disk is full') });
    breakIt(false);
    await clock.pass(5_000);
    await settle();
    expect(counts()).toMatchObject({ status: 'up', delivered: 1, queued: 0 });
    deliver();
    await receiver.next();
  });
});

describe('an endpoint with an order', () => {
  it('by chat: gets what follows a failure in the same chat after it, and other chats at once', async () => {
    const receiver = await receiving({ answers: [500, 200] });
    const { deliver, clock, logged } = await runWebhooks({
      config: { url: receiver.url, order: 'chat', concurrency: 10 },
    });
    const failed = logged('it answered 500');
    deliver(from('ana', 1));
    await failed;
    deliver(from('ana', 2));
    deliver(from('ben', 3));
    deliver(from('ana', 4));
    await receiver.next(2);
    await settle();
    expect(bodies(receiver.requests)).toEqual([1, 3]);
    await clock.pass(2_000);
    await receiver.next(3);
    expect(bodies(receiver.requests)).toEqual([1, 3, 1, 2, 4]);
  });

  it('by session: gets one event of a session at a time', async () => {
    const receiver = await receiving({ answers: ['hang'] });
    const { deliver } = await runWebhooks({
      config: { url: receiver.url, order: 'session' },
      sessions: { a: {}, b: {} },
    });
    for (const n of [1, 2]) deliver({ ...numbered(n), session: 'a' } as RuntimeEvent);
    deliver({ ...numbered(3), session: 'b' } as RuntimeEvent);
    await receiver.next(2);
    await settle();
    expect(bodies(receiver.requests).sort()).toEqual([1, 3]);
  });

  it('keeps it over a restart, and with more waiting than memory holds', async () => {
    const receiver = await receiving({ answers: [500] });
    const database = memoryDatabase();
    const config = { url: receiver.url, order: 'session' };
    const first = await runWebhooks({ config, database });
    const failed = first.logged('it answered 500');
    for (let n = 0; n < 1_200; n += 1) first.deliver(numbered(n));
    await failed;
    await first.close();
    receiver.answer(200);
    const before = receiver.requests.length;
    const second = await runWebhooks({ config, database });
    const [, ...rest] = await Promise.all([second.clock.pass(60_000), receiver.next(before + 1_200)]);
    expect(rest).toHaveLength(1);
    expect(bodies(receiver.requests.slice(before))).toEqual(Array.from({ length: 1_200 }, (_, n) => n));
  });

  it('can be a session’s own', async () => {
    const receiver = await receiving({ answers: ['hang'] });
    const webhooks = [{ url: receiver.url, events: ['*' as const], order: 'session' as const }];
    const { deliver } = await runWebhooks({ sessions: { default: { webhooks } } });
    deliver();
    deliver();
    await receiver.next();
    await settle();
    expect(receiver.requests).toHaveLength(1);
  });
});

describe('a hundred endpoints', () => {
  it('of which one is dead and one hangs: the others get everything in order', async () => {
    const receiver = await receiving();
    const [dead, hanging] = [await receiving(), await receiving({ answers: ['hang'] })];
    const gone = dead.url;
    await dead.close();
    const webhooks = [gone, hanging.url, ...Array.from({ length: 98 }, (_, n) => `${receiver.url}/${n}`)];
    const config = { webhooks: webhooks.map((url) => ({ url, concurrency: 1 })) };
    const { deliver, counts } = await runWebhooks({ config });
    for (let n = 0; n < 10; n += 1) deliver(numbered(n));
    const got = await receiver.next(980);
    for (let n = 0; n < 98; n += 1) {
      expect(bodies(got.filter(({ path }) => path === `/${n}`))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
    expect(counts()).toMatchObject({ delivered: expect.any(Number), dropped: 0, failed: 0 });
  });
});

describe('dedupe: url', () => {
  it('sends an event once to a URL that two configs name, and a message not as message.any, too', async () => {
    const receiver = await receiving();
    const sessions = { default: { webhooks: [{ url: receiver.url, events: ['*' as const] }] } };
    const { deliver } = await runWebhooks({ config: { url: receiver.url, dedupe: 'url' }, sessions });
    const message = (event: 'message' | 'message.any', fromMe: boolean) =>
      anEvent({ event, payload: { fromMe } } as Partial<RuntimeEvent>);
    deliver(message('message', false));
    deliver(message('message.any', false));
    deliver(message('message.any', true));
    const got = await receiver.next(2);
    await settle();
    expect(got.map(({ json }) => json['event'])).toEqual(['message', 'message.any']);
    expect(receiver.requests).toHaveLength(2);
  });
});
