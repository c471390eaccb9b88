import { describe, expect, it } from 'vitest';
import { CollectionEventLog } from '../../../core/events/event-log.ts';
import type { FollowOptions } from '../../../core/events/follow.ts';
import { type Database, followLog, type LoggedEvent, unprocessable } from '../../../core/index.ts';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import { busOn } from '../../support/bus.ts';
import { SimulatedClock, settle } from '../../support/clock.ts';
import { recordingLog } from '../../support/log.ts';

/** A receiver that takes events, or fails in the ways that a test lists. */
const startReceiver = () => {
  const taken: string[] = [];
  const receiver = { taken, failures: [] as (Error | 'hang' | null)[], away: false };
  const deliver = async ({ event }: LoggedEvent): Promise<void> => {
    const failure = receiver.away ? new Error('connection refused') : receiver.failures.shift();
    if (failure === 'hang') await new Promise(() => undefined);
    if (failure instanceof Error) throw failure;
    taken.push((event.payload as { id: string }).id);
  };
  return { ...receiver, deliver, receiver };
};

const open = async (database: Database = memoryDatabase()) => {
  const clock = new SimulatedClock();
  const log = recordingLog();
  const eventLog = await CollectionEventLog.open(database);
  const { bus, connect } = busOn({ eventLog, clock, log });
  const { receiver, deliver, taken } = startReceiver();
  let made = 0;
  const payloadOf = (id: string) => ({ id, archived: true, timestamp: 1, event: 'x', data: id });
  /** Publishes `count` events, numbered through. */
  const publish = async (count: number, session = 'ana', event: 'chat.archive' | 'engine.event' = 'chat.archive') => {
    const numbers = Array.from({ length: count }, () => String(++made));
    await Promise.all(numbers.map((id) => bus.publish({ session, event, payload: payloadOf(id), engine: 'NOWEB' })));
    await settle();
  };
  const follow = async (options: Partial<FollowOptions> = {}) => {
    const sink = followLog({ name: 'queue', eventLog, deliver, clock, log, random: () => 1, ...options });
    connect([], [sink]);
    await sink.start();
    await settle();
    return sink;
  };
  return { clock, log, bus, connect, eventLog, database, receiver, taken, publish, follow };
};

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => String(from + index));

