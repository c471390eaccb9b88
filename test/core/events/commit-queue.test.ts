import { describe, expect, it, vi } from 'vitest';
import { defineCollection } from '../../../core/contracts/storage.ts';
import { CommitQueue } from '../../../core/events/commit-queue.ts';
import { envelope, factOf } from '../../../core/events/envelope.ts';
import { CollectionEventLog } from '../../../core/events/event-log.ts';
import type { Change, Database, LoggedEvent, RuntimeInfo } from '../../../core/index.ts';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import { SimulatedClock, settle } from '../../support/clock.ts';
import { recordingLog } from '../../support/log.ts';

const info: RuntimeInfo = { version: '1', tier: 'CORE', workerId: 'w', startedAt: 0, defaultEngine: 'NOWEB' };

/** What happened at a time (s), under a name of its own. */
const fact = (at: number, identity: string) =>
  envelope(
    {
      ...{
        session: 'ana',
        event: 'chat.archive',
        payload: { id: identity, archived: true, timestamp: at },
        engine: 'NOWEB',
      },
      ...{ identity, timestamp: at * 1000 },
    },
    info,
    0,
  );

const start = async (database = memoryDatabase()) => {
  const eventLog = await CollectionEventLog.open(database);
  const committed: string[] = [];
  const queue = new CommitQueue(eventLog, {
    ...{ log: recordingLog(), clock: new SimulatedClock(), rows: () => [] },
    committed: ({ event }) => committed.push((event.payload as { id: string }).id),
  });
  const known = vi.spyOn(eventLog, 'known');
  const add = (...facts: ReturnType<typeof fact>[]) => Promise.all(facts.map((event) => queue.add(event, true)));
  const asked = () => known.mock.calls.flatMap(([ids]) => [...ids]);
  return { database, committed, add, asked };
};

/** The log's rows before facts had a column. */
const formerSchema = defineCollection({
  name: 'events',
  columns: {
    cursor: { type: 'integer' },
    id: { type: 'text' },
    session: { type: 'text' },
    event: { type: 'text' },
    timestamp: { type: 'integer' },
    body: { type: 'text' },
  },
  key: ['cursor'],
});

describe('facts that come again', () => {
  it('are looked for in the log unless they are remembered', async () => {
    const first = await start();
    await first.add(fact(10, 'ten'), fact(20, 'twenty'), fact(10, 'ten'));
    await first.add(fact(30, 'thirty'), fact(20, 'twenty'));
    const facts = (...names: string[]) => names.map((name) => factOf(fact(0, name).id));
    expect(first.asked()).toEqual(facts('ten', 'twenty', 'thirty'));
    const second = await start(first.database);
    await second.add(fact(40, 'forty'), fact(15, 'fifteen'), fact(10, 'ten'), fact(30, 'thirty'));
    expect(second.asked()).toEqual(facts('forty', 'fifteen', 'ten', 'thirty'));
    expect([first.committed, second.committed]).toEqual([
      ['ten', 'twenty', 'thirty'],
      ['forty', 'fifteen'],
    ]);
  });

  it('are committed once, in whatever order they come and however often the process starts', async () => {
    const database = memoryDatabase();
    const all = Array.from({ length: 60 }, (_, index) => fact((index * 37) % 60, `fact ${index}`));
    const committed: string[] = [];
    for (let run = 0; run < 5; run++) {
      const world = await start(database);
      for (let step = 0; step < 40; step++)
        await world.add(...[3, 7, 11].map((by) => all[(step * by + run * 13) % 60]!));
      committed.push(...world.committed);
    }
    expect(committed.length).toBe(new Set(committed).size);
    expect(committed.length).toBeGreaterThan(50);
  });

  it('are found in the log when so many came since that they are not remembered', async () => {
    const { add, asked, committed } = await start();
    const late = fact(5_000, 'late');
    await add(late);
    for (let from = 0; from < 10_000; from += 500) {
      await add(...Array.from({ length: 500 }, (_, index) => fact(from + index, `fact ${from + index}`)));
    }
    const before = asked().length;
    await add(late, fact(9_999, 'fact 9999'), fact(20_000, 'newest'));
    expect(asked().slice(before)).toEqual([factOf(late.id), factOf(fact(0, 'newest').id)]);
    expect(committed.length).toBe(10_002);
  });

  it('under another time are the same, at once, later, and in the next process', async () => {
    const { add, committed, database } = await start();
    await add(fact(10, 'ten'), fact(11, 'ten'));
    await add(fact(12, 'ten'), fact(5, 'ten'));
    const next = await start(database);
    await next.add(fact(13, 'ten'), fact(1, 'ten'), fact(13, 'eleven'));
    expect([committed, next.committed]).toEqual([['ten'], ['eleven']]);
  });

  it('of a log that was written before facts had a column are taken for new', async () => {
    const database = memoryDatabase();
    const former = await database.open(formerSchema);
    const { id, session, event, timestamp, ...rest } = fact(10, 'ten');
    const body = JSON.stringify({ id, session, event, timestamp, ...rest });
    await former.put({ cursor: 1, id, session, event, timestamp, body });
    const { add, committed } = await start(database);
    await add(fact(20, 'twenty'), fact(20, 'twenty'));
    expect(committed).toEqual(['twenty']);
  });
});

