import { EventEmitter, once } from 'node:events';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { Curve, initAuthCreds, makeNoiseHandler, NOISE_WA_HEADER, proto } from '@whiskeysockets/baileys';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { Points } from 'waha-runtime';
import type { WebSocket } from 'ws';
import { WebSocket as Client, WebSocketServer } from 'ws';
import { safeFields } from '../../../plugins/baileys/connection/socket-log.ts';
import { browserOf, isIgnored } from '../../../plugins/baileys/connection/socket-options.ts';
import { FetchedVersion } from '../../../plugins/baileys/connection/version.ts';
import { deferred } from '../../../plugins/baileys/deferred.ts';
import { EventQueue } from '../../../plugins/baileys/inbound/event-queue.ts';
import plugin from '../../../plugins/baileys/index.ts';
import { jsonSafe } from '../../../plugins/baileys/json-safe.ts';
import { quietLibsignal } from '../../../plugins/baileys/libsignal/quiet-libsignal.ts';
import { trustRoot, verifySignatures } from '../../../plugins/baileys/libsignal/verify-signatures.ts';
import { qrCodes } from '../../../plugins/baileys/linking/qr-codes.ts';
import { Recent } from '../../../plugins/baileys/recent.ts';
import { GateFigures } from '../../../plugins/baileys/repairs/gate-figures.ts';
import { ReceiptGate } from '../../../plugins/baileys/repairs/receipt-gate.ts';
import { beforeQueries } from '../../../plugins/baileys/repairs/silent-queries.ts';
import { pluginConfig, testLog } from './session.ts';

describe('the plugin', () => {
  it('contributes the engine NOWEB, and needs nothing to be configured', () => {
    const contributed: unknown[] = [];
    const closing: (() => void | Promise<void>)[] = [];
    const context = {
      config: pluginConfig(),
      services: { clock: { now: Date.now }, endpoint: undefined },
      log: testLog,
      contribute: (point: symbol, value: unknown) => contributed.push([point, value]),
      onClose: (hook: () => void) => closing.push(hook),
    };
    void plugin.setup(context as never);
    expect(contributed).toEqual([
      [Points.Engine, expect.objectContaining({ name: 'NOWEB' })],
      [Points.Metrics, expect.objectContaining({ name: 'baileys' })],
      [Points.Metrics, expect.objectContaining({ name: 'baileys-gate' })],
    ]);
    for (const close of closing) void close();
  });

  it('checks its config', () => {
    for (const wrong of [
      { version: [2, 3000] },
      { endpoint: { url: 'http://x', rootKey: '00' } },
      { queryTimeoutMs: 1 },
    ]) {
      expect(() => pluginConfig(wrong)).toThrow();
    }
  });
});

describe('QR codes', () => {
  it('differ in the reference only', () => {
    const first = 'https://wa.me/settings/linked_devices#2@one,noise,identity,secret,1';
    expect(qrCodes(first, ['2@one', '2@two'])).toEqual([first, first.replace('one', 'two')]);
    expect(qrCodes('2@one,noise,identity,secret', ['2@one', '2@two'])[1]).toBe('2@two,noise,identity,secret');
  });

  it('are what Baileys made of them when the references are not known', () => {
    expect(qrCodes('whatever', ['2@one'])).toEqual(['whatever']);
    expect(qrCodes('whatever', [])).toEqual([]);
  });
});

describe('libsignal on the console', () => {
  it('is silenced, and nobody else', () => {
    const said: unknown[][] = [];
    const say = (...args: unknown[]) => void said.push(args);
    const target = { info: say, warn: say, error: say } as unknown as Console;
    const restore = quietLibsignal(target);
    // libsignal itself speaks to the real console, so its call is made from a file of its name.
    const source = 'target.info("Closing session:", { privKey: "secret" }); target.warn("Something new")';
    const { compileFunction } = createRequire(import.meta.url)('node:vm') as typeof import('node:vm');
    compileFunction(source, ['target'], { filename: '/app/node_modules/libsignal/src/session_record.js' })(target);
    target.info('Closing session:', 'of my own');
    target.error('a fault');
    expect(said).toEqual([['Something new'], ['Closing session:', 'of my own'], ['a fault']]);
    restore();
    expect(target.info).toBe(say);
  });
});

