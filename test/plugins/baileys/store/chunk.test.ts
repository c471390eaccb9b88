import { deflateSync } from 'node:zlib';
import { proto } from '@whiskeysockets/baileys';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LidPair, SessionLibrary } from '../../../../core/engine.ts';
import { CollectionMessageStore } from '../../../../core/stores/message-store.ts';
import { timeLimit } from '../../../../core/stores/time-limit.ts';
import { memoryDatabase } from '../../../../core/testing/memory-database.ts';
import { chatIdOf } from '../../../../plugins/baileys/messages/ids.ts';
import { Chunk } from '../../../../plugins/baileys/store/history/chunk.ts';
import { MessageStore } from '../../../../plugins/baileys/store/message-store.ts';
import { SimulatedClock } from '../../../support/clock.ts';
import { recordingLog } from '../../../support/log.ts';

const ann = '4915100001@s.whatsapp.net';
const group = '120363000000000001@g.us';

let store: CollectionMessageStore;
let library: SessionLibrary;
let pairs: LidPair[];
let end: AbortController;

beforeEach(async () => {
  const within = timeLimit('messageStore', new SimulatedClock(), 10_000);
  const retention = { perSession: 100, perLibrary: 100_000 };
  store = await CollectionMessageStore.open(memoryDatabase(), { within, retention, log: recordingLog() });
  library = store.library('main');
  pairs = [];
  end = new AbortController();
});
afterEach(() => store.close());

const read = (sync: proto.IHistorySync, options: { store?: boolean; isFirst?: boolean; bytes?: Buffer } = {}) => {
  const messageStore = new MessageStore({
    history: store.of('main'),
    library: options.store === false ? null : library,
    log: recordingLog(),
    ignores: (jid) => jid === '99@broadcast',
    onChat: () => undefined,
    idsOf: async (jids) => jids.flatMap((jid) => (jid ? [chatIdOf(jid)] : [])),
  });
  const chunk = new Chunk({
    messageStore,
    signal: end.signal,
    isFirst: options.isFirst ?? true,
    ignores: (jid) => jid === '99@broadcast',
    onPairs: async (found) => void pairs.push(...found),
    onTokens: async () => undefined,
    onTimer: () => undefined,
  });
  const bytes = options.bytes ?? deflateSync(proto.HistorySync.encode(sync).finish());
  return chunk.read(
    (async function* () {
      yield bytes;
    })(),
  );
};

const text = (id: string, jid: string, given: proto.IWebMessageInfo = {}): proto.IHistorySyncMsg => ({
  message: {
    key: { id, remoteJid: jid, fromMe: false },
    message: { conversation: id },
    messageTimestamp: 100,
    ...given,
  },
});
const conversations: proto.IConversation[] = [
  { id: ann, name: 'Ann', lidJid: '771@lid', unreadCount: 2, conversationTimestamp: 100, messages: [text('A', ann)] },
  {
    id: group,
    name: 'Friends',
    pinned: 1_700_000_000,
    markedAsUnread: true,
    messages: [
      text('B', group, { participant: ann }),
      { message: { key: { id: 'C', remoteJid: group }, messageTimestamp: 1, messageStubType: 27 } },
      text('D', group, { key: { id: 'D', remoteJid: group, fromMe: true }, status: 4 }),
    ],
  },
  { id: '99@broadcast', name: 'list', messages: [text('E', '99@broadcast')] },
];

describe('a part of the history', () => {
  it('becomes chats, messages, contacts and pairs', async () => {
    const syncType = proto.HistorySync.HistorySyncType.INITIAL_BOOTSTRAP;
    const pushnames = [{ id: ann, pushname: 'Annie' }];
    expect(await read({ syncType, conversations, pushnames })).toBe(3);
    expect(await library.chats({ sortBy: 'name' })).toMatchObject([
      { id: '4915100001@c.us', name: 'Ann', unread: 2, timestamp: 100 },
      { id: group, name: 'Friends', unread: -1, pinned: 1_700_000_000 },
    ]);
    expect(await library.contacts({})).toMatchObject([{ id: '4915100001@c.us', name: 'Ann', pushName: 'Annie' }]);
    const inGroup = await library.messages({ chatIds: [group] });
    expect(inGroup).toMatchObject([
      { id: 'B', participant: '4915100001@c.us', ack: 0 },
      { id: 'D', fromMe: true, ack: 3 },
    ]);
    expect(await library.messages({ chatIds: ['99@broadcast'] })).toEqual([]);
    expect(pairs).toEqual([{ lid: '771@lid', pn: '4915100001@c.us' }]);
  });

  it('changes nothing of what came live before it', async () => {
    await library.add({
      messages: [
        {
          chatId: '4915100001@c.us',
          id: 'A',
          fromMe: false,
          participant: null,
          timestamp: 100,
          data: new Uint8Array([1]),
          ack: 0,
          listed: false,
          viaApi: false,
        },
      ],
      chats: [{ id: '4915100001@c.us', unread: 7 }],
    });
    await read({ conversations }, { isFirst: false });
    expect(await library.messages({ chatIds: ['4915100001@c.us'] })).toEqual([]);
    expect(await library.chats({ ids: ['4915100001@c.us'] })).toMatchObject([{ unread: 7 }]);
  });

  it('tells who is who without a store, and stores nothing', async () => {
    expect(await read({ conversations }, { store: false })).toBe(0);
    expect(pairs).toHaveLength(1);
    expect(await library.chats({})).toEqual([]);
  });

  it('that is damaged, or no longer wanted, rejects', async () => {
    const whole = deflateSync(proto.HistorySync.encode({ conversations }).finish());
    await expect(read({}, { bytes: whole.subarray(0, -20) })).rejects.toThrow();
    await expect(read({}, { bytes: Buffer.from('no zlib at all') })).rejects.toThrow();
    await expect(read({}, { bytes: deflateSync(Buffer.from([0x12, 0x7f, 1])) })).rejects.toThrow('cut off');
    end.abort();
    await expect(read({ conversations })).rejects.toThrow();
  });

  it('of thousands of messages leaves others their turns', async () => {
    const many = Array.from({ length: 2_000 }, (_, at) => text(`M${at}`, ann, { messageTimestamp: at }));
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const count = await read({ conversations: [{ id: ann, messages: many }] });
    clearInterval(timer);
    expect(count).toBe(2_000);
    expect(turns).toBeGreaterThan(10);
    expect((await library.messages({ chatIds: ['4915100001@c.us'], limit: 1 }))[0]?.id).toBe('M1999');
  });
});