describe('a commit that failed and is there all the same', () => {
  it('is made again with the same cursors and numbers: nothing is there twice', async () => {
    const inner = memoryDatabase();
    let unheard = 2;
    const database: Database = {
      driver: 'unheard',
      open: (schema) => inner.open(schema),
      batch: async (changes: readonly Change[]) => {
        await inner.batch(changes);
        if (unheard-- > 0) throw new Error('its thread has died');
      },
      close: () => inner.close(),
    };
    const clock = new SimulatedClock();
    const eventLog = await CollectionEventLog.open(database);
    const committed: LoggedEvent[] = [];
    const options = { log: recordingLog(), clock, rows: () => [] };
    const queue = new CommitQueue(eventLog, { ...options, committed: (logged) => committed.push(logged) });
    const facts = [fact(1, 'one'), fact(2, 'two')];
    const adding = Promise.all(facts.map((event) => queue.add(event, true)));
    for (const pause of [250, 500]) {
      while (clock.pending.size === 0) await settle();
      await clock.pass(pause);
    }
    await adding;
    await Promise.all([...facts, fact(3, 'three')].map((event) => queue.add(event, true)));
    expect(committed.map(({ cursor, event }) => [cursor, event.seq])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    expect(await eventLog.read({})).toEqual(committed);
  });
});

describe('events that cannot be stored', () => {
  it('wait, ten thousand of them; more are refused, and all that waited are there once there is room', async () => {
    const inner = memoryDatabase();
    let isFull = true;
    const database: Database = {
      driver: 'full',
      open: (schema) => inner.open(schema),
      batch: async (changes: readonly Change[]) => {
        if (isFull) throw new Error('no space left on device');
        await inner.batch(changes);
      },
      close: () => inner.close(),
    };
    const clock = new SimulatedClock();
    const eventLog = await CollectionEventLog.open(database);
    let committed = 0;
    const options = { log: recordingLog(), clock, rows: () => [], committed: () => committed++ };
    const queue = new CommitQueue(eventLog, options);
    const waiting = Array.from({ length: 10_000 }, (_, index) => queue.add(fact(1, `fact ${index}`), false));
    await settle();
    expect(queue.failure).toContain('no space left on device');
    await expect(queue.add(fact(1, 'one more'), false)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    isFull = false;
    await clock.pass(250);
    await Promise.all(waiting);
    expect([committed, queue.failure, queue.depth]).toEqual([10_000, null, 0]);
  });
});

describe('an event that is no JSON', () => {
  const unwritable = (timestamp: number, identity: string) => ({
    ...fact(timestamp, identity),
    payload: { id: 1n } as never,
  });

  it('goes back to who published it, takes no number, and holds nobody up', async () => {
    const { add, committed, database } = await start();
    const refused = expect(add(unwritable(2, 'two'))).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: expect.stringContaining("'chat.archive'"),
    });
    await add(fact(1, 'one'), fact(3, 'three'));
    await refused;
    await add(fact(4, 'four'));
    expect(committed).toEqual(['one', 'three', 'four']);
    const logged = await (await CollectionEventLog.open(database)).read({});
    expect(logged.map(({ cursor, event }) => [cursor, event.seq])).toEqual([1, 2, 3].map((place) => [place, place]));
  });

  it('is refused each time that it comes', async () => {
    const { add } = await start();
    const both = await Promise.allSettled([add(unwritable(1, 'one')), add(unwritable(1, 'one'))]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(add(unwritable(1, 'one'))).rejects.toThrow('cannot be written as JSON');
  });
});
