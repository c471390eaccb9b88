import { describe, expect, it } from 'vitest';
import type { SessionStatusPayload } from '../../../core/contracts/session.ts';
import { sessionsIndicator } from '../../../core/session/health.ts';
import { settle } from '../../support/clock.ts';
import { recordingLog } from '../../support/log.ts';
import { type FakeWorld, workingOnFakes } from '../../support/sessions.ts';

const hour = 3_600_000;
const day = 24 * hour;
/** A session that is WORKING for days: few probes, which only cost the test its time. */
const watched: typeof workingOnFakes = ({ timings, ...options } = {}) =>
  workingOnFakes({ ...options, timings: { probe: hour, ...timings } });
const payloads = ({ events }: FakeWorld) =>
  events.filter(({ event }) => event === 'session.status').map(({ payload }) => payload as SessionStatusPayload);
const data = (world: FakeWorld) => payloads(world).map(({ status, data: told }) => [status, told]);

/** As after a restart of the process: the record as it is stored, and nothing else. */
const restarted = async (world: FakeWorld) => {
  const { sessions, stores, engine } = world;
  const [record] = await stores.sessions.list();
  if (!record) throw new Error('nothing is stored');
  await sessions.all()[0]?.end();
  const again = sessions.adopt(record);
  again.send({ type: 'start' });
  engine.last.open();
  await settle();
  return again;
};

const lockUntil = (ends: number) => ({
  ...{ isActive: true, enforcementType: 'DEFAULT' },
  timeEnforcementEnds: Math.ceil(ends / 1000),
});

describe('the phone of an account', () => {
  it('that gives no sign of life for ten days is warned of, four days before WhatsApp unlinks', async () => {
    const log = recordingLog();
    const world = await watched({ log });
    const { sessions, clock } = world;
    const linkedAt = clock.now();
    expect(sessions.get('ana')).toMatchObject({ phoneLastSeenAt: linkedAt });
    await clock.run(10 * day - 1);
    expect(sessions.get('ana').phoneSilence).toBeUndefined();
    await clock.run(1);
    const phoneSilence = { lastSeenAt: linkedAt, unlinkExpectedAt: linkedAt + 14 * day };
    expect(sessions.get('ana')).toMatchObject({ status: 'WORKING', phoneSilence });
    expect(data(world).at(-1)).toEqual(['WORKING', { phoneSilence }]);
    expect(log.lines.filter(({ level, message }) => level === 'warn' && message.includes('phone'))).toHaveLength(1);
    const health = await sessionsIndicator(sessions, () => null).check();
    expect(health).toMatchObject({ status: 'up', silentPhones: 1 });
  });

  it('that is heard in time is not warned of, and ends the warning when it is heard late', async () => {
    const world = await watched();
    const { sessions, engine, clock } = world;
    await clock.run(9 * day);
    engine.last.seePhone(clock.now());
    await clock.run(9 * day);
    expect(data(world)).toHaveLength(2);
    await clock.run(day);
    expect(data(world).at(-1)?.[1]).toMatchObject({ phoneSilence: { unlinkExpectedAt: expect.any(Number) } });
    engine.last.seePhone(clock.now());
    await settle();
    expect(data(world).at(-1)).toEqual(['WORKING', { phoneSilence: null }]);
    expect(sessions.get('ana')).toMatchObject({ phoneLastSeenAt: clock.now() });
    expect(sessions.get('ana').phoneSilence).toBeUndefined();
    await clock.run(10 * day);
    expect(data(world)).toHaveLength(5);
  });

  it('that wrote while we were away is as old as what it wrote', async () => {
    const { sessions, engine, clock } = await watched();
    const linkedAt = clock.now();
    await clock.run(5 * day);
    engine.last.seePhone(linkedAt + 2 * day);
    engine.last.seePhone(linkedAt + day);
    engine.last.seePhone(clock.now() + day);
    expect(sessions.get('ana').phoneLastSeenAt).toBe(clock.now());
  });

  it('is remembered over a restart of the process, and told with the next WORKING', async () => {
    const world = await watched();
    const linkedAt = world.clock.now();
    await world.clock.run(10 * day);
    const again = await restarted(world);
    expect(again.info()).toMatchObject({ status: 'WORKING', phoneLastSeenAt: linkedAt });
    expect(data(world).at(-1)?.[1]).toMatchObject({ phoneSilence: { lastSeenAt: linkedAt } });
  });

  it('is remembered to the millisecond once it was warned of', async () => {
    const world = await watched();
    await world.clock.run(hour / 2);
    world.engine.last.seePhone(world.clock.now());
    const lastSeenAt = world.clock.now();
    await world.clock.run(10 * day);
    await restarted(world);
    const phoneSilence = { lastSeenAt, unlinkExpectedAt: lastSeenAt + 14 * day };
    expect(data(world).at(-1)).toEqual(['WORKING', { phoneSilence }]);
  });

  it('is written down once an hour at most', async () => {
    const { engine, clock, stores } = await watched();
    let writes = 0;
    const { put } = stores.sessions;
    stores.sessions.put = (record) => {
      writes++;
      return put.call(stores.sessions, record);
    };
    for (let second = 0; second < 3 * 3600; second += 10) {
      await clock.pass(10_000);
      engine.last.seePhone(clock.now());
    }
    await settle();
    expect(writes).toBe(3);
  });

  it('is forgotten with the account, and not watched when the time is 0', async () => {
    const { sessions } = await watched();
    await sessions.logout('ana');
    expect(sessions.get('ana').phoneLastSeenAt).toBeUndefined();
    const world = await watched({ timings: { phoneSilence: 0 } });
    await world.clock.run(20 * day);
    expect(data(world)).toHaveLength(2);
  });
});

