import { afterEach, expect, it } from 'vitest';
import type { SendText } from '../../../core/engine.ts';
import { definePlugin, type MetricSource, Points } from '../../../core/index.ts';
import { createTestHost, type TestHost } from '../../../core/testing/index.ts';
import { Bucket } from '../../../plugins/pacing/bucket.ts';
import pacing from '../../../plugins/pacing/index.ts';
import { KnownChats } from '../../../plugins/pacing/known-chats.ts';

let host: TestHost;
let sources: readonly MetricSource[] = [];
const probe = definePlugin({
  name: 'probe',
  setup({ contributions, onReady }) {
    onReady(() => {
      sources = contributions(Points.Metrics).map(({ value }) => value);
    });
  },
});
const start = async (config: object = {}, more: object = {}): Promise<void> => {
  host = await createTestHost({ plugins: [{ use: pacing, config, ...more }, probe], sessions: ['a', 'b'] });
};
afterEach(() => host?.close());

const send = async (chatId: string, session = 'a', text = 'hello') =>
  (await host.sessions.client(session)).messages.sendText({ chatId, text });
const sent = () =>
  host.outgoing
    .filter(({ method }) => method === 'messages.sendText')
    .map(({ session, args }) => `${session} ${(args[0] as SendText).chatId}`);
const known = { perMinute: 60, burst: 2 };
const fresh = { perMinute: 6, burst: 1 };

it('lets a burst through, then one at a time in the order of asking', async () => {
  await start({ known, new: { perMinute: 600, burst: 10 }, maxWaitMs: 5000 });
  await host.emit('message.any', { from: '1@c.us' }, { session: 'a' });
  const all = Promise.all(['one', 'two', 'three', 'four'].map((text) => send('1@c.us', 'a', text)));
  await host.clock.pass(0);
  const texts = () => host.outgoing.map(({ args }) => (args[0] as SendText).text);
  expect(texts()).toEqual(['one', 'two']);
  await host.clock.pass(1000);
  expect(texts()).toEqual(['one', 'two', 'three']);
  await host.clock.pass(1000);
  expect(texts()).toEqual(['one', 'two', 'three', 'four']);
  await all;
  await host.clock.pass(60_000);
  await Promise.all([send('1@c.us'), send('1@c.us')]);
  expect(host.outgoing).toHaveLength(6);
});

it('is slower with new chats; who was written to is known, by every form of the id, and so are groups', async () => {
  await start({ known: { perMinute: 6000, burst: 100 }, new: fresh, maxWaitMs: 0 });
  await send('4915200001@s.whatsapp.net');
  await expect(send('4915200002@c.us')).rejects.toMatchObject({
    status: 429,
    message: "session 'a' sends too fast to new chats; try again in 10 s",
    details: { retryAfterSeconds: 10 },
  });
  for (const form of ['4915200001@c.us', '+49 152 00001', '4915200001', '123-456@g.us']) await send(form);
  await send('4915200002@c.us', 'b');
  await host.clock.pass(10_000);
  await send('4915200002@c.us');
  expect(sent().filter((one) => one.endsWith('2@c.us'))).toEqual(['b 4915200002@c.us', 'a 4915200002@c.us']);
});

it('refuses what would wait too long, or when too many wait, and takes no turn for it', async () => {
  await start({ known, new: fresh, maxWaitMs: 20_000, maxWaiting: 2 });
  const waiting = [send('1@c.us'), send('2@c.us'), send('3@c.us')];
  await host.clock.pass(0);
  for (let i = 0; i < 5; i++) {
    await expect(send('4@c.us')).rejects.toMatchObject({ status: 429, details: { retryAfterSeconds: 30 } });
  }
  await host.clock.pass(10_000);
  await host.clock.pass(10_000);
  await Promise.all(waiting);
  const late = send('4@c.us');
  await host.clock.pass(10_000);
  await late;
  expect(sent()).toEqual(['a 1@c.us', 'a 2@c.us', 'a 3@c.us', 'a 4@c.us']);
});

