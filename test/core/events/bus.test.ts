import { describe, expect, it } from 'vitest';
import type { Publication } from '../../../core/contracts/events.ts';
import { eventId } from '../../../core/events/envelope.ts';
import { CollectionEventLog } from '../../../core/events/event-log.ts';
import type { Change, Database, EventSink, RuntimeEvent } from '../../../core/index.ts';
import { checkedDatabase } from '../../../core/stores/checked-database.ts';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import { busOn } from '../../support/bus.ts';
import { SimulatedClock, settle } from '../../support/clock.ts';
import { recordingLog } from '../../support/log.ts';

const limits = { deliverLimit: 1_000, maxPending: 2, maxFailures: 3, suspension: 5_000 };

const makeBus = async (inner: Database = memoryDatabase()) => {
  const log = recordingLog();
  const clock = new SimulatedClock();
  const database = checkedDatabase(inner);
  const eventLog = await CollectionEventLog.open(database);
  const { bus, connect } = busOn({ eventLog, clock, log, limits, check: (change) => database.check(change) });
  return { log, clock, bus, connect, eventLog };
};

const collector = (name = 'collector'): EventSink & { events: RuntimeEvent[] } => {
  const events: RuntimeEvent[] = [];
  return { name, events, deliver: (event) => void events.push(event) };
};

const archive = (id: string) => ({ id, archived: true, timestamp: 1 });

const archived = (more: Partial<Publication<'chat.archive'>> = {}): Publication<'chat.archive'> => ({
  session: 'ana',
  event: 'chat.archive',
  payload: archive('x'),
  engine: 'NOWEB',
  ...more,
});

