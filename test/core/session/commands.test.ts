import { describe, expect, it } from 'vitest';
import { settle } from '../../support/clock.ts';
import { recordingLog } from '../../support/log.ts';
import { type FakeWorld, sessionsOnFakes, workingOnFakes } from '../../support/sessions.ts';

/** Everything that the database keeps, as text. */
const stored = async ({ stores, database }: FakeWorld): Promise<string> => {
  const { credentialsSchema } = await import('../../../core/stores/credentials.ts');
  const credentials = await (await database.open(credentialsSchema)).find();
  const keys = await stores.auth.open('ana').keys('session', ['bo']);
  const messages = await stores.messages.of('ana').newest('bo@c.us', 10);
  return JSON.stringify([credentials, [...keys], messages, await stores.sessions.list()]);
};

describe('a stop', () => {
  it('while the connection is still coming up settles in STOPPED', async () => {
    const { sessions, engine, clock } = await sessionsOnFakes();
    await sessions.create({ name: 'ana' });
    expect((await sessions.stop('ana')).status).toBe('STOPPED');
    expect([engine.live().length, clock.pending.size]).toEqual([0, 0]);
  });

  it('answers after its deadline when the connection does not close, and cuts it', async () => {
    const { sessions, engine, clock } = await workingOnFakes();
    engine.last.closes = false;
    const stopped = sessions.stop('ana');
    await settle();
    await clock.pass(5_000);
    expect((await stopped).status).toBe('STOPPED');
    expect(engine.live()).toHaveLength(0);
  });

  it('while a deaf connection is being closed is not lost', async () => {
    const { sessions, engine, clock } = await workingOnFakes();
    engine.last.peer = 'fails';
    engine.last.closes = false;
    sessions.wake();
    await settle();
    expect(engine.last.closeCalls).toBe(1);
    const stopped = sessions.stop('ana');
    await settle();
    await clock.pass(5_000);
    expect((await stopped).status).toBe('STOPPED');
    await clock.pass(300_000);
    expect(sessions.get('ana').status).toBe('STOPPED');
    expect(engine.connections).toHaveLength(1);
  });

  it('while a logout is under way lets the credentials be wiped all the same', async () => {
    const { sessions, engine, clock, stores } = await workingOnFakes();
    await stores.auth.open('ana').commit({ credentials: { value: Buffer.from('creds'), linked: true } });
    engine.last.logout = () => new Promise(() => undefined);
    const leaving = sessions.logout('ana');
    await settle();
    const closing = sessions.close(20_000);
    await clock.pass(5_000);
    await Promise.all([leaving, closing]);
    expect(await stores.auth.open('ana').credentials()).toBeNull();
    expect(engine.live()).toHaveLength(0);
  });
});