it('leaves alone what sends no message of its own', async () => {
  await start({ known: { perMinute: 1, burst: 1 }, new: { perMinute: 1, burst: 1 }, maxWaitMs: 0 });
  const client = await host.sessions.client('a');
  for (let i = 0; i < 5; i++) {
    await client.messages.sendSeen({ chatId: '1@c.us' });
    await client.presence?.setChatState('1@c.us', 'typing');
    await client.changes?.react({ messageId: 'A', reaction: '👍' });
  }
  await client.contents?.sendLocation({ chatId: '1@c.us', latitude: 1, longitude: 1 });
  await expect(send('2@c.us')).rejects.toMatchObject({ status: 429 });
  expect(host.outgoing).toHaveLength(16);
});

it('can have another pace for a session', async () => {
  const override = { b: { config: { new: { perMinute: 6000, burst: 100 } } } };
  await start({ new: fresh, maxWaitMs: 0 }, { sessions: { override } });
  for (const chat of ['1', '2', '3', '4']) await send(`${chat}@c.us`, 'b');
  await send('1@c.us');
  await expect(send('2@c.us')).rejects.toMatchObject({ status: 429 });
});

it('counts what it does', async () => {
  await start({ known, new: fresh, maxWaitMs: 10_000 });
  const both = [send('1@c.us'), send('2@c.us')];
  await host.clock.pass(0);
  await expect(send('3@c.us')).rejects.toMatchObject({ status: 429 });
  const value = (name: string, labels: object = {}) =>
    sources
      .flatMap((source) => source.collect())
      .find((one) => one.name === name && Object.entries(labels).every(([key, is]) => one.labels?.[key] === is));
  expect(value('waha_paced_messages_waiting')).toMatchObject({ value: 1 });
  await host.clock.pass(10_000);
  await Promise.all(both);
  for (const outcome of ['passed', 'waited', 'refused']) {
    expect(value('waha_paced_messages_total', { chats: 'new', outcome })).toMatchObject({ value: 1 });
  }
  expect(value('waha_paced_messages_waiting')).toMatchObject({ value: 0 });
});

it('is a 429 over HTTP, after which the same Idempotency-Key may send', async () => {
  host = await createTestHost({
    plugins: [{ use: pacing, config: { new: fresh, maxWaitMs: 0 } }, 'waha-api'],
    sessions: ['a'],
  });
  const post = (chatId: string, key: string) =>
    host.request('POST', '/api/sendText', {
      body: { session: 'a', chatId, text: 'hi' },
      headers: { 'idempotency-key': key },
    });
  expect((await post('1@c.us', 'one')).status).toBe(201);
  expect((await post('2@c.us', 'two')).status).toBe(429);
  await host.clock.pass(10_000);
  expect((await post('2@c.us', 'two')).status).toBe(201);
  expect(sent()).toEqual(['a 1@c.us', 'a 2@c.us']);
});

it('gives each turn only once, whatever the pace', () => {
  const bucket = new Bucket();
  const pace = { perMinute: 120, burst: 3 };
  const waits = Array.from({ length: 6 }, () => bucket.take(0, pace, 1500).wait);
  expect(waits).toEqual([0, 0, 0, 500, 1000, 1500]);
  expect(bucket.take(0, pace, 1500)).toEqual({ taken: false, wait: 2000 });
  expect(bucket.take(500, pace, 1500)).toEqual({ taken: true, wait: 1500 });
  expect(bucket.take(100_000, pace, 0)).toEqual({ taken: true, wait: 0 });
});

it('remembers over a restart who is known, the latest ones of each session', async () => {
  const kept = new Map<string, unknown>();
  const storage = {
    get: async <T>(key: string) => kept.get(key) as T | undefined,
    set: async (key: string, value: unknown) => void kept.set(key, value),
    remove: async (key: string) => void kept.delete(key),
    keys: async () => [...kept.keys()],
  };
  const before = new KnownChats(storage);
  for (const chat of ['1@c.us', '2@c.us', '1@c.us', '3@c.us']) before.add('a', chat, 2);
  before.add('gone', '1@c.us', 2);
  await before.save();
  await before.remove('gone');
  const after = new KnownChats(storage);
  await after.load();
  expect(['1@c.us', '2@c.us', '3@c.us'].map((chat) => after.has('a', chat))).toEqual([true, false, true]);
  expect(after.has('gone', '1@c.us')).toBe(false);
});