describe('the event bus', () => {
  it('hands the same event to every sink, in order', async () => {
    const { bus, connect } = await makeBus();
    const [one, two] = [collector('one'), collector('two')];
    connect([], [one, two]);
    for (const id of ['1', '2', '3']) await bus.publish(archived({ payload: archive(id) }));
    expect(one.events.map(({ payload }) => payload)).toEqual(['1', '2', '3'].map(archive));
    expect(two.events).toEqual(one.events);
  });

  it('knows whether some sink asks for an event by its name, for its session', async () => {
    const { bus, connect } = await makeBus();
    const picky = {
      ...collector('picky'),
      wants: (event: string, session: string) => event === 'engine.event' && session === 'ana',
    };
    const broken: EventSink = {
      ...collector('broken'),
      wants: () => {
        throw new Error('no idea');
      },
    };
    connect([], [collector(), broken]);
    expect(bus.wants('engine.event', 'ana')).toBe(false);
    connect([], [collector(), broken, picky]);
    expect([bus.wants('engine.event', 'ana'), bus.wants('engine.event', 'bob'), bus.wants('message', 'ana')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('wraps the payload in the envelope of the contract', async () => {
    const { bus, clock, connect } = await makeBus();
    const sink = collector();
    connect([], [sink]);
    const me = { id: '1@c.us', pushName: 'Ana' };
    await bus.publish(archived({ metadata: { team: 'a' }, me }));
    expect(sink.events[0]).toEqual({
      id: expect.stringMatching(/^evt_[0-9a-hjkmnp-tv-z]{26}$/),
      timestamp: clock.now(),
      event: 'chat.archive',
      seq: 1,
      session: 'ana',
      metadata: { team: 'a' },
      me,
      payload: archive('x'),
      engine: 'NOWEB',
      environment: {
        ...{ version: '1.2.3', engine: 'NOWEB', tier: 'CORE', browser: null },
        ...{ platform: `${process.platform}/${process.arch}`, worker: { id: expect.any(String) } },
      },
    });
  });

  it('publishes the same fact once, under an id that is derived from it', async () => {
    const { bus, connect } = await makeBus();
    const sink = collector();
    connect([], [sink]);
    const fact = { timestamp: 1_700_000_000_000, identity: 'chat:1' };
    await bus.publish(archived(fact));
    await bus.publish(archived(fact));
    await bus.publish(archived({ ...fact, identity: 'chat:2' }));
    await bus.publish(archived({ ...fact, session: 'bob' }));
    expect(new Set(sink.events.map(({ id }) => id)).size).toBe(3);
    expect(sink.events).toHaveLength(3);
    expect(sink.events[0]?.id).toBe(eventId(archived(fact), fact.timestamp));
  });

  it('lets a filter change or drop an event, and passes it on when the filter throws', async () => {
    const { bus, log, connect } = await makeBus();
    const sink = collector();
    const dropBob = { name: 'drop', filter: (event: RuntimeEvent) => (event.session === 'bob' ? null : event) };
    const broken = {
      name: 'broken',
      filter: () => {
        throw new Error('oops');
      },
    };
    const mark = { name: 'mark', filter: (event: RuntimeEvent) => ({ ...event, metadata: { seen: 'yes' } }) };
    connect([dropBob, broken, mark], [sink]);
    await bus.publish(archived());
    await bus.publish(archived({ session: 'bob' }));
    expect(sink.events.map(({ session, metadata }) => [session, metadata])).toEqual([['ana', { seen: 'yes' }]]);
    expect(log.lines.some(({ message }) => message.includes("filter 'broken'"))).toBe(true);
  });
});

describe('a medium that fails', () => {
  it('is told by the health check, with how many events wait, until it takes them', async () => {
    const inner = memoryDatabase();
    let isFull = true;
    const batch = (changes: readonly Change[]) =>
      isFull ? Promise.reject(new Error('the disk is full')) : inner.batch(changes);
    const { bus, clock } = await makeBus({
      driver: 'full',
      open: (schema) => inner.open(schema),
      batch,
      close: () => inner.close(),
    });
    const published = Promise.all([bus.publish(archived()), bus.publish(archived())]);
    await settle();
    expect(bus.check()).toMatchObject({ status: 'down', message: 'the disk is full', waiting: 2 });
    isFull = false;
    await clock.pass(250);
    await published;
    expect(bus.check()).toMatchObject({ status: 'up' });
  });
});

describe('a sink that misbehaves', () => {
  it('is logged under its name and hurts no other sink', async () => {
    const { bus, log, connect } = await makeBus();
    const good = collector();
    const bad: EventSink = {
      name: 'bad',
      deliver: () => {
        throw new Error('broken pipe');
      },
    };
    connect([], [bad, good]);
    await bus.publish(archived());
    expect(good.events).toHaveLength(1);
    expect(log.lines.map(({ message }) => message)).toContain("sink 'bad' failed: broken pipe");
  });

  it('is suspended after repeated failures and tried again later', async () => {
    const { bus, clock, connect } = await makeBus();
    let calls = 0;
    const bad: EventSink = { name: 'bad', deliver: () => Promise.reject(new Error(`no ${++calls}`)) };
    connect([], [bad]);
    for (let round = 0; round < 5; round++) {
      await bus.publish(archived());
      await settle();
    }
    expect(calls).toBe(3);
    expect(bus.check()).toMatchObject({ status: 'down', message: 'suspended: bad' });
    await clock.pass(5_000);
    await bus.publish(archived());
    expect(calls).toBe(4);
  });

  it.each([
    ['of a collection that is not open', { collection: 'nowhere', put: { key: 1 } }],
    ['with a column that is not there', { collection: 'events', put: { wrong: 1 } }],
    ['with a condition on a column that is not there', { collection: 'events', remove: { wrong: 1 } }],
  ])('asks for a row %s in vain, and the event is committed without it', async (_, row) => {
    const { bus, connect, clock, eventLog } = await makeBus();
    const good = collector();
    const bad: EventSink = { name: 'bad', rows: () => [row], deliver: () => undefined };
    connect([], [bad, good]);
    const published = bus.publish(archived());
    await settle();
    await clock.pass(1_000);
    await published;
    expect(good.events).toHaveLength(1);
    expect(eventLog.head).toBe(1);
    expect(bus.sinks[0]?.counts.failed).toBe(1);
    expect(bus.check()).toMatchObject({ status: 'up' });
  });

  it('counts as failed when it hangs, and holds only so many events', async () => {
    const { bus, clock, connect } = await makeBus();
    const hanging: EventSink = { name: 'hanging', deliver: () => new Promise(() => undefined) };
    connect([], [hanging]);
    for (let round = 0; round < 4; round++) await bus.publish(archived());
    expect(bus.sinks[0]?.counts).toEqual({ delivered: 0, failed: 0, skipped: 2 });
    await clock.pass(1_000);
    expect(bus.sinks[0]?.counts).toEqual({ delivered: 0, failed: 2, skipped: 2 });
    expect(clock.pending.size).toBe(0);
  });

  it('cannot be told apart by a listener that throws', async () => {
    const { bus, log, connect } = await makeBus();
    const sink = collector();
    connect([], [sink]);
    const stop = bus.subscribe('loud', () => {
      throw new Error('loud');
    });
    await bus.publish(archived());
    stop();
    await bus.publish(archived());
    expect(sink.events).toHaveLength(2);
    expect(log.lines.filter(({ message }) => message.includes("listener 'loud'"))).toHaveLength(1);
  });
});
