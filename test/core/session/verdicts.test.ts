import { describe, expect, it } from 'vitest';
import type { SessionStatusPayload } from '../../../core/contracts/session.ts';
import { proxyAddress, type RuntimeEvent } from '../../../core/index.ts';
import { settle } from '../../support/clock.ts';
import { sessionsOnFakes, workingOnFakes } from '../../support/sessions.ts';

describe("WhatsApp's request for a new connection (515)", () => {
  it('is followed at once and once, without a failure and without a second code', async () => {
    const { sessions, engine, statuses, clock } = await sessionsOnFakes();
    await sessions.create({ name: 'ana' });
    engine.last.qr();
    engine.last.linked();
    engine.last.drop('restart_required');
    await settle();
    expect(engine.connections).toHaveLength(2);
    expect(sessions.get('ana')).toMatchObject({ status: 'STARTING' });
    expect(sessions.get('ana').nextRetryAt).toBeUndefined();
    await clock.pass(10_000);
    expect(engine.connections).toHaveLength(2);
    expect(statuses()).toEqual(['STARTING', 'SCAN_QR_CODE', 'STARTING']);
  });

  it('in mid-life is followed at once, too', async () => {
    const { engine, statuses } = await workingOnFakes();
    engine.last.drop('restart_required');
    engine.last.open();
    await settle();
    expect(engine.connections).toHaveLength(2);
    expect(statuses()).toEqual(['STARTING', 'WORKING', 'STARTING', 'WORKING']);
  });

  it('is followed at once five times in a row, and then like a lost connection', async () => {
    const { sessions, engine, clock } = await workingOnFakes();
    for (let count = 1; count <= 5; count++) {
      engine.last.drop('restart_required');
      await settle();
      expect(engine.connections).toHaveLength(1 + count);
    }
    engine.last.drop('restart_required');
    await settle();
    expect(engine.connections).toHaveLength(6);
    expect(sessions.get('ana').nextRetryAt).toBeGreaterThan(clock.now());
  });

  it('that never ends becomes an ordinary reconnect with a wait', async () => {
    const { sessions, engine, clock } = await workingOnFakes();
    engine.prepare = (connection) => queueMicrotask(() => connection.drop('restart_required'));
    engine.last.drop('restart_required');
    await settle();
    expect(sessions.get('ana')).toMatchObject({ status: 'STARTING', reason: 'restart_required', attempt: 1 });
    expect(sessions.get('ana').nextRetryAt).toBeGreaterThan(clock.now());
  });

  it('gives a connection that hangs afterwards an ordinary deadline', async () => {
    const { sessions, engine, clock } = await workingOnFakes();
    engine.last.drop('restart_required');
    await clock.pass(60_000);
    expect(sessions.get('ana')).toMatchObject({ status: 'STARTING', reason: 'start_timeout', attempt: 1 });
  });
});

