import { describe, expect, it } from 'vitest';
import { statusReasons } from '../../../core/contracts/session.ts';
import type { CloseReason } from '../../../core/engine.ts';
import { resume } from '../../../core/session/resume.ts';
import { settle } from '../../support/clock.ts';
import type { FakeConnection } from '../../support/fake-engine.ts';
import { silentLog } from '../../support/log.ts';
import { type FakeWorld, sessionsOnFakes } from '../../support/sessions.ts';

/** Numbers that look random and are the same every time. */
const seeded = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

const manySessions = async (count: number, seed: number): Promise<FakeWorld> => {
  const world = await sessionsOnFakes({ random: seeded(seed) });
  world.engine.prepare = (connection) => queueMicrotask(() => connection.open());
  for (let index = 0; index < count; index++) await world.sessions.create({ name: `s${index}` });
  await settle();
  return world;
};

const working = ({ sessions }: FakeWorld): number => sessions.counts().WORKING ?? 0;

describe('ten minutes of trouble with the network', () => {
  it('end with every session WORKING again by itself, with one connection each and nothing left behind', async () => {
    const world = await manySessions(20, 1);
    const { engine, clock, sessions } = world;
    const random = seeded(2);
    const trouble: ((connection: FakeConnection) => void)[] = [
      (connection) => connection.drop('network'),
      (connection) => connection.drop('unavailable'),
      (connection) => connection.drop('restart_required'),
      (connection) => Object.assign(connection, { peer: 'is silent' }),
      (connection) => Object.assign(connection, { closes: false }),
    ];
    engine.prepare = (connection) => {
      const luck = random();
      if (luck < 0.4) queueMicrotask(() => connection.open());
      else if (luck < 0.7) queueMicrotask(() => connection.drop(luck < 0.55 ? 'unavailable' : 'network'));
    };
    const end = clock.now() + 600_000;
    while (clock.now() < end) {
      for (const connection of engine.live()) {
        if (random() < 0.1) trouble[Math.floor(random() * trouble.length)]?.(connection);
      }
      await clock.run(5_000);
      for (const { name } of sessions.list()) expect(engine.live(name).length).toBeLessThanOrEqual(1);
      for (const { status, nextRetryAt = 0 } of sessions.list()) {
        expect(['STARTING', 'WORKING']).toContain(status);
        expect(nextRetryAt - clock.now()).toBeLessThanOrEqual(120_000);
      }
    }
    engine.prepare = (connection) => queueMicrotask(() => connection.open());
    await clock.run(300_000);
    expect(working(world)).toBe(20);
    expect(engine.live()).toHaveLength(20);
    expect(Object.keys(sessions.reconnects()).sort()).toEqual(['deaf', 'network', 'start_timeout', 'unavailable']);
    const closed = sessions.close(10_000);
    await clock.run(10_000);
    await closed;
    expect([engine.live().length, clock.pending.size]).toEqual([0, 0]);
  });

  it('do not bring all sessions back in the same moment: the attempts are spread', async () => {
    const world = await manySessions(200, 3);
    const { engine, clock, sessions } = world;
    engine.prepare = (connection) => queueMicrotask(() => connection.drop('network'));
    for (const connection of engine.live()) connection.drop('network');
    await clock.run(20_000);
    const waits = sessions.list().map(({ nextRetryAt = 0 }) => nextRetryAt - clock.now());
    const fullest = Math.max(...countBy(waits, 1_000).values());
    expect(new Set(waits).size).toBeGreaterThan(180);
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(5_000);
    expect(fullest).toBeLessThan(60);
  });
});

describe('200 sessions that are restarted at once', () => {
  it('work but for ten that fail in ten ways, which say why', async () => {
    const world = await manySessions(200, 4);
    const { sessions, engine, clock } = world;
    const ways: CloseReason[] = ['logged_out', 'device_removed', 'banned', 'locked', 'client_outdated'];
    ways.push('multidevice_mismatch', 'bad_session', 'corrupt_auth', 'unavailable', 'proxy');
    for (const session of sessions.all()) session.send({ type: 'stop' });
    await settle();
    engine.prepare = (connection) => {
      const reason = ways[Number(connection.input.session.slice(1))];
      queueMicrotask(() => (reason ? connection.drop(reason) : connection.open()));
    };
    let most = 0;
    const all = sessions.all();
    const options = { clock, random: seeded(5), log: silentLog, concurrency: 8, jitter: 250, patience: 60_000 };
    const run = resume(all, options);
    while (run.progress.done < 200) {
      await clock.pass(50);
      most = Math.max(most, sessions.counts().STARTING ?? 0);
    }
    for (let second = 0; second < 60; second++) await clock.pass(1_000);
    expect(working(world)).toBe(190);
    expect(ways.map((_, index) => sessions.get(`s${index}`).reason)).toEqual(ways);
    expect(most).toBeLessThanOrEqual(8 + ways.length);
    expect(statusReasons).toEqual(expect.arrayContaining(['wrong_phone_number', 'deaf']));
  });
});

const countBy = (values: readonly number[], bucket: number): Map<number, number> => {
  const counts = new Map<number, number>();
  for (const value of values) {
    const key = Math.floor(value / bucket);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
};
