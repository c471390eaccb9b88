import { describe, expect, it } from 'vitest';
import type { SessionStatusPayload } from '../../../core/contracts/session.ts';
import { settle } from '../../support/clock.ts';
import { someone } from '../../support/fake-engine.ts';
import { sessionsOnFakes, workingOnFakes as working } from '../../support/sessions.ts';

describe('a session that is linked by a QR code', () => {
  it('goes through STARTING, one SCAN_QR_CODE a code, STARTING and WORKING', async () => {
    const { sessions, engine, statuses, clock } = await sessionsOnFakes();
    await sessions.create({ name: 'ana' });
    engine.last.qr();
    await clock.pass(60_000);
    engine.last.linked();
    engine.last.drop('restart_required');
    engine.last.open();
    await settle();
    expect(statuses()).toEqual(['STARTING', 'SCAN_QR_CODE', 'SCAN_QR_CODE', 'STARTING', 'WORKING']);
    expect(engine.connections).toHaveLength(2);
    expect(sessions.get('ana')).toMatchObject({ status: 'WORKING', me: someone });
  });

  it('shows through GET what an event said before', async () => {
    const { sessions, engine, events, stores } = await sessionsOnFakes();
    const seen: unknown[] = [];
    const { push } = events;
    events.push = (...more) => {
      // At once, and without a pause in the story: what is shown may be newer than the event, never older.
      seen.push([sessions.get('ana').status, sessions.get('ana').me?.id ?? null]);
      for (const { me } of more) stored.push(stores.sessions.list().then(([record]) => [record?.me, me ?? null]));
      return push.apply(events, more);
    };
    const stored: Promise<unknown[]>[] = [];
    await sessions.create({ name: 'ana' });
    await settle();
    engine.last.qr();
    engine.last.linked();
    engine.last.open();
    await settle();
    const told = events.map(({ payload }) => (payload as SessionStatusPayload).status);
    expect(told).toEqual(['STARTING', 'SCAN_QR_CODE', 'STARTING', 'WORKING']);
    expect(seen).toEqual([
      ['STARTING', null],
      ['WORKING', someone.id],
      ['WORKING', someone.id],
      ['WORKING', someone.id],
    ]);
    for (const [record, event] of await Promise.all(stored)) if (event !== null) expect(record).toEqual(event);
  });

  it('carries the last three statuses in the event', async () => {
    const { sessions, engine, events } = await sessionsOnFakes();
    await sessions.create({ name: 'ana' });
    engine.last.qr();
    engine.last.linked();
    engine.last.open();
    await settle();
    const payload = events.at(-1)?.payload as { statuses: { status: string }[] };
    expect(payload.statuses.map(({ status }) => status)).toEqual(['SCAN_QR_CODE', 'STARTING', 'WORKING']);
  });

  it('opens a new connection by itself when WhatsApp never asks for one after the scan', async () => {
    const { sessions, engine, clock } = await sessionsOnFakes();
    await sessions.create({ name: 'ana' });
    engine.last.qr();
    engine.last.linked();
    await clock.pass(10_000);
    expect(engine.connections).toHaveLength(2);
    engine.last.open();
    expect(sessions.get('ana').status).toBe('WORKING');
  });
});

