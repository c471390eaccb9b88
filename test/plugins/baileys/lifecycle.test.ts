import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CloseReason } from 'waha-runtime/engine';
import { pause, systemClock } from '../../../core/deadline.ts';
import { CollectionMessageStore } from '../../../core/stores/message-store.ts';
import { timeLimit } from '../../../core/stores/time-limit.ts';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import { trustRoot } from '../../../plugins/baileys/libsignal/verify-signatures.ts';
import { type Disconnect, type Sandbox, startSandbox } from '../../../plugins/sandbox/sandbox.ts';
import { listenersLeftBy } from '../../support/listeners.ts';
import { startRelay } from './relay.ts';
import { MemoryAuth, type SessionOptions, TestSession, testLog } from './session.ts';

let sandbox: Sandbox;
let number = 4915200000100;
const sessions: TestSession[] = [];
const newSession = (options: SessionOptions = {}) => {
  const session = new TestSession(sandbox, options);
  sessions.push(session);
  return session;
};
const linked = async (options: SessionOptions = {}) => {
  const session = newSession(options);
  const phone = String(number++);
  await session.link(sandbox, phone);
  return { session, phone };
};

beforeAll(async () => {
  sandbox = await startSandbox();
});
afterEach(async () => {
  sandbox.faults.clear();
  const closings = sessions.splice(0).map(async (session) => {
    await session.close();
    expect(session.signals.entries.at(-1)?.type ?? 'engine.closed').toBe('engine.closed');
  });
  await Promise.all(closings);
});
afterAll(() => sandbox.close());

describe('what WhatsApp says at the end', () => {
  const ends: [Disconnect, CloseReason][] = [
    [401, 'device_removed'],
    [402, 'banned'],
    [403, 'locked'],
    [405, 'client_outdated'],
    [406, 'banned'],
    [409, 'client_outdated'],
    [413, 'engine_error'],
    [414, 'engine_error'],
    [415, 'engine_error'],
    [418, 'engine_error'],
    [411, 'multidevice_mismatch'],
    [440, 'replaced'],
    [500, 'bad_session'],
    [501, 'unavailable'],
    [503, 'unavailable'],
    [515, 'restart_required'],
    [516, 'logged_out'],
    ['close', 'network'],
    ['reset', 'network'],
    ['end', 'network'],
  ];

  it('is told as a reason, whatever it was', async () => {
    const { session, phone } = await linked();
    for (const [how, reason] of ends) {
      sandbox.disconnect(how, { phone });
      expect([how, await session.closed()]).toEqual([how, reason]);
      await session.login();
    }
  });

  it('ends the connection although WhatsApp leaves the socket open', async () => {
    const { session, phone } = await linked();
    sandbox.resetMostSockets();
    const words: [Disconnect, CloseReason][] = [
      ['ack', 'network'],
      [500, 'bad_session'],
      [503, 'unavailable'],
      [515, 'restart_required'],
      ['end', 'network'],
    ];
    for (const [how, reason] of words) {
      const gone = sandbox.next('closed', (closed) => closed.phone === phone);
      expect(sandbox.disconnect(how, { phone, hold: true })).toBe(1);
      expect([how, await session.closed()]).toEqual([how, reason]);
      await gone;
      await session.login();
    }
    expect(sandbox.stats()).toMatchObject({ sockets: 1, mostSocketsPerSession: 1 });
  });

  it('is device_removed when the phone unlinks it, and logged_out at the next login', async () => {
    const { session, phone } = await linked();
    sandbox.phone(phone).unlink();
    expect(await session.closed()).toBe('device_removed');
    session.open();
    expect(await session.closed()).toBe('logged_out');
  });

  it('is unavailable when the websocket is refused, whether the socket is then closed or held open', async () => {
    for (const hold of [false, true]) {
      sandbox.faults.set({ kind: 'refuse-upgrade', status: 403, hold, times: 1 });
      const session = newSession();
      session.open();
      expect(await session.signal('engine.closed')).toMatchObject({ reason: 'unavailable', code: 403 });
    }
  });

  it('is network when bytes come that cannot be read', async () => {
    const relay = await startRelay(sandbox.endpoint.url);
    const { session } = await linked({ url: relay.url });
    relay.inject(Buffer.from('00000411223344', 'hex'));
    expect(await session.signal('engine.closed')).toMatchObject({
      reason: 'network',
      message: expect.stringContaining('cannot be read'),
    });
    await relay.close();
  });

  it('is network when the server stays silent', async () => {
    sandbox.faults.set({ kind: 'silence' });
    const session = newSession({ plugin: { connectTimeoutMs: 300 } });
    session.open();
    expect(await session.closed()).toBe('network');
  });

  it('is engine_error when the server does not prove to be WhatsApp', async () => {
    const session = newSession();
    trustRoot('00'.repeat(32));
    session.open();
    expect(await session.signal('engine.closed')).toMatchObject({ reason: 'engine_error', code: 400 });
  });
});

