import { EventEmitter } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { type BinaryNode, encodeBinaryNode, makeEventBuffer } from '@whiskeysockets/baileys';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { installNativeSignatures, libraryOfBaileys } from '../../../../plugins/baileys/libsignal/native-signatures.ts';
import { tellChannelNews } from '../../../../plugins/baileys/repairs/channel-news.ts';
import { type AckingSocket, confirmBeforeLinked } from '../../../../plugins/baileys/repairs/early-acks.ts';
import { shortLivedUploads } from '../../../../plugins/baileys/repairs/lasting-timers.ts';
import { refuseSilence } from '../../../../plugins/baileys/repairs/silent-queries.ts';
import { keptSenderKeys } from '../../../../plugins/baileys/repairs/skipped-sender-keys.ts';
import { hastenClose } from '../../../../plugins/baileys/repairs/slow-close.ts';
import { encodeTexts } from '../../../../plugins/baileys/repairs/text-attributes.ts';
import { type Sandbox, startSandbox } from '../../../../plugins/sandbox/sandbox.ts';
import { Client, memory, verifyForReal } from '../../sandbox/support.ts';

const quiet = { level: 'silent', trace() {}, debug() {}, info() {}, warn() {}, error() {} } as never;

it('every repair has its row in the documentation', async () => {
  const docs = await readFile(new URL('../../../../docs/baileys.md', import.meta.url), 'utf8');
  const rows = docs.split('\n').filter((line) => line.startsWith('| `'));
  for (const room of ['repairs', 'libsignal']) {
    const files = await readdir(new URL(`../../../../plugins/baileys/${room}`, import.meta.url));
    expect(files.filter((file) => !rows.some((row) => row.includes(`\`${room}/${file}\``)))).toEqual([]);
  }
});

describe('beside a Baileys that has no fault', () => {
  const confirming = async (sendMessageAck: AckingSocket['sendMessageAck'], creds: object = {}) => {
    const ws = new EventEmitter();
    const sendNode = vi.fn(async () => undefined);
    confirmBeforeLinked({ ws, sendNode, sendMessageAck } as unknown as AckingSocket, creds);
    await new Promise(setImmediate);
    ws.emit('CB:notification', { tag: 'notification', attrs: { id: 'N1', from: 's.whatsapp.net', type: 'x' } });
    return sendNode.mock.calls.length;
  };

  it('notifications are confirmed by it alone, and by us beside one that has', async () => {
    const isClosed = async () => Promise.reject(Object.assign(new Error('Connection Closed'), { isBoom: true }));
    expect(await confirming(isClosed)).toBe(0);
    expect(await confirming(async () => undefined)).toBe(0);
    const plain = async () => void (undefined as unknown as { id: string }).id;
    expect(await confirming(plain)).toBe(1);
    expect(await confirming(plain, { me: { id: '1@s.whatsapp.net' } })).toBe(0);
  });

  it('news of channels are told once, and what it alone knows is told', () => {
    const ws = new EventEmitter();
    const ev = makeEventBuffer(quiet);
    tellChannelNews({ ws, ev } as unknown as Parameters<typeof tellChannelNews>[0]);
    const views: unknown[] = [];
    ev.on('newsletter.view', (view) => views.push(view));
    const view = { id: '1@newsletter', server_id: '7', count: 3 };
    ws.on('CB:notification,type:newsletter', () => void ev.emit('newsletter.view', view));
    const count = { tag: 'views_count', attrs: { count: '3' } };
    const messages = [{ tag: 'message', attrs: { server_id: '7' }, content: [count] }];
    const live = { tag: 'live_updates', attrs: {}, content: [{ tag: 'messages', attrs: {}, content: messages }] };
    const tell = (content: BinaryNode[]) =>
      ws.emit('CB:notification,type:newsletter', { tag: 'notification', attrs: { from: '1@newsletter' }, content });
    tell([live]);
    expect(views).toEqual([view]);
    tell([]);
    expect(views).toEqual([view, view]);
  });

  it('the time limit of an upload that is taken back is nobody else’s', () => {
    const original = globalThis.setTimeout;
    const keys = { transaction: async (work: () => Promise<unknown>, _lock: string) => work() };
    shortLivedUploads(() => ({}) as never)({ creds: {}, keys } as never, quiet);
    void keys.transaction(async () => undefined, 'upload-pre-keys');
    expect(globalThis.setTimeout).toBe(original);
  });

  it('a query that refuses by itself is refused once', async () => {
    const client = new EventEmitter();
    refuseSilence(client, 1);
    const refused = vi.fn();
    client.on('TAG:1', () => undefined);
    client.on('error', refused);
    client.removeAllListeners('TAG:1');
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(refused).not.toHaveBeenCalled();
  });

  it('a socket that closes at once is not cut', async () => {
    const socket = { terminate: vi.fn() };
    const client = Object.assign(new EventEmitter(), { socket, close: async () => undefined });
    hastenClose(client as never);
    await client.close();
    expect(socket.terminate).not.toHaveBeenCalled();
  });

  it('keys of groups in a readable form stay what they are', async () => {
    const state = {
      senderMessageKeys: [{ iteration: 1, seed: { type: 'Buffer', data: 'AQID' } }],
      senderSigningKey: { public: { type: 'Buffer', data: 'BAUG' } },
    };
    const stored = Buffer.from(JSON.stringify([state]));
    const keys = { get: async () => ({ a: stored }), set: async () => undefined, transaction: async () => undefined };
    keptSenderKeys(() => ({}) as never)({ keys } as never, quiet);
    const { a } =
      (await (keys.get as (type: string, ids: string[]) => Promise<{ a: Buffer }>)('sender-key', ['a'])) ?? {};
    expect(JSON.parse(a.toString())).toEqual([state]);
  });

  it('stanzas without such a text are written as it writes them', () => {
    const node = {
      tag: 'iq',
      attrs: { to: '@g.us', type: 'set', id: '1' },
      content: [{ tag: 'x', attrs: { subject: 'y' } }],
    };
    expect(encodeTexts(node).equals(encodeBinaryNode(node))).toBe(true);
  });

  it('a libsignal that signs with another library is left alone', () => {
    expect(libraryOfBaileys('no-such-library')).toBeNull();
    expect(() => installNativeSignatures(null)).not.toThrow();
  });
});