describe('a verdict of WhatsApp', () => {
  it('moves the credentials aside when the device was removed, so that they can be restored', async () => {
    const { engine, stores, database } = await workingOnFakes();
    await stores.auth.open('ana').commit({ credentials: { value: Buffer.from('creds'), linked: true } });
    engine.last.drop('device_removed');
    await settle();
    expect(await stores.auth.open('ana').credentials()).toBeNull();
    const { credentialsSchema } = await import('../../../core/stores/credentials.ts');
    const rows = await database.open(credentialsSchema);
    expect((await rows.find({ where: { session: 'ana' } })).map(({ slot }) => slot)).toEqual(['archived']);
  });

  it('tells a used-up list of codes from a lost connection, though both are 408', async () => {
    const { sessions, engine } = await sessionsOnFakes();
    await sessions.create({ name: 'ana' });
    engine.last.qr();
    engine.last.drop('qr_refs_ended');
    await settle();
    expect(engine.connections).toHaveLength(2);
    expect(sessions.get('ana').status).toBe('SCAN_QR_CODE');
    engine.last.qr();
    engine.last.drop('network');
    await settle();
    expect(engine.connections).toHaveLength(2);
  });

  it('that it is unavailable (503) makes the waits ten times as long, and is never given up on', async () => {
    const { sessions, engine, clock } = await workingOnFakes();
    engine.last.drop('unavailable');
    await settle();
    expect((sessions.get('ana').nextRetryAt ?? 0) - clock.now()).toBe(5_000);
    for (let round = 0; round < 20; round++) {
      await clock.pass(120_000);
      engine.last.drop('unavailable');
      await settle();
    }
    expect(sessions.get('ana')).toMatchObject({ status: 'STARTING', reason: 'unavailable', recoverable: true });
  });

  it('500 is a reconnect first, and a bad session only when it comes again and again', async () => {
    const { sessions, engine, clock, stores } = await workingOnFakes();
    await stores.auth.open('ana').commit({ credentials: { value: Buffer.from('creds'), linked: true } });
    for (let round = 0; round < 3; round++) {
      engine.last.drop('bad_session');
      await settle();
      expect(sessions.get('ana').status).toBe('STARTING');
      await clock.pass(10_000);
    }
    engine.last.drop('bad_session');
    await settle();
    expect(sessions.get('ana')).toMatchObject({ status: 'FAILED', reason: 'bad_session', recoverable: false });
    expect(await stores.auth.open('ana').credentials()).not.toBeNull();
  });

  it.each(['client_outdated', 'bad_session', 'engine_error'] as const)(
    'of other kinds takes no try from %s: each has its own',
    async (last) => {
      const { sessions, engine, clock } = await workingOnFakes();
      const tries = { client_outdated: 1, bad_session: 3, engine_error: 5 };
      for (const [reason, count] of Object.entries(tries)) {
        for (let round = 0; round < count; round++) {
          engine.last.drop(reason as keyof typeof tries);
          await settle();
          expect(sessions.get('ana').status).toBe('STARTING');
          await clock.pass(600_000);
        }
      }
      engine.last.drop(last);
      await settle();
      expect(sessions.get('ana')).toMatchObject({ status: 'FAILED', reason: last });
    },
  );

  it('is told with reason, attempt and next retry in the event as in the session', async () => {
    const { sessions, engine, events } = await workingOnFakes();
    engine.last.drop('network', 'the cable is out');
    await settle();
    const payload = events.at(-1)?.payload as SessionStatusPayload;
    const { reason, recoverable, attempt, nextRetryAt } = sessions.get('ana');
    expect(payload).toMatchObject({ status: 'STARTING', reason, recoverable, attempt, nextRetryAt });
    expect(sessions.transitions('ana').at(-1)).toMatchObject({ reason: 'network', message: 'the cable is out' });
  });
});

describe('the list of transitions', () => {
  it('tells a reason that changes while the session stays STARTING, and no event repeats the status', async () => {
    const { sessions, engine, clock, statuses } = await sessionsOnFakes();
    await sessions.create({ name: 'ana' });
    for (const reason of ['network', 'network', 'proxy', 'unavailable'] as const) {
      engine.last.drop(reason);
      await clock.run(60_000);
    }
    engine.last.open();
    await settle();
    const list = sessions.transitions('ana').map(({ status, reason }) => [status, reason]);
    expect(list).toEqual([
      ['STARTING', undefined],
      ['STARTING', 'network'],
      ['STARTING', 'proxy'],
      ['STARTING', 'unavailable'],
      ['WORKING', undefined],
    ]);
    expect(statuses()).toEqual(['STARTING', 'WORKING']);
  });

  it('keeps such changes out of the last three statuses of an event', async () => {
    const { sessions, engine, clock, events } = await sessionsOnFakes();
    await sessions.create({ name: 'ana' });
    for (const reason of ['network', 'proxy', 'unavailable'] as const) {
      engine.last.drop(reason);
      await clock.run(30_000);
    }
    engine.last.open();
    await settle();
    const { statuses } = (events.at(-1) as RuntimeEvent).payload as SessionStatusPayload;
    expect(statuses.map(({ status }) => status)).toEqual(['STARTING', 'WORKING']);
  });

  it('holds the last hundred, oldest first', async () => {
    const { sessions, engine, clock } = await workingOnFakes();
    for (let round = 0; round < 60; round++) {
      engine.last.drop('restart_required');
      await clock.pass(1);
      engine.last.open();
      await settle();
    }
    const transitions = sessions.transitions('ana');
    expect(transitions).toHaveLength(100);
    expect(transitions.at(-1)).toEqual({ status: 'WORKING', timestamp: clock.now() });
    expect(transitions[0]?.timestamp).toBe(clock.now() - 50);
  });
});