describe('a connection that is lost', () => {
  it('is opened again with growing, jittered waits and never given up on', async () => {
    const { sessions, engine, clock } = await working();
    engine.prepare = (connection) => queueMicrotask(() => connection.drop('network'));
    engine.last.drop('network');
    await settle();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 12; attempt++) {
      const { nextRetryAt = 0, status, reason } = sessions.get('ana');
      expect([status, reason]).toEqual(['STARTING', 'network']);
      waits.push(nextRetryAt - clock.now());
      await clock.pass(nextRetryAt - clock.now());
    }
    expect(waits.slice(0, 4)).toEqual([500, 1_000, 2_000, 4_000]);
    expect(Math.max(...waits)).toBe(60_000);
  });

  it('says why, which attempt it is and when the next one begins', async () => {
    const { sessions, engine, clock } = await working();
    engine.last.drop('proxy');
    await settle();
    expect(sessions.get('ana')).toMatchObject({
      status: 'STARTING',
      reason: 'proxy',
      recoverable: true,
      attempt: 1,
      nextRetryAt: clock.now() + 500,
    });
  });

  it('is left alone when another client keeps taking the account over', async () => {
    const { sessions, engine, clock } = await working({ random: () => 0 });
    for (let round = 0; round < 4; round++) {
      engine.last.drop('replaced');
      await clock.pass(0);
      engine.last.open();
      await settle();
    }
    engine.last.drop('replaced');
    await settle();
    const { nextRetryAt = 0, reason } = sessions.get('ana');
    expect(reason).toBe('replaced');
    expect(nextRetryAt - clock.now()).toBeGreaterThanOrEqual(30_000);
  });

  it('ends in FAILED with a sentence when two servers fight over the account, and starts again when it is told to', async () => {
    const { sessions, engine, clock } = await working();
    const takeOver = async () => {
      engine.last.drop('replaced');
      await settle();
      const { status, reason, note, nextRetryAt = clock.now() } = sessions.get('ana');
      await clock.pass(nextRetryAt - clock.now());
      return { status, reason, note };
    };
    for (let round = 0; round < 9; round++) {
      expect(await takeOver()).toMatchObject({
        status: 'STARTING',
        reason: 'replaced',
        note: expect.stringMatching(/second server/),
      });
      engine.last.open();
      // It holds long enough to count as stable: a fight is slow.
      await clock.pass(45_000);
    }
    expect(await takeOver()).toMatchObject({
      status: 'FAILED',
      reason: 'replaced',
      note: expect.stringMatching(/10 times in 15 minutes/),
    });
    await sessions.start('ana');
    await settle();
    expect(sessions.get('ana')).toMatchObject({ status: 'STARTING' });
  });

  it('goes on when another client takes the account over now and then', async () => {
    const { sessions, engine, clock } = await working();
    for (let round = 0; round < 30; round++) {
      engine.last.drop('replaced');
      await settle();
      const { status, nextRetryAt = clock.now() } = sessions.get('ana');
      expect(status).toBe('STARTING');
      await clock.pass(nextRetryAt - clock.now());
      engine.last.open();
      await clock.pass(120_000);
    }
  });

  it.each(['logged_out', 'device_removed'] as const)('ends in FAILED, without an account, after %s', async (reason) => {
    const { sessions, engine, stores } = await working();
    await stores.auth.open('ana').commit({ credentials: { value: Buffer.from('creds'), linked: true } });
    engine.last.drop(reason);
    await settle();
    expect(sessions.get('ana')).toMatchObject({ status: 'FAILED', reason, me: null });
    expect(await stores.auth.open('ana').credentials()).toBeNull();
  });

  it.each(['banned', 'locked', 'multidevice_mismatch', 'corrupt_auth'] as const)(
    'ends in FAILED and keeps the credentials after %s',
    async (reason) => {
      const { sessions, engine, stores } = await working();
      await stores.auth.open('ana').commit({ credentials: { value: Buffer.from('creds'), linked: true } });
      engine.last.drop(reason);
      await settle();
      expect(sessions.get('ana')).toMatchObject({ status: 'FAILED', reason });
      expect(await stores.auth.open('ana').credentials()).not.toBeNull();
    },
  );

  it('tries once more when the client is called outdated, then fails', async () => {
    const { sessions, engine, clock } = await working();
    engine.last.drop('client_outdated');
    await clock.pass(1_000);
    expect(engine.connections).toHaveLength(2);
    engine.last.drop('client_outdated');
    await settle();
    expect(sessions.get('ana')).toMatchObject({ status: 'FAILED', reason: 'client_outdated' });
  });

  it('does not count network faults towards a broken session', async () => {
    const { sessions, engine, clock } = await working();
    for (let round = 0; round < 8; round++) {
      engine.last.drop('network');
      await clock.pass(200_000);
    }
    engine.last.drop('bad_session');
    await settle();
    expect(sessions.get('ana').status).toBe('STARTING');
  });
});

describe('a start that hangs', () => {
  it('is cut after its deadline and tried again', async () => {
    const { sessions, engine, clock } = await sessionsOnFakes();
    await sessions.create({ name: 'ana' });
    await clock.pass(60_000);
    expect(engine.connections[0]?.closeCalls).toBeGreaterThan(0);
    expect(sessions.get('ana')).toMatchObject({ status: 'STARTING', reason: 'start_timeout', attempt: 1 });
    await clock.pass(1_000);
    engine.last.open();
    expect(sessions.get('ana').status).toBe('WORKING');
  });

  it('is cut even when closing hangs, too', async () => {
    const { sessions, engine, clock } = await sessionsOnFakes();
    engine.prepare = (connection) => {
      connection.closes = false;
    };
    await sessions.create({ name: 'ana' });
    await clock.pass(60_000);
    await clock.pass(5_000);
    expect(sessions.get('ana').reason).toBe('start_timeout');
    await clock.pass(1_000);
    expect(engine.connections).toHaveLength(2);
  });
});

