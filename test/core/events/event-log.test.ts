import { describe, expect, it } from 'vitest';
import type { Publication } from '../../../core/contracts/events.ts';
import { CollectionEventLog } from '../../../core/events/event-log.ts';
import { type Collection, type Database, defineCollection, type LoggedEvent } from '../../../core/index.ts';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import { busOn } from '../../support/bus.ts';
import { SimulatedClock, settle } from '../../support/clock.ts';
import { recordingLog } from '../../support/log.ts';

const start = async (database: Database = memoryDatabase(), begin = 0) => {
  const clock = new SimulatedClock();
  const log = recordingLog();
  const events = await CollectionEventLog.open(database, begin);
  const { bus, connect } = busOn({ eventLog: events, clock, log });
  return { bus, connect, events, clock, log, database };
};

const fact = (session: string, id: string, more: Partial<Publication<'chat.archive'>> = {}) => ({
  session,
  event: 'chat.archive' as const,
  payload: { id, archived: true, timestamp: 1 },
  engine: 'NOWEB',
  ...more,
});

/** A database whose medium can be taken away. */
const breakable = () => {
  const database = memoryDatabase();
  const state = { broken: false, batches: 0 };
  const batch: Database['batch'] = async (changes) => {
    state.batches++;
    if (state.broken) throw new Error('no space left on device');
    await database.batch(changes);
  };
  return {
    database: {
      ...database,
      driver: 'breakable',
      open: database.open.bind(database),
      close: database.close.bind(database),
      batch,
    },
    state,
  };
};