describe('a probe that is under way when the connection ends', () => {
  it.each([
    ['device_removed', (phone: string) => sandbox.phone(phone).unlink()],
    ['network', (phone: string) => sandbox.disconnect('ack', { phone, hold: true })],
  ] as const)('fails only after the end has said why: %s', async (reason, end) => {
    const { session, phone } = await linked();
    const fault = sandbox.faults.set({ kind: 'silence', phone });
    const ends = () => session.signals.entries.filter(({ type }) => type === 'engine.closed');
    const known = (probe: Promise<void> | undefined) =>
      expect(probe)
        .rejects.toThrow()
        .then(() => ends().at(-1));
    const before = known(session.connection?.probe?.());
    end(phone);
    expect(await before).toMatchObject({ reason });
    fault.clear();
  });
});

describe('a newer client version', () => {
  it('is fetched when the one in use is refused, and the connection asks to be reopened', async () => {
    const asked: unknown[] = [];
    const versions = {
      current: async () => [2, 3000, 1] as [number, number, number],
      outdated: async (used: unknown) => asked.push(used) === 1,
    };
    const { session } = await linked({ versions });
    await session.close();
    sandbox.faults.set({ kind: 'refuse-login', reason: 405 });
    for (const reason of ['restart_required', 'client_outdated']) {
      session.open();
      expect(await session.closed()).toBe(reason);
    }
    expect(asked).toEqual([
      [2, 3000, 1],
      [2, 3000, 1],
    ]);
  });
});

describe('closing', () => {
  it('works before there is a socket, and twice', async () => {
    const before = sandbox.stats().handshakes;
    const session = newSession();
    const connection = session.open();
    await Promise.all([connection.close(), connection.close()]);
    expect(session.signals.entries).toEqual([{ type: 'engine.closed', reason: 'closed' }]);
    expect(sandbox.stats().handshakes).toBe(before);
  });

  it('has published everything it gave a receipt for, before it says that it is closed', async () => {
    const { session, phone } = await linked();
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    session.publishing = () => gate;
    const contact = sandbox.contact('4915200000098');
    await Promise.all([1, 2, 3].map((n) => contact.send(phone, `late ${n}`)));
    await session.event('message', ({ body }) => /^late/.test(body));
    const closing = session.close();
    release();
    await closing;
    const received = sandbox.deliveries(phone).filter(({ from, outcome }) => from === contact.number && outcome);
    expect(session.named('message').filter(({ payload }) => /^late/.test(payload.body))).toHaveLength(received.length);
    expect(session.signals.entries.at(-1)).toMatchObject({ type: 'engine.closed', reason: 'closed' });
  });

  it('hears the last change of the credentials, and waits until it is stored', async () => {
    const { session, phone } = await linked();
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { commit } = session.auth;
    const named = (value: Uint8Array = Buffer.alloc(0)) => Buffer.from(value).includes('The last name');
    let late = false;
    session.auth.commit = async (changes) => {
      late ||= named(changes.credentials?.value);
      if (late) await gate;
      await commit.call(session.auth, changes);
    };
    await sandbox.phone(phone).rename('The last name');
    await session.signals.next((signal) => signal.type === 'engine.me' && signal.me.pushName === 'The last name');
    let closed = false;
    const closing = session.close().then(() => {
      closed = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(closed).toBe(false);
    release();
    await closing;
    expect(named(session.auth.stored?.value)).toBe(true);
  });

  it('gives WhatsApp no receipt for a message before it is published', async () => {
    const { session, phone } = await linked();
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    // A query lets everything pass that waits for publishing: those of the login are over once a message went through.
    await session.close();
    await session.login();
    await (await sandbox.contact('4915200000094').send(phone, 'before')).delivered;
    session.publishing = () => gate;
    const settled = sandbox.next('settled', ({ to }) => to === phone);
    const { id } = await sandbox.contact('4915200000094').send(phone, 'held');
    await session.event('message', ({ body }) => body === 'held');
    // A receipt that was written before would have arrived by now: both ends are in this process.
    await pause(100, systemClock);
    // The server has heard nothing yet: a second login, as after a crash, gets the message again.
    expect(sandbox.deliveries(phone).find((delivery) => delivery.id === id)?.outcome).toBeUndefined();
    release();
    expect(await settled).toMatchObject({ id, outcome: 'receipt' });
  });

  it('tells of a message only once the library has it', async () => {
    const within = timeLimit('messageStore', systemClock, 10_000);
    const options = { within, retention: { perSession: 100, perLibrary: 100 }, log: testLog };
    const library = (await CollectionMessageStore.open(memoryDatabase(), options)).library('test');
    const { session, phone } = await linked({ library });
    let stored: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      stored = resolve;
    });
    const add = library.add.bind(library);
    const said: string[] = [];
    library.add = async (news) => {
      if (news.messages?.length) await gate;
      await add(news);
      if (news.messages?.length) said.push('stored');
    };
    const told = session.event('message', ({ body }) => body === 'kept').then(() => said.push('told'));
    await sandbox.contact('4915200000093').send(phone, 'kept');
    await pause(100, systemClock);
    expect(said).toEqual([]);
    stored();
    await told;
    expect(said).toEqual(['stored', 'told']);
  });

  it('leaves no timer and no socket behind', async () => {
    const { session, phone } = await linked();
    await session.close();
    const count = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const idle = count();
    await session.login();
    await sandbox.contact('4915200000097').send(phone, 'hello');
    await session.event('message');
    await session.close();
    expect(count()).toBeLessThanOrEqual(idle);
    // The other end of the socket hears of its end a little later.
    await expect.poll(() => sandbox.stats().sockets).toBe(0);
  });

  it('leaves no listener behind, whoever ended the connection', async () => {
    const { session, phone } = await linked();
    await session.close();
    const ends: (() => unknown)[] = [
      () => session.close(),
      () => sandbox.disconnect(503, { phone }),
      () => sandbox.disconnect('ack', { phone, hold: true }),
      () => sandbox.disconnect('reset', { phone }),
    ];
    for (const end of ends) {
      const left = await listenersLeftBy(async () => {
        await session.login();
        await sandbox.contact('4915200000097').send(phone, 'hello');
        await session.event('message');
        end();
        await session.closed();
      });
      expect(left).toEqual([]);
    }
  });
});