describe('plain Baileys still has the fault:', () => {
  let sandbox: Sandbox;
  let client: Client;
  beforeAll(async () => {
    sandbox = await startSandbox();
    verifyForReal(sandbox.endpoint.rootKey);
    client = new Client(sandbox, memory(), { defaultQueryTimeoutMs: 1000 });
    await client.qr();
  });
  afterAll(async () => {
    await client.close();
    await sandbox.close();
  });
  const ask = (id: string): BinaryNode => ({
    tag: 'iq',
    attrs: { to: '@s.whatsapp.net', type: 'get', xmlns: 'w:p', id },
    content: [{ tag: 'ping', attrs: {} }],
  });

  it('a query that nobody answers resolves with nothing', async () => {
    sandbox.faults.set({ kind: 'unanswered', xmlns: 'w:p', times: 1 });
    expect(await client.socket.query(ask('silent'))).toBeUndefined();
  });

  it('a stanza is announced under names that nobody listens to', async () => {
    const announced = vi.spyOn(client.socket.ws, 'emit');
    await client.socket.query(ask('answered'));
    const names = announced.mock.calls.map(([name]) => String(name)).filter((name) => name.startsWith('CB:iq'));
    announced.mockRestore();
    expect(names.filter((name) => client.socket.ws.listenerCount(name) === 0).length).toBeGreaterThan(5);
  });

  it('a query that is under way at the end is not let go', async () => {
    sandbox.faults.set({ kind: 'unanswered', xmlns: 'w:p', times: 1 });
    const settled = vi.fn();
    const other = new Client(sandbox, memory(), { defaultQueryTimeoutMs: 1000 });
    await other.qr();
    const query = other.socket.query(ask('pending')).finally(settled);
    await other.close();
    await new Promise(setImmediate);
    expect(settled).not.toHaveBeenCalled();
    await query;
  });
});
