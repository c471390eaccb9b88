import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../core/deadline.ts';
import type { LibraryMessage, SessionLibrary } from '../../../core/engine.ts';
import type { Database } from '../../../core/index.ts';
import { CollectionMessageStore } from '../../../core/stores/message-store.ts';
import { timeLimit } from '../../../core/stores/time-limit.ts';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import { openSqlite } from '../../../plugins/sqlite/open.ts';
import { SimulatedClock } from '../../support/clock.ts';
import { recordingLog } from '../../support/log.ts';

const ann = '4915100001@c.us';
const annLid = '7700001@lid';
const bob = '4915100002@c.us';
const group = '120363@g.us';

const message = (id: string, given: Partial<LibraryMessage> = {}): LibraryMessage => ({
  chatId: ann,
  id,
  fromMe: false,
  participant: null,
  timestamp: 1_700_000_000,
  data: Uint8Array.from(Buffer.from(id)),
  ack: 0,
  listed: true,
  viaApi: false,
  ...given,
});

let folder: string;
let database: Database;
let store: CollectionMessageStore;
let library: SessionLibrary;

const openings = {
  memory: () => memoryDatabase(),
  sqlite: () => openSqlite({ driver: 'sqlite', folder, file: 'waha.db', synchronous: 'full', clock: systemClock }),
};