describe('the certificate of the server', () => {
  const root = Curve.generateKeyPair();
  const handshake = (leafKey: 'its own' | "somebody else's", signer = root) => {
    verifySignatures();
    const { Details } = proto.CertChain.NoiseCertificate;
    const [middle, stranger, server] = [Curve.generateKeyPair(), Curve.generateKeyPair(), Curve.generateKeyPair()];
    const named = leafKey === 'its own' ? server.public : stranger.public;
    const middleDetails = Details.encode({ serial: 1, issuerSerial: 0, key: middle.public }).finish();
    const leafDetails = Details.encode({ serial: 2, issuerSerial: 1, key: named }).finish();
    const chain = {
      intermediate: { details: middleDetails, signature: Curve.sign(signer.private, middleDetails) },
      leaf: { details: leafDetails, signature: Curve.sign(middle.private, leafDetails) },
    };
    return serverHello(server, proto.CertChain.encode(chain).finish());
  };

  /** The server's half of the Noise handshake, made with Baileys' own handler: both halves mix alike. */
  const serverHello = (staticKey: ReturnType<typeof Curve.generateKeyPair>, payload: Uint8Array): (() => void) => {
    const [client, ephemeral] = [Curve.generateKeyPair(), Curve.generateKeyPair()];
    const log = { level: 'silent', trace() {}, child: () => log } as never;
    const side = () => makeNoiseHandler({ keyPair: client, NOISE_HEADER: NOISE_WA_HEADER, logger: log });
    const server = side();
    server.authenticate(ephemeral.public);
    server.mixIntoKey(Curve.sharedKey(ephemeral.private, client.public));
    const staticSealed = server.encrypt(staticKey.public);
    server.mixIntoKey(Curve.sharedKey(staticKey.private, client.public));
    const payloadSealed = server.encrypt(payload);
    const hello = { serverHello: { ephemeral: ephemeral.public, static: staticSealed, payload: payloadSealed } };
    return () => side().processHandshake(hello as never, initAuthCreds().noiseKey);
  };

  it('is taken when the root has signed it for the key of the handshake', () => {
    const shake = handshake('its own');
    trustRoot(Buffer.from(root.public).toString('hex'));
    expect(shake).not.toThrow();
  });

  it("is refused when it is somebody else's, or the root has not signed it", () => {
    const replayed = handshake("somebody else's");
    const forged = handshake('its own', Curve.generateKeyPair());
    trustRoot(Buffer.from(root.public).toString('hex'));
    expect(replayed).toThrow(/certificate/);
    expect(forged).toThrow(/certificate/);
  });
});

describe('the receipt gate', () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  const got: string[] = [];
  let arrived: () => void = () => undefined;
  server.on('connection', (socket) =>
    socket.on('message', (data) => {
      got.push(String(data));
      arrived();
    }),
  );
  const connect = async (): Promise<WebSocket> => {
    if (!server.address()) await once(server, 'listening');
    const socket = new Client(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await once(socket, 'open');
    got.length = 0;
    return socket;
  };
  const until = async (count: number) => {
    while (got.length < count) {
      await new Promise<void>((resolve) => {
        arrived = resolve;
      });
    }
  };
  afterAll(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });

  it('keeps the order, and holds a frame only for what was held before it', async () => {
    const socket = await connect();
    const gate = new ReceiptGate(10_000);
    gate.attach(socket);
    socket.send('free');
    const first = gate.hold();
    socket.send('after first');
    const second = gate.hold();
    socket.send('after second');
    gate.release(first);
    await until(2);
    expect(got).toEqual(['free', 'after first']);
    gate.release(second);
    await until(3);
    expect(got).toEqual(['free', 'after first', 'after second']);
    await gate.idle();
  });

  it('holds nothing longer than its limit', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const gate = new ReceiptGate(5000);
    const sent: unknown[] = [];
    const socket = { readyState: 1, OPEN: 1, send: (data: unknown) => sent.push(data) } as unknown as WebSocket;
    gate.attach(socket);
    gate.hold();
    socket.send('late');
    expect(sent).toEqual([]);
    vi.advanceTimersByTime(5000);
    expect(sent).toEqual(['late']);
    vi.useRealTimers();
  });

  it('lets a query pass what is being published, but never what waits for keys', async () => {
    const figures = new GateFigures();
    const gate = new ReceiptGate(60_000, figures);
    const sent: unknown[] = [];
    const socket = { readyState: 1, OPEN: 1, send: (data: unknown) => sent.push(data) } as unknown as WebSocket;
    gate.attach(socket);
    const client = new EventEmitter();
    beforeQueries(client, () => gate.passQuery());
    gate.holdForPublishing();
    socket.send('receipt');
    expect(sent).toEqual([]);
    client.on('TAG:1', () => undefined);
    socket.send('query');
    expect(sent).toEqual(['receipt', 'query']);
    const keys = deferred();
    gate.holdUntil(keys.promise);
    gate.holdForPublishing();
    client.on('TAG:2', () => undefined);
    socket.send('query of new keys');
    expect(sent).toHaveLength(2);
    keys.resolve();
    await gate.idle();
    expect(sent).toHaveLength(3);
    expect(figures.collect().map(({ name, value }) => [name, value])).toEqual([
      ['waha_gate_frames_total', 2],
      ['waha_gate_wait_seconds_total', expect.any(Number)],
      ['waha_gate_late_total', 0],
    ]);
  });
});

