import crypto from 'node:crypto';
import { once } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';
import type { AddressInfo } from 'node:net';
import {
  type BinaryNode,
  DEFAULT_CONNECTION_CONFIG,
  decodeBinaryNode,
  generateSignalPubKey,
  initAuthCreds,
  makeWASocket,
  proto,
} from '@whiskeysockets/baileys';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { AuthState } from '../../../../plugins/baileys/credentials/auth-state.ts';
import { deferred } from '../../../../plugins/baileys/deferred.ts';
import { knownHiddenIds } from '../../../../plugins/baileys/repairs/lid-lookups.ts';
import { sendQuickly } from '../../../../plugins/baileys/repairs/quick-sends.ts';
import { DeviceLists } from '../../../../plugins/baileys/socket/device-lists.ts';
import type { BaileysSocket } from '../../../../plugins/baileys/socket/socket.ts';
import { settle } from '../../../support/clock.ts';
import { quietLogger as quiet } from '../quiet-logger.ts';
import { MemoryAuth, testLog } from '../session.ts';

const me = { id: '4915200003001:7@s.whatsapp.net', lid: '777:7@lid' };
const ana = '888@lid';
const bob = '4915200003009@s.whatsapp.net';
const carl = '4915200003010@s.whatsapp.net';
const devicesOf = {
  '777': [0, 7],
  '888': [0, 5],
  '4915200003001': [0, 7],
  '4915200003009': [0],
  '4915200003010': [0, 2],
};
const hidden = { '4915200003010': '999' };

/** Takes frames in clear, as nobody answers its hello. */
let server: WebSocketServer;
const { randomBytes } = crypto;
/** Its bytes say nothing to the token for reports, which Baileys computes over the padding as well. */
const padding = 16;

beforeAll(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  // Padding is random: the same here for both roads.
  crypto.randomBytes = ((size: number) => (size === 1 ? Buffer.from([padding - 1]) : randomBytes(size))) as never;
  syncBuiltinESMExports();
});

afterAll(() => {
  crypto.randomBytes = randomBytes;
  syncBuiltinESMExports();
  server.close();
});

const strangers = new Map<string, ReturnType<typeof initAuthCreds>>();

const bundleOf = (jid: string) => {
  const { signedIdentityKey, signedPreKey, registrationId } = strangers.get(jid) ?? initAuthCreds();
  return {
    registrationId,
    identityKey: generateSignalPubKey(signedIdentityKey.public),
    signedPreKey: {
      keyId: signedPreKey.keyId,
      publicKey: generateSignalPubKey(signedPreKey.keyPair.public),
      signature: signedPreKey.signature,
    },
  } as never;
};

/** An account whose socket is open, with the stanzas that it has written. */
const opened = async (quick: boolean, creds = initAuthCreds(), stored = new Map<string, Uint8Array>()) => {
  const memory = new MemoryAuth();
  for (const [key, value] of stored) memory.store.set(key, value);
  const auth = await AuthState.load({ session: 'test', auth: memory, log: testLog, onFailure: () => undefined });
  Object.assign(auth.creds, creds, { me });
  auth.creds.account = { details: Buffer.from('1'), accountSignatureKey: Buffer.from('2') };
  const devices = new DeviceLists(() => Date.now());
  for (const [user, numbers] of Object.entries(devicesOf)) {
    const at = user.length > 3 ? 's.whatsapp.net' : 'lid';
    devices.set(
      user,
      numbers.map((device) => ({ user, server: at, device })),
    );
  }
  const connected = once(server, 'connection') as Promise<[import('ws').WebSocket]>;
  const sock: BaileysSocket = makeWASocket({
    ...{ auth, logger: quiet, userDevicesCache: devices, connectTimeoutMs: 0 },
    makeSignalRepository: knownHiddenIds(DEFAULT_CONNECTION_CONFIG.makeSignalRepository),
    waWebSocketUrl: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
  });
  const [wire] = await connected;
  const frames: Buffer[] = [];
  wire.on('message', (data) => frames.push(data as Buffer));
  await once(wire, 'message');
  const slow: string[] = [];
  const { relayMessage } = sock;
  sock.relayMessage = (jid, ...rest) => {
    slow.push(jid);
    return relayMessage(jid, ...rest);
  };
  if (quick) sendQuickly(sock, { auth, devices });
  const said = async (): Promise<BinaryNode[]> => {
    wire.ping();
    await once(wire, 'pong');
    return Promise.all(
      frames.splice(0).flatMap((frame) => (frame[0] === 87 ? [] : [decodeBinaryNode(frame.subarray(3))])),
    );
  };
  return { auth, memory, sock, said, slow, devices };
};

type Opened = Awaited<ReturnType<typeof opened>>;