describe('the event log', () => {
  it('counts each session’s events by one and all of them by a cursor', async () => {
    const { bus, events } = await start();
    for (const session of ['ana', 'bob', 'ana']) await bus.publish(fact(session, 'x'));
    const read = await events.read({});
    expect(read.map(({ cursor, event }) => [cursor, event.session, event.seq])).toEqual([
      [1, 'ana', 1],
      [2, 'bob', 1],
      [3, 'ana', 2],
    ]);
  });

  it('asks its database for what it may have only, where the driver tells what that is', async () => {
    const database = memoryDatabase();
    let asked = 0;
    const open = async (schema: never) => {
      const rows = (await database.open(schema)) as unknown as Collection<{ fact: string }>;
      const read = rows.find.bind(rows);
      rows.find = (query) => {
        if (query?.where?.fact) asked += 1;
        return read(query);
      };
      rows.texts = async (_, after) => (await read()).map(({ fact }) => fact).filter((one) => one > after);
      return rows;
    };
    const wrapped = {
      driver: 'telling',
      open,
      batch: database.batch.bind(database),
      close: database.close.bind(database),
    };
    const first = await start(wrapped as never);
    const named = (identity: string) => fact('ana', 'x', { identity });
    await first.bus.publish(named('1'));
    await settle();
    for (const identity of ['2', '3']) await first.bus.publish(named(identity));
    expect(asked).toBe(1);
    const again = await start(wrapped as never);
    await again.bus.publish(named('2'));
    await settle();
    await again.bus.publish(named('3'));
    await again.bus.publish(named('4'));
    expect(asked).toBe(3);
    expect((await again.events.read({})).map(({ event }) => event.seq)).toEqual([1, 2, 3, 4]);
  });

  it('goes on counting after a restart', async () => {
    const { bus, database } = await start();
    await bus.publish(fact('ana', '1'));
    const again = await start(database);
    await again.bus.publish(fact('ana', '2'));
    expect((await again.events.read({})).map(({ cursor, event }) => [cursor, event.seq])).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  it('begins a new log where it is told to, and goes on behind that after a restart', async () => {
    const { bus, events, database } = await start(memoryDatabase(), 5_000);
    expect([events.head, events.tail]).toEqual([5_000, 5_000]);
    await bus.publish(fact('ana', '1'));
    const again = await start(database, 9_000);
    expect([again.events.head, again.events.tail]).toEqual([5_001, 5_000]);
  });

  it('knows a fact that was committed before a restart', async () => {
    const { bus, database } = await start();
    await bus.publish(fact('ana', '1', { identity: 'm1', timestamp: 5 }));
    const again = await start(database);
    const heard: string[] = [];
    again.bus.subscribe('test', ({ id }) => heard.push(id));
    await again.bus.publish(fact('ana', '1', { identity: 'm1', timestamp: 5 }));
    expect(heard).toEqual([]);
    expect(again.events.head).toBe(1);
  });

  it('commits what comes together in one transaction, the sinks’ rows with it', async () => {
    const { database, state } = breakable();
    const { bus, connect } = await start(database);
    const rows = await database.open(
      defineCollection({ name: 'deliveries', columns: { cursor: { type: 'integer' } }, key: ['cursor'] }),
    );
    connect([], [{ name: 's', rows: ({ cursor }) => [rows.putting({ cursor })], deliver: () => undefined }]);
    await Promise.all(Array.from({ length: 100 }, (_, index) => bus.publish(fact('ana', String(index)))));
    expect(state.batches).toBe(1);
    expect(await rows.count()).toBe(100);
  });

  it('drops the rows of a sink that cannot say them, and nothing else', async () => {
    const { bus, events, connect } = await start();
    const rows = () => {
      throw new Error('oops');
    };
    connect([], [{ name: 'bad', rows, deliver: () => undefined }]);
    await bus.publish(fact('ana', '1'));
    expect(events.head).toBe(1);
  });

  it('hands nothing over before it is committed, tries again while the medium fails, and says so', async () => {
    const { database, state } = breakable();
    const { bus, clock, events, connect } = await start(database);
    const handed: LoggedEvent[] = [];
    connect([], [{ name: 's', deliver: (_, logged) => void handed.push(logged) }]);
    state.broken = true;
    let done = false;
    const published = bus.publish(fact('ana', '1')).then(() => {
      done = true;
    });
    await settle();
    expect([done, handed.length]).toEqual([false, 0]);
    // Its head is the newest event that can be read, not one that is under way.
    expect(events.head).toBe(0);
    expect(bus.check()).toMatchObject({ status: 'down', message: 'no space left on device' });
    state.broken = false;
    await clock.pass(250);
    await published;
    expect(handed.map(({ event }) => event.seq)).toEqual([1]);
    expect(events.head).toBe(1);
    expect(bus.check().status).toBe('up');
  });

  it('tells the publisher when too many events wait for the medium', async () => {
    const { database, state } = breakable();
    const { bus } = await start(database);
    state.broken = true;
    const outcomes = Array.from({ length: 10_001 }, (_, index) => bus.publish(fact('ana', String(index))));
    for (const outcome of outcomes.slice(0, -1)) outcome.catch(() => undefined);
    await expect(outcomes.at(-1)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('reads on from a cursor, by session, event and time', async () => {
    const { bus, events } = await start();
    await bus.publish(fact('ana', '1', { timestamp: 10 }));
    await bus.publish(fact('bob', '2', { timestamp: 20 }));
    await bus.publish({
      session: 'ana',
      event: 'engine.event',
      payload: { event: 'x', data: '', ...{ id: '3' } },
      engine: 'NOWEB',
      timestamp: 30,
    });
    const ids = async (query: Parameters<typeof events.read>[0]) =>
      (await events.read(query)).map(({ event }) => (event.payload as { id: string }).id);
    expect(await ids({ after: 1 })).toEqual(['2', '3']);
    expect(await ids({ sessions: ['ana'] })).toEqual(['1', '3']);
    expect(await ids({ events: ['*'] })).toEqual(['1', '2']);
    expect(await ids({ since: 20, until: 30 })).toEqual(['2']);
    expect(await ids({ since: -1, until: Number.MAX_SAFE_INTEGER })).toEqual(['1', '2', '3']);
    expect(await ids({ until: 10 })).toEqual([]);
    expect(await ids({ limit: 1 })).toEqual(['1']);
  });

  it('forgets by age and by number, and never what a sink still needs', async () => {
    const { bus, events } = await start();
    for (let index = 1; index <= 20; index++) await bus.publish(fact('ana', String(index), { timestamp: index }));
    const all = { maxAge: 1_000, maxEvents: 1_000 };
    expect(await events.prune(all, 20, Infinity)).toBe(0);
    expect(await events.prune({ ...all, maxEvents: 15 }, 20, Infinity)).toBe(5);
    expect(await events.prune({ ...all, maxAge: 10 }, 20, 8)).toBe(2);
    expect(events.tail).toBe(7);
    expect(await events.prune({ ...all, maxAge: 10 }, 20, Infinity)).toBe(2);
    expect((await events.read({})).map(({ cursor }) => cursor)[0]).toBe(10);
  });
});