describe('facts of one session', () => {
  it('are handled one after the other; one that fails is passed over; a full queue says so', async () => {
    const said: string[] = [];
    const options = { log: testLog, limit: 2, onFull: () => said.push('full'), onRoom: () => said.push('room') };
    const queue = new EventQueue(options);
    for (const name of ['one', 'two', 'three']) {
      queue.push(async () => {
        await Promise.resolve();
        said.push(name);
        if (name === 'two') throw new Error('two');
      });
    }
    await queue.reached();
    expect(said).toEqual(['full', 'one', 'two', 'three', 'room']);
    await queue.idle();
  });

  it('are dropped when they are given up', async () => {
    const queue = new EventQueue({ log: testLog, limit: 9, onFull: () => undefined, onRoom: () => undefined });
    const done = vi.fn();
    queue.push(async () => undefined);
    queue.push(async () => done());
    const reached = queue.reached();
    queue.abandon();
    await reached;
    expect(done).not.toHaveBeenCalled();
  });

  it('are forgotten, the oldest first', () => {
    const recent = new Recent<number>(2);
    for (const [index, key] of ['a', 'b', 'c'].entries()) recent.set(key, index);
    expect([recent.has('a'), recent.get('c'), recent.size]).toEqual([false, 2, 2]);
  });
});

describe('the version to present', () => {
  const settings = { enabled: true, timeoutMs: 1000 };
  const storage = () => {
    const values = new Map<string, unknown>();
    return {
      get: async <T>(key: string) => values.get(key) as T | undefined,
      set: async (key: string, value: unknown) => void values.set(key, value),
      remove: async (key: string) => void values.delete(key),
      keys: async () => [...values.keys()],
    };
  };

  it('is asked for once by all sessions, and remembered', async () => {
    const kept = storage();
    const fetch = vi.fn(async () => [2, 3000, 7] as [number, number, number]);
    const versions = new FetchedVersion({ settings, storage: kept, log: testLog, fetch });
    expect(await Promise.all([versions.current(), versions.current()])).toEqual([
      [2, 3000, 7],
      [2, 3000, 7],
    ]);
    const later = new FetchedVersion({ settings, storage: kept, log: testLog, fetch });
    expect(await later.current()).toEqual([2, 3000, 7]);
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it('is asked for again once, not per session, when WhatsApp calls it outdated', async () => {
    let now = 0;
    let latest = 7;
    const fetch = vi.fn(async () => [2, 3000, latest] as [number, number, number]);
    const versions = new FetchedVersion({ settings, storage: storage(), log: testLog, fetch, now: () => now });
    const used = await versions.current();
    latest = 8;
    now += 3_600_000;
    expect(await Promise.all([versions.outdated(used), versions.outdated(used)])).toEqual([true, true]);
    expect(await versions.outdated([2, 3000, 8])).toBe(false);
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  it("is the library's own when it cannot be found out", async () => {
    const fetch = async () => Promise.reject(new Error('no network'));
    const versions = new FetchedVersion({ settings, storage: storage(), log: testLog, fetch });
    expect(await versions.current()).toBeUndefined();
    expect(await versions.outdated(undefined)).toBe(false);
  });
});

describe('a session config', () => {
  it('filters kinds of chats at the source', () => {
    const config = { ignore: { status: true, groups: true, channels: null, broadcast: false } };
    const verdicts = ['status@broadcast', '1234567@g.us', '123@newsletter', '99@broadcast', '4915112345678@c.us'];
    expect(verdicts.map((jid) => isIgnored(config, jid))).toEqual([true, true, false, false, false]);
  });

  it('names the device as it shows under Linked devices', () => {
    expect(browserOf({}, pluginConfig()).slice(0, 2)).toEqual(['Mac OS', 'Chrome']);
    expect(browserOf({ client: { deviceName: 'Desk', browserName: 'Edge' } }, pluginConfig()).slice(0, 2)).toEqual([
      'Desk',
      'Edge',
    ]);
  });
});

describe('raw data', () => {
  it('becomes JSON', () => {
    const message = proto.Message.fromObject({ imageMessage: { mediaKey: Buffer.from([1, 2]), fileLength: 5 } });
    expect(JSON.parse(JSON.stringify(jsonSafe({ message, at: 1n, f: () => 1, list: [undefined], none: [] })))).toEqual({
      message: { imageMessage: { mediaKey: 'AQI=', fileLength: 5 } },
      at: '1',
      list: [null],
    });
  });

  it('may have any names, those that JavaScript means something by, too', () => {
    const value = JSON.parse('{"__proto__":{"a":1},"constructor":2,"none":[]}');
    const copy = jsonSafe(value) as object;
    expect(JSON.stringify(copy)).toBe('{"__proto__":{"a":1},"constructor":2}');
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
  });

  it('comes into the log by a list of what is safe', () => {
    expect(safeFields({ msgId: 'A1', node: { secret: 1 }, creds: 'x', err: new Error('lost') })).toEqual({
      by: 'baileys',
      msgId: 'A1',
      err: 'lost',
    });
  });
});
