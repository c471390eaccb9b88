import { readFileSync } from 'node:fs';
import { DiscardPolicy } from '@nats-io/jetstream';
import { afterEach, describe, expect, it } from 'vitest';
import { configFrom } from '../../../core/config/load.ts';
import { type Database, definePlugin, type EventName, Points, type RuntimeEvent, Tokens } from '../../../core/index.ts';
import { startRuntime } from '../../../core/runtime.ts';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import { builtins } from '../../../plugins/index.ts';
import { recordingLog } from '../../support/log.ts';
import { Broker, hasBroker, type Stored } from './broker.ts';

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const prepareBroker = async (more: readonly string[] = []): Promise<Broker> => {
  const broker = await Broker.prepare(more);
  cleanups.push(() => broker.close());
  return broker;
};

/** The runtime with the nats plugin and a database in memory; nothing is simulated. */
const run = async (broker: Broker, nats: object = {}, database: Database = memoryDatabase(), name = 'nats') => {
  const log = recordingLog();
  const memory = definePlugin({
    name: 'memory',
    contributesFirst: [Points.Database],
    setup: ({ contribute }) => contribute(Points.Database, database),
  });
  const runtime = await startRuntime({
    config: configFrom({
      plugins: [{ use: 'memory' }, { use: 'nats', as: name, config: { servers: [broker.url], ...nats } }],
    }),
    builtins: { ...builtins, memory: async () => ({ default: memory }) },
    log,
  });
  cleanups.push(() => runtime.stop());
  let made = 0;
  const publish = (event: EventName = 'chat.archive', session = 'ana', more: object = {}): Promise<void> =>
    runtime.bus.publish({ session, event, payload: { number: ++made, ...more }, engine: 'NOWEB' } as never);
  const publishMany = async (count: number): Promise<void> => {
    for (let index = 0; index < count; index++) await publish();
  };
  const state = async () => (await runtime.service(Tokens.Health).check()).details[name];
  return { runtime, log, database, eventLog: runtime.service(Tokens.EventLog), publish, publishMany, state };
};

const numbersOf = (stored: readonly Stored[]): number[] =>
  stored.map(({ text }) => ((JSON.parse(text) as RuntimeEvent).payload as { number: number }).number);
const numbers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
/** Each number where it came first. */
const firsts = (list: readonly number[]): number[] => [...new Set(list)];

const title = hasBroker ? 'the nats plugin' : 'the nats plugin (skipped: no broker; apt-get install nats-server)';