describe('commands that collide', () => {
  it('do nothing when the session is already there', async () => {
    const { sessions, engine } = await working();
    await sessions.start('ana');
    expect(engine.connections).toHaveLength(1);
    await sessions.stop('ana');
    await sessions.stop('ana');
    expect(sessions.get('ana').status).toBe('STOPPED');
    expect(engine.live()).toHaveLength(0);
  });

  it('let a start wait for the stop before it', async () => {
    const { sessions, engine } = await working();
    await Promise.all([sessions.stop('ana'), sessions.start('ana')]);
    expect(engine.connections).toHaveLength(2);
    expect(engine.live()).toHaveLength(1);
    expect(sessions.get('ana').status).toBe('STARTING');
  });

  it('never resurrect a stopped session by a late open', async () => {
    const { sessions, engine } = await sessionsOnFakes();
    await sessions.create({ name: 'ana' });
    const first = engine.last;
    await sessions.stop('ana');
    first.open();
    await settle();
    expect(sessions.get('ana').status).toBe('STOPPED');
  });

  it('cancel the wait for the next attempt', async () => {
    const { sessions, engine, clock } = await working();
    engine.last.drop('network');
    await sessions.stop('ana');
    await clock.pass(300_000);
    expect(sessions.get('ana').status).toBe('STOPPED');
    expect(engine.connections).toHaveLength(1);
  });

  it('let a restart reset the attempts', async () => {
    const { sessions, engine, clock } = await working();
    for (let round = 0; round < 3; round++) {
      engine.last.drop('network');
      await clock.pass(10_000);
    }
    engine.last.drop('network');
    expect(sessions.get('ana').attempt).toBe(4);
    await sessions.restart('ana');
    expect(engine.live()).toHaveLength(1);
    engine.last.drop('network');
    expect(sessions.get('ana').attempt).toBe(1);
  });

  it('count attempts on until a connection has held for a while', async () => {
    const { sessions, engine, clock } = await working({ timings: { stable: 5_000 } });
    const dropped = (): number | undefined => {
      engine.last.drop('network');
      return sessions.get('ana').attempt;
    };
    const opens = async (): Promise<void> => {
      await clock.pass(10_000);
      engine.last.open();
    };
    expect(dropped()).toBe(1);
    await opens();
    expect(dropped()).toBe(2);
    await opens();
    await clock.pass(5_000);
    expect(dropped()).toBe(1);
  });

  it('give a name to one of two creates only', async () => {
    const { sessions } = await sessionsOnFakes();
    const results = await Promise.allSettled([sessions.create({ name: 'ana' }), sessions.create({ name: 'ana' })]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('restart once for a new proxy, client or noweb, and not for the rest', async () => {
    const { sessions, engine } = await working();
    await sessions.update('ana', { metadata: { team: 'a' }, webhooks: [], ignore: { groups: true } });
    expect(engine.connections).toHaveLength(1);
    expect(engine.last.configured).toHaveLength(1);
    await sessions.update('ana', { client: { deviceName: 'x' } });
    await settle();
    expect(engine.connections).toHaveLength(2);
    expect(engine.live()).toHaveLength(1);
  });
});

describe('a logout', () => {
  it('tells WhatsApp, wipes the credentials and starts from scratch', async () => {
    const { sessions, engine, stores } = await working();
    await stores.auth.open('ana').commit({ credentials: { value: Buffer.from('creds'), linked: true } });
    const { remote, session } = await sessions.logout('ana');
    expect(remote).toBe('unlinked');
    expect(session).toMatchObject({ status: 'STARTING', me: null });
    expect(engine.connections[0]?.logoutCalls).toBe(1);
    expect(await stores.auth.open('ana').credentials()).toBeNull();
    expect(engine.live()).toHaveLength(1);
  });

  it('wipes the credentials when WhatsApp cannot be told', async () => {
    const { sessions, engine } = await working();
    engine.last.reachable = false;
    const { remote, session } = await sessions.logout('ana');
    expect(remote).toBe('offline');
    expect(session.me).toBeNull();
  });

  it('works on a session that was never started', async () => {
    const { sessions } = await sessionsOnFakes();
    await sessions.create({ name: 'ana', start: false });
    const { remote, session } = await sessions.logout('ana');
    expect([remote, session.status]).toEqual(['not_linked', 'STOPPED']);
  });
});

describe('a delete', () => {
  it('leaves neither session nor timer nor socket, and no event follows STOPPED', async () => {
    const { sessions, engine, clock, stores, statuses } = await working();
    await sessions.remove('ana');
    expect(sessions.has('ana')).toBe(false);
    expect(await stores.sessions.list()).toEqual([]);
    expect(engine.live()).toHaveLength(0);
    expect(clock.pending.size).toBe(0);
    expect(statuses().at(-1)).toBe('STOPPED');
  });

  it('pre-empts a start and frees the name', async () => {
    const { sessions, engine } = await sessionsOnFakes();
    await sessions.create({ name: 'ana' });
    await sessions.remove('ana');
    await sessions.create({ name: 'ana' });
    expect(engine.live()).toHaveLength(1);
  });

  it('is content when there is no such session', async () => {
    const { sessions } = await sessionsOnFakes();
    await expect(sessions.remove('nobody')).resolves.toBeUndefined();
  });
});