describe.each(Object.entries(openings))('a library on %s', (_driver, open) => {
  const openStore = (perLibrary = 1_000_000) =>
    CollectionMessageStore.open(database, {
      within: timeLimit('test', new SimulatedClock(), 10_000),
      retention: { perSession: 20, perLibrary },
      log: recordingLog(),
    });

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'waha-library-'));
    database = await open();
    store = await openStore();
    library = store.library('main');
  });
  afterEach(async () => {
    await store.close();
    await database.close();
    rmSync(folder, { recursive: true });
  });

  const ids = async (query: Partial<Parameters<SessionLibrary['messages']>[0]> = {}) =>
    (await library.messages({ chatIds: [ann], ...query })).map(({ id }) => id);
  const chats = async (query: Parameters<SessionLibrary['chats']>[0] = {}) =>
    (await library.chats({ descending: true, ...query })).map(({ id }) => id);

  it('shows a chat as soon as a message is in it, and counts what is unread', async () => {
    await library.add({ messages: [message('1'), message('2', { timestamp: 1_700_000_005 })], live: true });
    await library.add({ messages: [message('3', { fromMe: true, timestamp: 1_700_000_009 })], live: true });
    await library.add({ messages: [message('4', { chatId: bob, timestamp: 1_600_000_000 })] });
    expect(await chats()).toEqual([ann, bob]);
    expect(await library.chats({ ids: [ann] })).toMatchObject([{ unread: 2, timestamp: 1_700_000_009 }]);
    expect(await library.chats({ ids: [bob] })).toMatchObject([{ unread: 0 }]);
    await library.add({ chats: [{ id: ann, unread: 0, archived: true }] });
    expect(await library.chats({ ids: [ann] })).toMatchObject([
      { unread: 0, archived: true, timestamp: 1_700_000_009 },
    ]);
  });

  it('leaves a message that comes again as it is, and counts it once', async () => {
    await library.add({ messages: [message('1')], live: true });
    await library.change({ id: '1' }, () => ({ data: new Uint8Array([7]) }));
    await library.add({ messages: [message('1'), message('1')], live: true });
    expect((await library.message([ann], '1'))?.data).toEqual(new Uint8Array([7]));
    expect(await library.chats({ ids: [ann] })).toMatchObject([{ unread: 1 }]);
  });

  it('pages through a chat in both directions, with filters', async () => {
    const messages = Array.from({ length: 30 }, (_, at) =>
      message(String(at).padStart(2, '0'), { timestamp: 1_000 + at, fromMe: at % 3 === 0, ack: at % 3 === 0 ? 2 : 0 }),
    );
    await library.add({ messages });
    expect(await ids({ limit: 3 })).toEqual(['29', '28', '27']);
    expect(await ids({ limit: 2, offset: 3 })).toEqual(['26', '25']);
    expect(await ids({ limit: 2, descending: false })).toEqual(['00', '01']);
    expect(await ids({ from: 1_010, to: 1_012 })).toEqual(['12', '11', '10']);
    expect(await ids({ fromMe: true, limit: 2 })).toEqual(['27', '24']);
    expect(await ids({ ack: 2, limit: 1 })).toEqual(['27']);
    expect(await ids({ chatIds: [bob] })).toEqual([]);
  });

  it('pages through all chats together, in the order of their times and then of their arrival', async () => {
    const chatIds = [ann, bob, group];
    const messages = Array.from({ length: 12 }, (_, at) =>
      message(`${9 - (at % 10)}${at}`, { chatId: chatIds[at % 3] as string, timestamp: 1_000 + Math.floor(at / 6) }),
    );
    for (const one of messages) await library.add({ messages: [one] });
    await library.add({ messages: [message('kept only', { listed: false, timestamp: 1_001 })] });
    await store.library('other').add({ messages: [message('of another session', { timestamp: 1_001 })] });
    const all = async (query: Parameters<SessionLibrary['messages']>[0] = {}) =>
      (await library.messages(query)).map(({ id }) => id);
    const arrived = messages.map(({ id }) => id);
    expect(await all({ descending: false })).toEqual(arrived);
    expect(await all({ limit: 4, offset: 4 })).toEqual([...arrived].reverse().slice(4, 8));
    expect(await all({ from: 1_001, limit: 2, descending: false })).toEqual(arrived.slice(6, 8));
  });

  it('takes steps of our own messages forwards only', async () => {
    await library.add({ messages: [message('1', { fromMe: true }), message('2', { fromMe: true }), message('3')] });
    const ack = async (id: string) => (await library.message([ann], id))?.ack;
    await library.add({
      acks: [
        { id: '1', ack: 3 },
        { id: '1', ack: 2 },
        { id: '2', ack: -1 },
        { id: '3', ack: 3 },
      ],
    });
    await library.add({
      acks: [
        { id: '1', ack: -1 },
        { id: '9', ack: 3 },
      ],
    });
    expect([await ack('1'), await ack('2'), await ack('3')]).toEqual([3, -1, 0]);
  });

  it('shows no message that is not listed, and finds it for a retry all the same', async () => {
    await library.add({ messages: [message('1'), message('2', { listed: false, chatId: bob })] });
    expect(await chats()).toEqual([ann]);
    await library.change({ id: '1' }, () => ({ listed: false }));
    expect(await ids()).toEqual([]);
    expect(await library.message([ann], '1')).toBeNull();
    expect((await store.of('main').find('2'))?.chatId).toBe(bob);
  });

  it('shows the two chats of one person as one, whichever is newer, in whichever order it learns of them', async () => {
    await library.add({ messages: [message('1', { timestamp: 10 }), message('3', { chatId: annLid, timestamp: 30 })] });
    await library.add({ messages: [message('2', { chatId: bob, timestamp: 20 })] });
    expect(await chats({ merge: true })).toEqual([annLid, bob, ann]);
    await library.add({ lids: [{ lid: annLid, pn: ann }] });
    expect(await chats({ merge: true })).toEqual([annLid, bob]);
    await library.add({ messages: [message('4', { timestamp: 40 })] });
    expect(await chats({ merge: true })).toEqual([ann, bob]);
    expect(await chats()).toEqual([ann, annLid, bob]);
    expect(await ids({ chatIds: [ann, annLid], limit: 2, offset: 1 })).toEqual(['3', '1']);
    await library.add({ removedChats: [ann] });
    expect(await chats({ merge: true })).toEqual([annLid, bob]);
  });

  it('takes what becomes of a person’s chat today as said of both names, and of a history each as it was', async () => {
    const both = () => library.chats({ ids: [ann, annLid], sortBy: 'id' });
    await library.add({ messages: [message('1'), message('2', { chatId: annLid })], live: true });
    await library.add({ lids: [{ lid: annLid, pn: ann }] });
    for (const [one, archived] of [
      [ann, true],
      [annLid, false],
    ] as const) {
      await library.add({ chats: [{ id: one, archived, unread: -1, pinned: 7, mutedUntil: -1 }], live: true });
      const state = { archived, unread: -1, pinned: 7, mutedUntil: -1 };
      expect(await both()).toMatchObject([state, state]);
    }
    await library.add({ chats: [{ id: ann, archived: true, unread: 2, timestamp: 500 }] });
    expect((await both()).map(({ id, archived }) => [id, archived])).toEqual(
      [
        [annLid, false],
        [ann, true],
      ].sort(),
    );
    await library.add({ chats: [{ id: bob, archived: true }], live: true });
    expect(await chats()).toContain(bob);
    await library.add({ removedChats: [annLid], live: true });
    expect([await chats(), await ids()]).toEqual([[bob], []]);
  });

  it('files a person under the phone number, and calls the chats by that name', async () => {
    await library.add({ messages: [message('1', { chatId: annLid })], contacts: [{ id: annLid, pushName: 'Ann' }] });
    await library.add({ lids: [{ lid: annLid, pn: ann }], contacts: [{ id: ann, name: 'Ann Smith' }] });
    expect(await library.contacts({})).toEqual([{ id: ann, name: 'Ann Smith', pushName: 'Ann', verifiedName: null }]);
    expect(await library.chats({})).toMatchObject([{ id: annLid, name: 'Ann Smith' }]);
    await library.add({ messages: [message('2')], chats: [{ id: group, name: 'Friends' }] });
    expect((await library.chats({ sortBy: 'name' })).map(({ name }) => name)).toEqual([
      'Ann Smith',
      'Ann Smith',
      'Friends',
    ]);
    expect(await library.pairsOf([ann])).toEqual([{ lid: annLid, pn: ann }]);
    expect([await library.countLids(), await library.lids({})]).toEqual([1, [{ lid: annLid, pn: ann }]]);
  });

  it('keeps statuses and channels out of the list of chats', async () => {
    await library.add({
      messages: [message('1', { chatId: 'status@broadcast' }), message('2', { chatId: '12@newsletter' })],
    });
    expect(await chats()).toEqual([]);
    expect(await ids({ chatIds: ['status@broadcast'] })).toEqual(['1']);
  });

  it('keeps labels, and what they are on', async () => {
    await library.add({ labels: [{ id: '1', name: 'New', color: 2 }], labelled: [{ labelId: '1', chatId: ann }] });
    await library.add({ labelled: [{ labelId: '1', chatId: ann, messageId: 'A' }] });
    expect(await library.labels()).toEqual([{ id: '1', name: 'New', color: 2 }]);
    expect(await library.labelLinks({ chatId: ann })).toHaveLength(2);
    await library.add({ unlabelled: [{ labelId: '1', chatId: ann }] });
    expect(await library.labelLinks({ labelId: '1' })).toEqual([{ labelId: '1', chatId: ann, messageId: 'A' }]);
    await library.add({ removedLabels: ['1'] });
    expect([await library.labels(), await library.labelLinks({ labelId: '1' })]).toEqual([[], []]);
  });

  it('takes much at once in pieces, and prunes the oldest', async () => {
    store = await openStore(500);
    library = store.library('main');
    await library.add({
      messages: Array.from({ length: 2_000 }, (_, at) => message(String(at).padStart(4, '0'), { timestamp: at })),
      contacts: Array.from({ length: 500 }, (_, at) => ({ id: `${at}@c.us`, pushName: `p${at}` })),
    });
    await store.close();
    const kept = await ids();
    expect([kept[0], kept[499]]).toEqual(['1999', '1500']);
    expect(kept.length).toBeLessThanOrEqual(700);
    expect(await library.contacts({ limit: 1_000 })).toHaveLength(500);
  });

  it('is gone after clear, and only its own', async () => {
    const other = store.library('other');
    for (const one of [library, other]) {
      await one.add({ messages: [message('1')], lids: [{ lid: annLid, pn: ann }], contacts: [{ id: ann, name: 'A' }] });
      await one.putPendingJob({ id: 'c', data: new Uint8Array([1]) });
    }
    await store.clear('main');
    const left = async (one: SessionLibrary) => [
      (await one.chats({})).length,
      (await one.messages({ chatIds: [ann] })).length,
      (await one.contacts({})).length,
      await one.countLids(),
      (await one.pendingJobs()).length,
    ];
    expect([await left(library), await left(other)]).toEqual([
      [0, 0, 0, 0, 0],
      [1, 1, 1, 1, 1],
    ]);
  });

  it('fails only the calls whose commit failed', async () => {
    const batch = database.batch.bind(database);
    database.batch = () => Promise.reject(new Error('disk full'));
    await expect(library.add({ messages: [message('1')] })).rejects.toThrow('disk full');
    database.batch = batch;
    await library.add({ messages: [message('2')] });
    expect(await ids()).toEqual(['2']);
  });
});
