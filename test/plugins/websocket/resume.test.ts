import { describe, expect, it } from 'vitest';
import type { Collection, Database } from '../../../core/index.ts';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import { numbers, serveEvents } from './serve-events.ts';

/** A database that calls back between the moment a read sees the events and the moment its answer is there. */
const watchedReads = () => {
  const database = memoryDatabase();
  const state = { reads: 0, afterRead: async (): Promise<void> => undefined };
  const watched = <R>(rows: Collection<R>): Collection<R> => ({
    name: rows.name,
    get: rows.get.bind(rows),
    count: rows.count.bind(rows),
    put: rows.put.bind(rows),
    remove: rows.remove.bind(rows),
    putting: rows.putting.bind(rows),
    removing: rows.removing.bind(rows),
    requiring: rows.requiring.bind(rows),
    adding: rows.adding.bind(rows),
    counting: rows.counting.bind(rows),
    find: async (query) => {
      const found = await rows.find(query);
      state.reads++;
      if (rows.name === 'events') await state.afterRead();
      return found;
    },
  });
  const wrapper: Database = {
    driver: 'watched',
    open: async (schema) => watched(await database.open(schema)),
    batch: (changes) => database.batch(changes),
    close: () => database.close(),
  };
  return { database: wrapper, state };
};

describe('a client that comes back with since', () => {
  it('gets what it missed, is told that it is level, and goes on live', async () => {
    const { listen, publish, publishMany } = await serveEvents();
    const before = await listen();
    await publishMany(3);
    await before.until(3);
    before.socket.terminate();
    await publishMany(247);
    const after = await listen(`since=${before.frames[2]?.cursor}`);
    await after.until(248);
    await publish();
    await after.until(249);
    expect(after.ids).toEqual(numbers(4, 251));
    const [told] = after.frames.filter(({ event }) => event.startsWith('resume.'));
    expect(told).toMatchObject({ event: 'resume.live', cursor: 250, payload: { since: 3 } });
    expect(after.frames.indexOf(told!)).toBe(247);
  });

  it('misses nothing and gets nothing twice while events are published during the replay', async () => {
    const { listen, publish, publishMany } = await serveEvents();
    await publishMany(500);
    let more = 500;
    const client = await listen('since=0');
    client.onFrame = () => {
      if (more > 0) void publish();
      more--;
    };
    await client.until(1_001);
    await client.level();
    expect(client.ids).toEqual(numbers(1, 1_000));
    expect(client.events.map(({ cursor }) => cursor)).toEqual(numbers(1, 1_000).map(Number));
  });

  it('misses nothing that is published while the answer of the log is under way', async () => {
    const { database, state } = watchedReads();
    const { listen, publishMany, publish } = await serveEvents({ database });
    await publishMany(250);
    let bursts = 4;
    state.afterRead = async () => {
      if (bursts-- > 0) await publishMany(30);
    };
    const client = await listen('since=100');
    await client.until(271);
    await publish();
    await client.until(272);
    expect(client.ids).toEqual(numbers(101, 371));
  });

  it('gets only what it selects', async () => {
    const { listen, publish, publishMany } = await serveEvents();
    await publish('message', 'bob');
    await publishMany(300);
    await publish('message', 'bob');
    await publish('presence.update', 'bob');
    const client = await listen('since=0&session=bob&events=message');
    await publish('message', 'bob');
    await client.until(4);
    expect(client.ids).toEqual(['1', '302', '304']);
    expect(client.events.map(({ cursor }) => cursor)).toEqual([1, 302, 304]);
  });

  it('is told so when it missed nothing', async () => {
    const { listen, publish } = await serveEvents();
    await publish();
    const client = await listen('since=1');
    await client.until(1);
    expect(client.frames[0]).toMatchObject({ event: 'resume.live', cursor: 1 });
  });

  it('is told of a gap first, when the log forgot a part', async () => {
    const { listen, publishMany, clock, eventLog } = await serveEvents({
      events: { maxAgeHours: 0.01 },
      websocket: { pingSeconds: 3_600 },
    });
    await publishMany(5);
    await clock.pass(60_000);
    await publishMany(2);
    expect(eventLog.tail).toBe(4);
    const client = await listen('since=2');
    await client.until(5);
    const [gap, ...events] = client.frames;
    expect(gap).toMatchObject({ event: 'resume.gap', cursor: 4, payload: { since: 2, tail: 4 } });
    expect(events.map(({ event, cursor }) => `${event} ${cursor}`)).toEqual([
      'chat.archive 5',
      'chat.archive 6',
      'chat.archive 7',
      'resume.live 7',
    ]);
    const closer = await listen('since=4');
    await closer.until(4);
    expect(closer.ids).toEqual(numbers(5, 7));
  });

  it('comes back to a server that was restarted', async () => {
    const database = memoryDatabase();
    const first = await serveEvents({ database });
    await first.publishMany(3);
    await first.close();
    const second = await serveEvents({ database });
    const client = await second.listen('since=1');
    await client.until(3);
    expect(client.ids).toEqual(numbers(2, 3));
    await second.publish();
    await client.until(4);
    expect(client.events.map(({ cursor }) => cursor)).toEqual([2, 3, 4]);
  });

  it('knows where to begin without having got an event: the answer to the upgrade says it', async () => {
    const { listen, publishMany } = await serveEvents();
    await publishMany(3);
    const client = await listen();
    expect((await client.opened)['x-event-cursor']).toBe('3');
  });

  it('is asked to try again when the log cannot be read', async () => {
    const { database, state } = watchedReads();
    const { listen, publish } = await serveEvents({ database });
    await publish();
    state.afterRead = () => Promise.reject(new Error('disk on fire'));
    const client = await listen('since=0');
    const reason = 'the event log cannot be read; connect again with since=0';
    expect(await client.closed).toEqual({ code: 1013, reason });
  });
});