describe('a proxy', () => {
  it('that fails is retried, and never gone around', async () => {
    const address = proxyAddress({ server: 'proxy.example:3128' });
    const { sessions, engine, clock } = await sessionsOnFakes({ proxies: { choose: () => address } });
    engine.prepare = (connection) => queueMicrotask(() => connection.drop('proxy'));
    await sessions.create({ name: 'ana' });
    for (let round = 0; round < 8; round++) await clock.pass(120_000);
    expect(sessions.get('ana')).toMatchObject({ status: 'STARTING', reason: 'proxy', recoverable: true });
    expect(engine.connections.length).toBeGreaterThan(5);
    expect(engine.connections.every(({ input }) => input.proxy === address)).toBe(true);
  });

  it('that cannot be read fails the session by that name, and no connection is opened', async () => {
    const choose = () => {
      throw new TypeError('the list of proxies is empty');
    };
    const { sessions, engine } = await sessionsOnFakes({ proxies: { choose } });
    await sessions.create({ name: 'ana' });
    await settle();
    expect(sessions.get('ana')).toMatchObject({ status: 'FAILED', reason: 'proxy' });
    expect(engine.connections).toHaveLength(0);
  });
});

describe('a session that says WORKING', () => {
  it.each(['fails', 'is silent'] as const)('is reconnected and counted when WhatsApp %s at a probe', async (peer) => {
    const { sessions, engine, clock } = await workingOnFakes();
    engine.last.peer = peer;
    await clock.run(60_000);
    if (peer === 'is silent') await clock.run(15_000);
    expect(sessions.get('ana')).toMatchObject({ status: 'STARTING', reason: 'deaf', recoverable: true, attempt: 1 });
    expect(sessions.reconnects()).toEqual({ deaf: 1 });
    expect(engine.live()).toHaveLength(0);
    await clock.pass(1_000);
    engine.last.open();
    expect(sessions.get('ana').status).toBe('WORKING');
  });

  it('is left in peace while the probes are answered', async () => {
    const { engine, clock, statuses } = await workingOnFakes();
    for (let minute = 0; minute < 30; minute++) await clock.pass(60_000);
    expect(engine.last.probes).toBe(30);
    expect(statuses()).toEqual(['STARTING', 'WORKING']);
  });

  it('is believed when its process stood still past the answer, which it reads only after its timers', async () => {
    const { sessions, engine, clock } = await workingOnFakes();
    engine.last.peer = 'is silent';
    await clock.pass(60_000);
    await clock.pass(600_000);
    expect(sessions.get('ana').status).toBe('WORKING');
    engine.last.answerProbes();
    await settle();
    await clock.pass(15_000);
    expect(sessions.get('ana').status).toBe('WORKING');
    expect(sessions.reconnects()).toEqual({});
  });

  it('has the whole time to answer, and is given up in the moment in which it is over', async () => {
    const { sessions, engine, clock } = await workingOnFakes();
    engine.last.peer = 'is silent';
    await clock.run(60_000 + 14_999);
    expect(sessions.get('ana').status).toBe('WORKING');
    await clock.run(1);
    expect(sessions.get('ana')).toMatchObject({ status: 'STARTING', reason: 'deaf' });
  });

  it('is probed at once when the machine under it slept', async () => {
    const { sessions, engine, clock } = await workingOnFakes();
    await clock.pass(1_000);
    engine.last.peer = 'fails';
    sessions.wake();
    await settle();
    expect(engine.last.probes).toBe(1);
    expect(sessions.get('ana')).toMatchObject({ status: 'STARTING', reason: 'deaf' });
  });

  it('and waited for its next attempt while the machine slept tries at once', async () => {
    const { sessions, engine } = await workingOnFakes();
    engine.last.drop('network');
    await settle();
    sessions.wake();
    expect(engine.connections).toHaveLength(2);
  });
});