describe('an account that is unlinked', () => {
  const unlinkedAfter = async (before: (world: FakeWorld) => Promise<void>) => {
    const world = await watched();
    await before(world);
    world.engine.last.drop('device_removed');
    await settle();
    return world;
  };

  it('shortly after a restriction is told with a note of it', async () => {
    const world = await unlinkedAfter(async ({ engine, clock }) => {
      engine.last.restrict(clock.now() + 30 * hour);
      await clock.run(29 * hour);
    });
    const note = 'WhatsApp had restricted the account (reachout_timelock) shortly before';
    expect(world.sessions.get('ana')).toMatchObject({ status: 'FAILED', reason: 'device_removed', note });
    expect(payloads(world).at(-1)).toMatchObject({ status: 'FAILED', reason: 'device_removed', note });
    expect(world.sessions.transitions('ana').at(-1)).toMatchObject({ reason: 'device_removed', note });
    await world.sessions.restart('ana');
    expect(world.sessions.get('ana').note).toBeUndefined();
  });

  it('within a day after the restriction was lifted, too, and not later', async () => {
    for (const [hours, noted] of [
      [23, true],
      [25, false],
    ] as const) {
      const world = await unlinkedAfter(async ({ engine, clock }) => {
        engine.last.restrict(clock.now() + hour);
        engine.last.restrict(null);
        await clock.run(hours * hour);
      });
      expect([hours, world.sessions.get('ana').note !== undefined]).toEqual([hours, noted]);
    }
  });

  it('without a restriction has no note', async () => {
    const world = await unlinkedAfter(async () => undefined);
    expect(world.sessions.get('ana')).not.toHaveProperty('note');
    expect(payloads(world).at(-1)).not.toHaveProperty('note');
  });

  it('after a restart of the process is told with the note, too', async () => {
    const world = await watched();
    const ends = world.clock.now() + 30 * hour;
    world.engine.last.restrict(ends);
    await settle();
    const again = await restarted(world);
    expect(again.info().me?.reachoutTimelock).toEqual(lockUntil(ends));
    world.engine.last.drop('logged_out');
    await settle();
    expect(again.info()).toMatchObject({ reason: 'logged_out', note: expect.stringContaining('reachout_timelock') });
  });
});

describe('a restriction', () => {
  it('shows in the session while it lasts', async () => {
    const { sessions, engine, clock } = await watched();
    const ends = clock.now() + hour;
    engine.last.restrict(ends);
    const me = { reachoutTimelock: lockUntil(ends) };
    expect(sessions.get('ana')).toMatchObject({ me });
    engine.last.drop('network');
    await settle();
    expect(sessions.get('ana')).toMatchObject({ status: 'STARTING', me });
    await clock.run(1_000);
    engine.last.open();
    await clock.run(hour);
    expect(sessions.get('ana').me).not.toHaveProperty('reachoutTimelock');
  });

  it('without a known end is not believed after a restart of the process: nobody would lift it', async () => {
    const world = await watched();
    world.engine.last.signal({
      type: 'engine.restriction',
      restriction: { timeEnforcementEnds: null, enforcementType: null },
    });
    await settle();
    const again = await restarted(world);
    expect(again.info().me).not.toHaveProperty('reachoutTimelock');
  });
});