describe('a sink that follows the log', () => {
  it('gets every event once, in order', async () => {
    const { publish, follow, taken } = await open();
    await follow();
    for (const count of [1, 250, 3]) await publish(count);
    expect(taken).toEqual(numbers(1, 254));
  });

  it('follows no event that does not exist', async () => {
    const { follow } = await open();
    const events = ['mesage'] as never;
    await expect(follow({ events })).rejects.toThrow(
      "sink 'queue' follows 'mesage', which is no event; did you mean 'message'?",
    );
  });

  it('begins with new events, or with the oldest that is kept', async () => {
    const { publish, follow, taken } = await open();
    await publish(3);
    await follow();
    await publish(1);
    expect(taken.splice(0)).toEqual(['4']);
    await follow({ name: 'other', begin: 'oldest' });
    expect(taken).toEqual(numbers(1, 4));
  });

  it('goes on where it was, with what happened in between', async () => {
    const before = await open();
    await (await before.follow()).close();
    await before.publish(3);
    const after = await open(before.database);
    await after.follow();
    expect(after.taken).toEqual(numbers(1, 3));
  });

  it('tries an event again until it is taken, and no other before it', async () => {
    const { publish, follow, taken, receiver, clock, log } = await open();
    const sink = await follow();
    receiver.failures = [new Error('refused'), new Error('refused'), new Error('refused')];
    await publish(3);
    expect(taken).toEqual([]);
    expect(sink.check()).toMatchObject({ status: 'up', behind: 3, failing: 'refused', failures: 1 });
    await clock.pass(250);
    await clock.pass(500);
    expect(taken).toEqual([]);
    await clock.pass(1_000);
    expect(taken).toEqual(numbers(1, 3));
    expect(sink.check()).toMatchObject({ behind: 0, failing: null, failures: 3, delivered: 3 });
    const figures = Object.fromEntries(
      sink.collect().map(({ labels, value }) => [labels?.['outcome'] ?? 'behind', value]),
    );
    expect(figures).toEqual({ behind: 0, delivered: 3, failures: 3, refused: 0, missed: 0 });
    const told = log.lines.filter(({ level }) => level === 'warn' || level === 'info');
    expect(told.map(({ message }) => message)).toEqual([
      "sink 'queue' fails, its events wait in the log: refused",
      "sink 'queue' delivers again, after 3 failures",
    ]);
  });

  it('pauses longer and longer, up to half a minute', async () => {
    const { publish, follow, receiver, clock } = await open();
    const sink = await follow();
    receiver.away = true;
    await publish(1);
    for (let wait = 250; wait <= 30_000 * 2; wait *= 2) await clock.pass(Math.min(wait, 30_000));
    const { failures } = sink.check();
    await clock.pass(30_000);
    expect(sink.check()).toMatchObject({ failures: (failures as number) + 1 });
  });

  it('does not wait for ever for one answer', async () => {
    const { publish, follow, taken, receiver, clock } = await open();
    const sink = await follow();
    receiver.failures = ['hang'];
    await publish(1);
    await clock.pass(30_000);
    expect(sink.check()).toMatchObject({ failing: 'no answer within 30000 ms' });
    await clock.pass(250);
    expect(taken).toEqual(['1']);
  });

  it('passes over what the receiver will never take, and says so', async () => {
    const { publish, follow, taken, receiver, log } = await open();
    const sink = await follow();
    receiver.failures = [unprocessable('too large')];
    await publish(2);
    expect(taken).toEqual(['2']);
    expect(sink.check()).toMatchObject({ refused: 1, delivered: 1, behind: 0 });
    expect(log.lines.at(-1)).toMatchObject({ level: 'error', message: expect.stringContaining('too large') });
  });

  it('gets the sessions and events that it selects, and is never behind the others', async () => {
    const { publish, follow, taken } = await open();
    const sink = await follow({ includes: (session) => session === 'ana' });
    await publish(1, 'bob');
    await publish(1, 'ana', 'engine.event');
    await publish(1, 'ana');
    await publish(150, 'bob');
    expect(taken).toEqual(['3']);
    expect(sink.check()).toMatchObject({ behind: 0, position: 153 });
    expect(sink.oldestNeeded()).toBe(154);
  });

  it('does not hold the log back for sessions that the bus does not tell it of', async () => {
    const { publish, follow, taken, connect } = await open();
    const sink = await follow({ includes: (session) => session === 'ana', events: ['chat.archive'] });
    connect([], []);
    await publish(250, 'bob');
    await publish(5, 'bob', 'engine.event');
    expect(sink.oldestNeeded()).toBe(1);
    await settle();
    await settle();
    expect(sink.oldestNeeded()).toBe(256);
    expect(taken).toEqual([]);
  });

  it('keeps the log from forgetting what it still needs, up to a bound', async () => {
    const { publish, follow, receiver, eventLog, taken, clock } = await open();
    const sink = await follow({ maxBehind: 10 });
    const prune = () => eventLog.prune({ maxAge: 1, maxEvents: 1 }, clock.now() + 1_000, sink.oldestNeeded() ?? 0);
    receiver.away = true;
    await publish(10);
    await prune();
    expect(eventLog.tail).toBe(0);
    expect(sink.check()).toMatchObject({ status: 'up' });
    await publish(5);
    expect(sink.check()).toMatchObject({ status: 'down', message: expect.stringContaining('more than 10') });
    await prune();
    expect(eventLog.tail).toBe(5);
    receiver.away = false;
    await clock.pass(30_000);
    expect(taken).toEqual(numbers(6, 15));
    expect(sink.check()).toMatchObject({ status: 'up', missed: 5, behind: 0 });
  });

  it('keeps everything as long as its checkpoint is not known', async () => {
    const { eventLog, clock, log } = await open();
    const sink = followLog({ name: 'queue', eventLog, deliver: async () => undefined, clock, log });
    expect(sink.oldestNeeded()).toBe(0);
    await sink.close();
    expect(sink.oldestNeeded()).toBeNull();
  });

  it('ends at close with the delivery under way, and begins no other', async () => {
    const { publish, follow, taken, receiver, clock, database } = await open();
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const sink = await follow({
      deliver: async ({ event }) => {
        await released;
        taken.push((event.payload as { id: string }).id);
      },
    });
    await publish(3);
    const closed = sink.close();
    release();
    await closed;
    expect(taken).toEqual(['1']);
    expect(receiver.failures).toEqual([]);
    const after = await open(database);
    await after.follow();
    expect(after.taken).toEqual(['2', '3']);
    expect(clock.pending.size).toBe(0);
  });

  it('delivers again what a killed process delivered and could not note', async () => {
    const { publish, follow, taken, receiver, database } = await open();
    await follow();
    await publish(2);
    receiver.failures = [null, null, null, 'hang'];
    await publish(5);
    expect(taken).toEqual(numbers(1, 5));
    const after = await open(database);
    await after.follow();
    expect(after.taken).toEqual(numbers(3, 7));
  });

  it('closes at once in the middle of a pause', async () => {
    const { publish, follow, receiver, clock } = await open();
    const sink = await follow();
    receiver.away = true;
    await publish(1);
    await sink.close();
    expect(clock.pending.size).toBe(0);
  });

  it('begins anew with a log that was begun anew', async () => {
    const { publish, follow, taken, database, eventLog, connect } = await open();
    await publish(5);
    await (await follow()).close();
    connect([], []);
    await (await database.open({ name: 'events', columns: { cursor: { type: 'integer' } }, key: ['cursor'] })).remove(
      {},
    );
    const after = await open(database);
    expect([eventLog.head, after.eventLog.head]).toEqual([5, 0]);
    await after.publish(2);
    await after.follow();
    expect(after.taken).toEqual(numbers(1, 2));
    expect(taken).toEqual([]);
    expect(after.log.lines[0]?.message).toContain('an event log that is gone');
  });
});