describe.skipIf(!hasBroker)(title, () => {
  it('stores each event as it was committed, under its id and a subject of its own', async () => {
    const broker = await prepareBroker();
    await broker.start();
    const { publish, eventLog } = await run(broker);
    await publish('message.ack', 'ana', { body: 'grüße 😀' });
    await publish('session.status', 'team.sales');
    await publish('engine.event', 'ana');
    await publish('message', 'ana');
    const stored = await broker.read(3);
    const logged = await eventLog.read({ events: ['*'] });
    expect(stored.map(({ id, text }) => [id, text])).toEqual(logged.map(({ event, body }) => [event.id, body]));
    expect(stored.map(({ subject }) => subject)).toEqual([
      'waha.ana.message.ack',
      'waha.team_sales.session.status',
      'waha.ana.message',
    ]);
  });

  it('delivers what happened before the broker was there', async () => {
    const broker = await prepareBroker();
    const { publishMany, state, log } = await run(broker);
    await publishMany(20);
    await expect.poll(state).toMatchObject({ status: 'up', behind: 20, failing: expect.stringContaining('refused') });
    await broker.start();
    expect(numbersOf(await broker.read(20))).toEqual(numbers(1, 20));
    expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  it('delivers every event in order, though the broker is killed again and again', async () => {
    const broker = await prepareBroker();
    await broker.start();
    const { publishMany, state } = await run(broker);
    for (let round = 0; round < 3; round++) {
      const published = publishMany(200);
      await expect.poll(() => state().then((it) => Number(it?.['delivered']))).toBeGreaterThan(round * 200 + 20);
      await broker.kill();
      await published;
      await broker.start();
    }
    await expect.poll(state).toMatchObject({ behind: 0, failing: null });
    const stored = numbersOf(await broker.read(await broker.count()));
    expect(firsts(stored)).toEqual(numbers(1, 600));
  });

  it('goes on after a restart where it was, with what it missed and nothing twice', async () => {
    const broker = await prepareBroker();
    await broker.start();
    const first = await run(broker);
    await first.publishMany(10);
    await expect.poll(first.state).toMatchObject({ behind: 0 });
    await broker.kill();
    await first.publishMany(10);
    await first.runtime.stop();
    await broker.start();
    const second = await run(broker, {}, first.database);
    await second.publishMany(1);
    expect(numbersOf(await broker.read(21))).toEqual([...numbers(1, 20), 1]);
    expect(await broker.count()).toBe(21);
  });

  it('passes over an event that is larger than the broker takes', async () => {
    const broker = await prepareBroker();
    await broker.start();
    const { publish, state, log } = await run(broker);
    await publish('message', 'ana', { body: 'x'.repeat(1_048_576) });
    await publish('message', 'ana');
    expect(numbersOf(await broker.read(1))).toEqual([2]);
    await expect.poll(state).toMatchObject({ refused: 1, delivered: 1, failing: null });
    expect(log.lines.find(({ level }) => level === 'error')?.message).toContain('more than the broker takes');
  });

  it.each([
    [{ max_msg_size: 3_000 }, "larger than stream 'WAHA' takes (max_msg_size 3000)"],
    [{ max_bytes: 6_000, discard: DiscardPolicy.New }, "larger than all of stream 'WAHA' may be (max_bytes 6000)"],
  ])('passes over an event that the stream will never take: %j', async (limits, words) => {
    const broker = await prepareBroker();
    await broker.start();
    await broker.setStream({ name: 'WAHA', subjects: ['waha.>'], ...limits });
    const { publish, state, log } = await run(broker);
    await publish('message', 'ana', { body: 'x'.repeat(8_000) });
    await publish('message', 'ana');
    await publish('message', 'ana', { body: 'x'.repeat(8_000) });
    await publish('message', 'ana');
    expect(numbersOf(await broker.read(2))).toEqual([2, 4]);
    await expect.poll(state).toMatchObject({ refused: 2, delivered: 2, failing: null });
    expect(log.lines.find(({ level }) => level === 'error')?.message).toContain(words);
  });

  it('waits for a stream that is full, and loses nothing', async () => {
    const broker = await prepareBroker();
    await broker.start();
    const full = { name: 'WAHA', subjects: ['waha.>'], max_msgs: 1, discard: DiscardPolicy.New };
    await broker.setStream(full);
    const { publishMany, state } = await run(broker);
    await publishMany(3);
    await expect.poll(state).toMatchObject({ delivered: 1, failing: expect.stringContaining('maximum messages') });
    await broker.setStream({ ...full, max_msgs: 10 });
    expect(numbersOf(await broker.read(3))).toEqual([1, 2, 3]);
    await expect.poll(state).toMatchObject({ refused: 0, failing: null });
  });

  it('names a stream that does not take its subject, and goes on when it does', async () => {
    const broker = await prepareBroker();
    await broker.start();
    await broker.setStream({ name: 'WAHA', subjects: ['orders.>', 'bills.>'] });
    const { publishMany, state } = await run(broker);
    await publishMany(1);
    const words = "stream 'WAHA' does not take the subject 'waha.ana.chat.archive'; it takes 'orders.>', 'bills.>'";
    await expect.poll(state).toMatchObject({ failing: words });
    await broker.setStream({ name: 'WAHA', subjects: ['orders.>', 'waha.>'] });
    expect(numbersOf(await broker.read(1))).toEqual([1]);
    await expect.poll(state).toMatchObject({ failing: null, delivered: 1 });
  });

  it('names the stream that has its subject', async () => {
    const broker = await prepareBroker();
    await broker.start();
    await broker.setStream({ name: 'OTHER', subjects: ['waha.>'] });
    await broker.setStream({ name: 'WAHA', subjects: ['orders.>'] });
    const { publishMany, state } = await run(broker);
    await publishMany(1);
    await expect.poll(state).toMatchObject({ failing: expect.stringContaining("stream 'OTHER' has it") });
    expect(await broker.count('OTHER')).toBe(0);
  });

  it('logs in, takes another stream and subject, and begins with the oldest event when told so', async () => {
    const login = { user: 'waha', pass: 'secret' };
    const broker = await prepareBroker(['--user', login.user, '--pass', login.pass]);
    await broker.start();
    const first = await run(await prepareBroker(), { user: 'x' });
    await first.publishMany(2);
    await first.runtime.stop();
    const options = { user: 'waha', password: 'secret', stream: 'EVENTS', subject: 'acme.waha', begin: 'oldest' };
    const events = ['chat.archive', 'engine.event'];
    const second = await run(broker, { ...options, events }, first.database, 'archive');
    await second.publish('message');
    await second.publish('engine.event');
    const stored = await broker.read(3, 'EVENTS', login);
    expect(stored.map(({ subject }) => subject)).toEqual([
      'acme.waha.ana.chat.archive',
      'acme.waha.ana.chat.archive',
      'acme.waha.ana.engine.event',
    ]);
  });
});

describe('docs/sinks.md', () => {
  it('shows the plugin as it is', () => {
    const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
    expect(read('docs/sinks.md')).toContain(read('plugins/nats/index.ts').trimEnd());
  });
});