describe('a restriction of the account', () => {
  const data = (events: { payload: unknown }[]) =>
    events.map(({ payload }) => [(payload as SessionStatusPayload).status, (payload as SessionStatusPayload).data]);

  it('is told with WORKING, and told again when WhatsApp lifts it', async () => {
    const { engine, events, clock, sessions } = await workingOnFakes();
    const ends = clock.now() + 3_600_000;
    engine.last.restrict(ends);
    await settle();
    engine.last.restrict(null);
    await settle();
    const reachoutTimelock = {
      ...{ isActive: true, enforcementType: 'DEFAULT' },
      timeEnforcementEnds: Math.ceil(ends / 1000),
    };
    const lifted = { isActive: false, timeEnforcementEnds: null, enforcementType: null };
    expect(data(events).slice(1)).toEqual([
      ['WORKING', null],
      ['WORKING', { reachoutTimelock }],
      ['WORKING', { reachoutTimelock: lifted }],
    ]);
    expect(sessions.get('ana').status).toBe('WORKING');
  });

  it('in another way, a quota of new chats, is told when it changes, and known until its cycle ends', async () => {
    const { engine, events, clock, sessions } = await workingOnFakes({ timings: { phoneSilence: 0 } });
    const cycleEnd = Math.floor(clock.now() / 1000) + 3600;
    const capping = { cappingStatus: 'FIRST_WARNING', totalQuota: 10, usedQuota: 8, cycleStart: 1, cycleEnd };
    for (let times = 0; times < 2; times++) engine.last.signal({ type: 'engine.capping', capping });
    await settle();
    expect(data(events).slice(2)).toEqual([['WORKING', { messageCapping: capping }]]);
    expect(sessions.get('ana').me?.messageCapping).toEqual(capping);
    expect(sessions.me('ana')?.messageCapping).toEqual(capping);
    await clock.pass(3_601_000);
    expect(sessions.get('ana').me).not.toHaveProperty('messageCapping');
  });

  it('ends by our own clock, even after 40 days, and outlives a reconnect', async () => {
    const { engine, events, clock } = await workingOnFakes({ timings: { phoneSilence: 0 } });
    const day = 24 * 3_600_000;
    engine.last.restrict(clock.now() + 40 * day);
    engine.last.drop('network');
    await clock.pass(1_000);
    engine.last.open();
    await settle();
    expect(data(events).at(-1)?.[1]).toMatchObject({ reachoutTimelock: { enforcementType: 'DEFAULT' } });
    for (let passed = 0; passed < 39; passed++) await clock.pass(day);
    expect(data(events).at(-1)?.[1]).toMatchObject({ reachoutTimelock: { enforcementType: 'DEFAULT' } });
    await clock.pass(day);
    expect(data(events).at(-1)).toEqual([
      'WORKING',
      { reachoutTimelock: expect.objectContaining({ isActive: false }) },
    ]);
  });

  it('that is lifted twice, or never was, is no news', async () => {
    const { engine, events } = await workingOnFakes();
    engine.last.restrict(null);
    await settle();
    expect(data(events)).toHaveLength(2);
  });

  it('that WhatsApp tells twice is told once', async () => {
    const { engine, events, clock } = await workingOnFakes();
    const ends = clock.now() + 3_600_000;
    engine.last.restrict(ends);
    engine.last.restrict(ends);
    await settle();
    expect(data(events)).toHaveLength(3);
    engine.last.restrict(ends + 1_000);
    await settle();
    expect(data(events)).toHaveLength(4);
  });
});

describe('an engine that throws', () => {
  it('fails the session with its words and hurts nobody else', async () => {
    const { sessions, engine } = await sessionsOnFakes();
    engine.failure = new Error('no such device');
    await sessions.create({ name: 'ana' });
    await settle();
    expect(sessions.get('ana')).toMatchObject({ status: 'FAILED', reason: 'engine_error' });
    engine.failure = null;
    await sessions.start('ana');
    expect(engine.live()).toHaveLength(1);
  });
});

describe('a ban for a time', () => {
  it('says when WhatsApp lifts it', async () => {
    const { sessions, engine, clock, events } = await workingOnFakes();
    engine.last.signal({ type: 'engine.closed', reason: 'banned', lasts: 3_600_000 });
    await settle();
    const note = `WhatsApp lifts it at ${new Date(clock.now() + 3_600_000).toISOString()}`;
    expect(sessions.get('ana')).toMatchObject({ status: 'FAILED', reason: 'banned', note });
    expect(events.at(-1)?.payload).toMatchObject({ note });
  });
});
