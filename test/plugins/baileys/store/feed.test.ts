import type { BaileysEventMap } from '@whiskeysockets/baileys';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SessionLibrary } from '../../../../core/engine.ts';
import { CollectionMessageStore } from '../../../../core/stores/message-store.ts';
import { timeLimit } from '../../../../core/stores/time-limit.ts';
import { memoryDatabase } from '../../../../core/testing/memory-database.ts';
import { chatIdOf } from '../../../../plugins/baileys/messages/ids.ts';
import { messagePayload } from '../../../../plugins/baileys/messages/payload.ts';
import { recall } from '../../../../plugins/baileys/messages/stored-message.ts';
import type { BaileysSocket } from '../../../../plugins/baileys/socket/socket.ts';
import { feedStore } from '../../../../plugins/baileys/store/feed.ts';
import { MessageStore } from '../../../../plugins/baileys/store/message-store.ts';
import { SimulatedClock } from '../../../support/clock.ts';
import { recordingLog } from '../../../support/log.ts';

const ann = '4915100001@s.whatsapp.net';
const annId = '4915100001@c.us';
const key = { remoteJid: ann, id: 'A', fromMe: false };

let store: CollectionMessageStore;
let library: SessionLibrary;
let tell: <N extends keyof BaileysEventMap>(event: N, data: BaileysEventMap[N]) => Promise<void>;

beforeEach(async () => {
  const within = timeLimit('messageStore', new SimulatedClock(), 10_000);
  const retention = { perSession: 100, perLibrary: 100_000 };
  store = await CollectionMessageStore.open(memoryDatabase(), { within, retention, log: recordingLog() });
  library = store.library('main');
  const listeners = new Map<string, (data: never) => void>();
  const ev = { on: (name: string, listener: (data: never) => void) => listeners.set(name, listener) };
  const messageStore = new MessageStore({
    history: store.of('main'),
    library,
    log: recordingLog(),
    ignores: () => false,
    onChat: () => undefined,
    idsOf: async (jids) => jids.flatMap((jid) => (jid ? [chatIdOf(jid)] : [])),
  });
  feedStore({ ev } as unknown as BaileysSocket, messageStore);
  tell = async (event, data) => {
    listeners.get(event)?.(data as never);
    await store.close();
  };
  await messageStore.keep({ key, message: { conversation: 'hi' }, messageTimestamp: 100, pushName: 'Annie' });
});
afterEach(() => store.close());

/** Of each message, as reading operations show it. */
const stars = async () =>
  (await library.messages({ chatIds: [annId] })).map((message) => {
    const { _data } = messagePayload(recall(message), { me: undefined, source: 'app' });
    return (_data as { starred?: boolean }).starred;
  });
const chat = async () => (await library.chats({ ids: [annId] }))[0];

describe('what Baileys tells', () => {
  it('of a chat is stored, but not what it counts itself', async () => {
    expect(await chat()).toMatchObject({ unread: 1, name: 'Annie' });
    await tell('chats.update', [{ id: ann, unreadCount: 1, conversationTimestamp: 999 }]);
    expect(await chat()).toMatchObject({ unread: 1, timestamp: 100 });
    await tell('chats.update', [
      { id: ann, archived: true, pinned: 1_700_000_000_000 / 1000, muteEndTime: 1_800_000_000_000 },
    ]);
    expect(await chat()).toMatchObject({ archived: true, pinned: 1_700_000_000, mutedUntil: 1_800_000_000 });
    await tell('chats.update', [{ id: ann, unreadCount: 0, muteEndTime: null }]);
    expect(await chat()).toMatchObject({ unread: 0, mutedUntil: 0, archived: true });
    await tell('chats.update', [{ id: ann, unreadCount: -1 }]);
    expect(await chat()).toMatchObject({ unread: -1 });
  });

  it('of reading on another device makes the chat read', async () => {
    await tell('messages.update', [{ key: { ...key, id: 'other' }, update: { status: 4 } }]);
    expect(await chat()).toMatchObject({ unread: 0 });
  });

  it('of stars and deletions changes messages', async () => {
    await tell('messages.update', [{ key, update: { starred: true } }]);
    expect(await stars()).toEqual([true]);
    await tell('messages.update', [{ key, update: { starred: false } }]);
    expect(await stars()).toEqual([false]);
    await tell('messages.delete', { keys: [{ ...key, remoteJid: 'somebody@s.whatsapp.net' }] });
    expect(await library.messages({ chatIds: [annId] })).toHaveLength(1);
    await tell('messages.delete', { keys: [key] });
    await expect.poll(() => library.messages({ chatIds: [annId] })).toEqual([]);
  });

  it('of contacts and groups is stored', async () => {
    await tell('contacts.upsert', [{ id: ann, name: 'Ann Smith', lid: '771@lid' }]);
    expect(await library.contacts({})).toEqual([
      { id: annId, name: 'Ann Smith', pushName: 'Annie', verifiedName: null },
    ]);
    expect(await library.lids({})).toEqual([{ lid: '771@lid', pn: annId }]);
    expect(await chat()).toMatchObject({ name: 'Ann Smith' });
    await tell('groups.update', [{ id: '12036300000@g.us', subject: 'Friends' }]);
    expect(await library.chats({ ids: ['12036300000@g.us'] })).toMatchObject([{ name: 'Friends' }]);
  });

  it('of a deleted chat removes it with its messages', async () => {
    await tell('chats.delete', [ann]);
    expect([await chat(), await library.messages({ chatIds: [annId] })]).toEqual([undefined, []]);
  });
});