describe('a start', () => {
  it('while the last QR code is being taken back is not lost', async () => {
    const { sessions, engine, clock } = await sessionsOnFakes({ timings: { qr: [1_000] } });
    await sessions.create({ name: 'ana' });
    engine.last.qr();
    engine.last.closes = false;
    await clock.pass(1_000);
    await sessions.start('ana');
    await clock.pass(5_000);
    expect(sessions.get('ana').status).toBe('STARTING');
    expect(engine.live()).toHaveLength(1);
  });

  it('after the process began to stop is refused with 503', async () => {
    const { sessions } = await workingOnFakes();
    await sessions.close(1_000);
    await expect(sessions.start('ana')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(sessions.create({ name: 'bo' })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('restarts', () => {
  it('that come while one is under way are the same one', async () => {
    const { sessions, engine } = await workingOnFakes();
    await Promise.all(Array.from({ length: 50 }, () => sessions.restart('ana')));
    expect(engine.connections).toHaveLength(2);
    expect(engine.live()).toHaveLength(1);
  });

  it('that come too often are refused with the time to wait, and are taken again after it', async () => {
    const { sessions, engine, clock } = await workingOnFakes();
    for (let round = 0; round < 10; round++) {
      await sessions.restart('ana');
      engine.last.open();
      await clock.pass(1_000);
    }
    await expect(sessions.restart('ana')).rejects.toMatchObject({
      code: 'TOO_MANY_REQUESTS',
      details: { retryAfterSeconds: 50 },
    });
    expect(sessions.get('ana').status).toBe('WORKING');
    await clock.pass(50_000);
    await expect(sessions.restart('ana')).resolves.toMatchObject({ status: 'STARTING' });
  });

  it('of a session that waits for its next attempt are never dropped', async () => {
    const { sessions, engine } = await workingOnFakes();
    engine.last.drop('network');
    await sessions.restart('ana');
    engine.last.drop('network');
    await settle();
    await sessions.restart('ana');
    expect(engine.connections).toHaveLength(3);
    expect(engine.live()).toHaveLength(1);
  });
});

describe('an update', () => {
  it('of ignore reaches the engine over the global defaults', async () => {
    const { sessions, engine } = await workingOnFakes({ defaults: { ignore: { status: true } } });
    expect(engine.last.input.config.ignore).toEqual({ status: true });
    await sessions.update('ana', { ignore: { groups: true } });
    expect(engine.last.configured).toMatchObject([{ ignore: { status: true, groups: true } }]);
  });

  it('of metadata shows in the next event', async () => {
    const { sessions, engine, events } = await workingOnFakes();
    await sessions.update('ana', { metadata: { team: 'blue' } });
    await engine.last.input.publish('presence.update', { id: 'bo@c.us', presences: [] });
    expect(events.at(-1)).toMatchObject({ event: 'presence.update', metadata: { team: 'blue' } });
    expect(sessions.get('ana').config.metadata).toEqual({ team: 'blue' });
  });

  it('of debug makes this session talkative at once, and no other', async () => {
    const log = recordingLog();
    const levels: string[] = [];
    log.child = (fields: object, options?: { level?: string }) => ({
      ...log,
      level: 'info',
      debug: (line: object | string) => {
        if (options?.level === 'debug') levels.push(`${JSON.stringify(fields)} ${String(line)}`);
      },
    });
    const { sessions, engine } = await workingOnFakes({ log });
    await sessions.create({ name: 'bo' });
    const [ana, bo] = engine.connections;
    ana?.input.log.debug('before');
    await sessions.update('ana', { debug: true });
    ana?.input.log.debug('after');
    bo?.input.log.debug('after');
    expect(levels).toEqual(['{"session":"ana"} after']);
    expect(engine.connections).toHaveLength(2);
  });

  it('of the proxy while the session waits for its next attempt connects at once through the new one', async () => {
    const { sessions, engine } = await workingOnFakes();
    engine.last.drop('proxy');
    await settle();
    await sessions.update('ana', { proxy: { server: 'new.example:3128' } });
    expect(engine.connections).toHaveLength(2);
    expect(engine.last.input.proxy?.label).toBe('http://new.example:3128');
  });

  it('never wakes a session that is stopped or failed', async () => {
    const { sessions, engine } = await workingOnFakes();
    engine.last.drop('banned');
    await settle();
    await sessions.update('ana', { client: { deviceName: 'x' } });
    expect(sessions.get('ana').status).toBe('FAILED');
    await sessions.stop('ana');
    await sessions.update('ana', { client: { deviceName: 'y' } });
    expect(sessions.get('ana').status).toBe('STOPPED');
    expect(engine.connections).toHaveLength(1);
  });
});

describe('a logout', () => {
  it('is over in its deadline when WhatsApp never answers', async () => {
    const { sessions, engine, clock } = await workingOnFakes();
    engine.last.logout = () => new Promise(() => undefined);
    const leaving = sessions.logout('ana');
    await settle();
    await clock.pass(5_000);
    expect(await leaving).toMatchObject({ remote: 'offline', session: { status: 'STARTING', me: null } });
    expect(engine.live()).toHaveLength(1);
  });

  it('whose credentials cannot be removed in ten seconds ends in FAILED, which is no reason to hang', async () => {
    const { sessions, engine, clock, stores } = await workingOnFakes();
    stores.auth.clear = () => new Promise(() => undefined);
    const leaving = sessions.logout('ana').catch(() => undefined);
    await settle();
    engine.last.drop('closed');
    await clock.pass(9_999);
    expect(sessions.get('ana').status).not.toBe('FAILED');
    await clock.pass(1);
    await leaving;
    expect(sessions.get('ana')).toMatchObject({ status: 'FAILED', reason: 'storage' });
  });

  it('of a session that waits for its next attempt wipes it and starts afresh', async () => {
    const { sessions, engine } = await workingOnFakes();
    engine.last.drop('network');
    await settle();
    expect(await sessions.logout('ana')).toMatchObject({
      remote: 'offline',
      session: { status: 'STARTING', me: null },
    });
    expect(engine.live()).toHaveLength(1);
  });

  it('of a failed session that shall not run leaves it stopped', async () => {
    const { sessions, engine } = await workingOnFakes();
    await sessions.stop('ana');
    expect(await sessions.logout('ana')).toMatchObject({ remote: 'offline', session: { status: 'STOPPED', me: null } });
    expect(engine.live()).toHaveLength(0);
  });
});

describe('a delete', () => {
  it.each(['STOPPED', 'STARTING', 'SCAN_QR_CODE', 'WORKING', 'FAILED', 'backoff'] as const)(
    'of a session that is %s leaves neither row nor credential nor socket nor timer',
    async (state) => {
      const world = await sessionsOnFakes();
      const { sessions, engine, stores, clock, events } = world;
      await sessions.create({ name: 'ana', start: state !== 'STOPPED' });
      await stores.auth.open('ana').commit({
        credentials: { value: Buffer.from('creds'), linked: true },
        keys: [{ type: 'session', id: 'bo', value: Buffer.from('key') }],
      });
      const message = { chatId: 'bo@c.us', id: 'M1', fromMe: false, participant: null, timestamp: 1 };
      await stores.messages.of('ana').remember({ ...message, data: Buffer.from('text') });
      if (state === 'SCAN_QR_CODE') engine.last.qr();
      if (state === 'WORKING') engine.last.open();
      if (state === 'FAILED') engine.last.drop('banned');
      if (state === 'backoff') engine.last.drop('network');
      await settle();
      await sessions.remove('ana');
      expect(await stored(world)).toBe('[[],[],[],[]]');
      expect([engine.live().length, clock.pending.size]).toEqual([0, 0]);
      const count = events.length;
      await clock.pass(600_000);
      expect(events).toHaveLength(count);
      expect(() => sessions.get('ana')).toThrow(/does not exist/);
    },
  );

  it('that storage refuses keeps the session, stopped, so that it can be tried again', async () => {
    const { sessions, engine, stores } = await workingOnFakes();
    const { clear } = stores.auth;
    stores.auth.clear = () => Promise.reject(new Error('the disk is full'));
    await expect(sessions.remove('ana')).rejects.toThrow('the disk is full');
    expect(sessions.get('ana')).toMatchObject({ status: 'FAILED', reason: 'storage' });
    stores.auth.clear = clear.bind(stores.auth);
    await sessions.remove('ana');
    expect(sessions.has('ana')).toBe(false);
    expect(engine.live()).toHaveLength(0);
  });
});

describe('a connection whose time is over', () => {
  it('can neither signal nor publish', async () => {
    const { sessions, engine, events, clock } = await workingOnFakes();
    const [first] = engine.connections;
    if (!first) throw new Error('there is no connection');
    first.closes = false;
    const restarted = sessions.restart('ana');
    await settle();
    await clock.pass(5_000);
    await restarted;
    engine.last.open();
    await settle();
    const count = events.length;
    const told = first.input.publish('presence.update', { id: 'bo@c.us', presences: [] });
    await expect(told).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    first.input.signal({ type: 'engine.closed', reason: 'logged_out' });
    await settle();
    expect(sessions.get('ana').status).toBe('WORKING');
    expect(events).toHaveLength(count);
  });
});