describe('logging out', () => {
  it('tells WhatsApp, and then it is closed', async () => {
    const { session, phone } = await linked();
    const unlink = sandbox.next('unlink');
    await session.connection?.logout();
    expect(await unlink).toMatchObject({ phone, by: 'client' });
    expect(await session.closed()).toBe('closed');
    expect(sandbox.phone(phone).devices()).toEqual([]);
  });

  it('rejects when WhatsApp cannot be told, and closes nevertheless', async () => {
    const { session, phone } = await linked();
    await session.close();
    sandbox.faults.set({ kind: 'silence' });
    const connection = session.open();
    await expect(connection.logout()).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    expect(await session.closed()).toBe('closed');
    expect(sandbox.phone(phone).devices()).toHaveLength(1);
  });

  it('has nothing to tell when no phone is linked', async () => {
    const session = newSession();
    const connection = session.open();
    await session.signal('engine.qr');
    await connection.logout();
    expect(await session.closed()).toBe('closed');
  });
});

describe('the store under a connection', () => {
  it('ends it with storage when it cannot be read at the start', async () => {
    const auth = new MemoryAuth();
    auth.failing = 'reads';
    const session = newSession({ auth });
    session.open();
    expect(await session.closed()).toBe('storage');
  });

  it('ends it with storage when it cannot be written', async () => {
    const { session, phone } = await linked();
    session.auth.failing = 'writes';
    await sandbox.contact('4915200000096').send(phone, 'cannot be kept');
    expect(await session.closed()).toBe('storage');
    session.auth.failing = 'no';
    await session.login();
    await session.event('message', ({ body }) => body === 'cannot be kept');
  });

  it('ends it with corrupt_auth when the credentials are damaged, and no QR code is shown', async () => {
    const auth = new MemoryAuth();
    auth.stored = { value: Buffer.from('{"me":'), linked: true };
    const session = newSession({ auth });
    session.open();
    expect(await session.closed()).toBe('corrupt_auth');
    expect(session.signals.entries).toHaveLength(1);
  });

  it('has nothing written before a phone has linked the device', async () => {
    const session = newSession();
    session.open();
    const { pairing } = await session.signal('engine.qr');
    await pairing.requestCode('4915200000095');
    await session.close();
    expect(session.auth.commits).toEqual([]);
  });
});