const acquainted = async (): Promise<Opened> => {
  const one = await opened(true);
  for (const user of ['777', '888', '4915200003009', '999'] as const) {
    const [server, numbers] = user === '4915200003009' ? ['s.whatsapp.net', [0]] : ['lid', [0, 2, 5]];
    for (const device of numbers as number[]) {
      const jid = device === 0 ? `${user}@${server}` : `${user}:${device}@${server}`;
      strangers.set(jid, initAuthCreds());
      await one.sock.signalRepository.injectE2ESession({ jid, session: bundleOf(jid) });
    }
  }
  await one.sock.signalRepository.injectE2ESession({
    jid: '4915200003001@s.whatsapp.net',
    session: bundleOf('777@lid'),
  });
  const now = Math.floor(Date.now() / 1000);
  const token = { token: Buffer.from('token'), timestamp: String(now), senderTimestamp: now };
  await one.auth.keys.set({
    'lid-mapping': { '4915200003010': hidden['4915200003010'], '999_reverse': '4915200003010' },
    tctoken: { [ana]: token, [bob]: { token: Buffer.alloc(0), senderTimestamp: now }, '999@lid': token },
  } as never);
  return one;
};

/** The same account in the hands of Baileys alone. */
const twin = async (one: Opened): Promise<Opened> => {
  await one.auth.settled();
  const other = await opened(false, one.auth.creds, one.memory.store);
  Object.assign(other.sock.serverProps, one.sock.serverProps);
  return other;
};

const stored = async ({ auth, memory }: Opened): Promise<Record<string, string>> => {
  await auth.settled();
  return Object.fromEntries([...memory.store].map(([key, value]) => [key, Buffer.from(value).toString()]));
};

const texts: readonly proto.IMessage[] = [
  { conversation: 'hello' },
  { extendedTextMessage: { text: 'with a secret' }, messageContextInfo: { messageSecret: Buffer.alloc(32, 3) } },
  { extendedTextMessage: { text: '@888', contextInfo: { mentionedJid: [ana], expiration: 86_400 } } },
  { extendedTextMessage: { text: 'https://example.com', title: 'a link', matchedText: 'https://example.com' } },
  { conversation: '' },
  { extendedTextMessage: { text: 'x'.repeat(5_000) }, messageContextInfo: {} },
];

describe('texts to one person', () => {
  it('are written as Baileys writes them, to the byte, and leave the keys that it would leave', async () => {
    const one = await acquainted();
    let at = 0;
    for (const withToken of [true, false]) {
      one.sock.serverProps.privacyTokenOn1to1 = withToken;
      for (const jid of [ana, bob, carl]) {
        for (const text of texts) {
          const other = await twin(one);
          const messageId = `3EB0${at++}`;
          for (const { sock } of [one, other]) await sock.relayMessage(jid, text, { messageId });
          const [ours, theirs] = [await one.said(), await other.said()];
          expect(ours).toHaveLength(1);
          expect(ours).toEqual(theirs);
          expect(await stored(one)).toEqual(await stored(other));
          expect(one.sock.messageRetryManager?.getRecentMessage(jid, messageId)?.message).toEqual(text);
          await other.sock.end(undefined);
        }
      }
    }
    expect(one.slow).toEqual([]);
    await one.sock.end(undefined);
  });

  it('go Baileys’ road where anything about them is unusual', async () => {
    const one = await acquainted();
    const text = { conversation: 'hello' };
    const tried = async (jid: string, message: proto.IMessage, options: object): Promise<number> => {
      await one.sock.relayMessage(jid, message, { messageId: 'A1', ...options }).catch(() => undefined);
      return one.slow.splice(0).length;
    };
    expect(await tried(ana, text, {})).toBe(0);
    expect(await tried(ana, { reactionMessage: { text: 'x', key: { id: '1' } } }, {})).toBe(1);
    expect(await tried(ana, text, { additionalAttributes: { edit: '1' } })).toBe(1);
    expect(await tried(ana, text, { additionalNodes: [{ tag: 'meta', attrs: {} }] })).toBe(1);
    expect(await tried(ana, text, { participant: { jid: '888:5@lid', count: 1 } })).toBe(1);
    expect(await tried('777@lid', text, {})).toBe(1);
    expect(await tried('888:5@lid', text, {})).toBe(1);
    const [begun, go] = [deferred(), deferred()];
    const open = one.sock.authState.keys.transaction(async () => {
      begun.resolve();
      await go.promise;
    }, 'another');
    await begun.promise;
    expect(await tried(ana, text, {})).toBe(1);
    go.resolve();
    await open;
    // What has no session yet, or a session that is closed.
    await one.auth.keys.set({ session: { '888_1.5': null } });
    expect(await Promise.race([tried(ana, text, {}), settle().then(() => one.slow.splice(0).length)])).toBe(1);
    await one.sock.end(undefined);
  });

  it('go Baileys’ road when the person’s token is unknown, or there is one to give', async () => {
    const one = await acquainted();
    const now = Math.floor(Date.now() / 1000);
    const day = 24 * 60 * 60;
    const tokens = [
      [null, 1],
      [{ token: Buffer.from('t'), timestamp: String(now), senderTimestamp: now }, 0],
      [{ token: Buffer.from('t'), timestamp: String(now), senderTimestamp: now - 40 * day }, 1],
      [{ token: Buffer.from('t'), timestamp: String(now - 60 * day), senderTimestamp: now }, 1],
      [{ token: Buffer.alloc(0), senderTimestamp: now }, 0],
    ] as const;
    for (const [token, roads] of tokens) {
      await one.auth.keys.set({ tctoken: { [ana]: token } } as never);
      await one.sock.relayMessage(ana, { conversation: 'hello' }, { messageId: 'A1' });
      expect(one.slow.splice(0)).toHaveLength(roads);
    }
    await one.sock.end(undefined);
  });
});
