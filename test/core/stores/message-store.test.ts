import { beforeEach, describe, expect, it } from 'vitest';
import type { StoredMessage } from '../../../core/engine.ts';
import type { Database } from '../../../core/index.ts';
import { CollectionMessageStore } from '../../../core/stores/message-store.ts';
import { timeLimit } from '../../../core/stores/time-limit.ts';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import { SimulatedClock } from '../../support/clock.ts';
import { recordingLog } from '../../support/log.ts';

const message = (id: string, given: Partial<StoredMessage> = {}): StoredMessage => ({
  chatId: 'ann@s.whatsapp.net',
  id,
  fromMe: false,
  participant: null,
  timestamp: 1_700_000_000,
  data: Uint8Array.from(Buffer.from(id)),
  ...given,
});

let database: Database;
let store: CollectionMessageStore;
const log = recordingLog();
const open = (perSession: number) =>
  CollectionMessageStore.open(database, {
    within: timeLimit('memory', new SimulatedClock(), 10_000),
    retention: { perSession, perLibrary: perSession },
    log,
  });

beforeEach(async () => {
  database = memoryDatabase();
  store = await open(20);
});

const newest = async (session = 'main', limit = 1_000): Promise<string[]> =>
  (await store.of(session).newest('ann@s.whatsapp.net', limit)).map(({ id }) => id);

describe('messages', () => {
  it('are found by id, in their own session', async () => {
    const group = message('1', { chatId: 'g@g.us', participant: 'bob@lid' });
    await store.of('main').remember(group);
    expect(await store.of('main').find('1')).toEqual(group);
    expect(await store.of('other').find('1')).toBeNull();
  });

  it('are replaced when they come again', async () => {
    await store.of('main').remember(message('1'));
    await store.of('main').remember(message('1', { data: new Uint8Array([9]) }));
    expect((await store.of('main').find('1'))?.data).toEqual(new Uint8Array([9]));
    expect(await newest()).toEqual(['1']);
  });

  it('of ours are not replaced by one that somebody sends with the same id', async () => {
    const ours = message('1', { fromMe: true });
    await store.of('main').remember(ours);
    await store.of('main').remember(message('1', { data: new Uint8Array([6, 6, 6]) }));
    await store.of('main').remember(message('1', { chatId: 'eve@s.whatsapp.net' }));
    expect(await store.of('main').find('1')).toEqual(ours);
  });

  it('of a chat come newest first, without our own', async () => {
    const history = store.of('main');
    await history.remember(message('1', { timestamp: 10 }));
    await history.remember(message('2', { timestamp: 30 }));
    await history.remember(message('3', { timestamp: 20 }));
    await history.remember(message('4', { timestamp: 40, fromMe: true }));
    await history.remember(message('5', { timestamp: 50, chatId: 'bob@s.whatsapp.net' }));
    expect(await newest()).toEqual(['2', '3', '1']);
    expect(await newest('main', 1)).toEqual(['2']);
  });

  it('of a session are all gone after clear', async () => {
    await store.of('main').remember(message('1'));
    await store.of('other').remember(message('1'));
    await store.clear('main');
    expect(await newest()).toEqual([]);
    expect(await newest('other')).toEqual(['1']);
  });
});

describe('retention', () => {
  const remember = async (count: number, given: (index: number) => Partial<StoredMessage>): Promise<void> => {
    const history = store.of('main');
    for (let index = 0; index < count; index++) {
      await history.remember(message(String(index).padStart(4, '0'), given(index)));
    }
    await store.close();
  };

  it('keeps the newest messages and a tenth more at most', async () => {
    await remember(100, (index) => ({ timestamp: index }));
    const kept = await newest();
    expect(kept.length).toBeGreaterThanOrEqual(20);
    expect(kept.length).toBeLessThanOrEqual(23);
    expect(kept[0]).toBe('0099');
    expect(kept[19]).toBe('0080');
  });

  it('holds for messages of one and the same second', async () => {
    await remember(100, () => ({}));
    expect((await newest()).length).toBeLessThanOrEqual(23);
    expect((await newest())[0]).toBe('0099');
  });

  it('prunes what an earlier process left, at its first message', async () => {
    await remember(22, (index) => ({ timestamp: index }));
    store = await open(5);
    await store.of('main').remember(message('later', { timestamp: 1_000 }));
    await store.close();
    expect(await newest()).toEqual(['later', '0021', '0020', '0019', '0018']);
  });

  it('does not touch other sessions', async () => {
    await store.of('other').remember(message('old', { timestamp: 0 }));
    await remember(50, (index) => ({ timestamp: 100 + index }));
    expect(await newest('other')).toEqual(['old']);
  });

  it('that fails is logged and fails no call', async () => {
    database.batch = () => Promise.reject(new Error('disk full'));
    await remember(60, (index) => ({ timestamp: index }));
    expect((await newest()).length).toBe(60);
    expect(log.lines.at(-1)).toMatchObject({ level: 'warn', fields: { session: 'main', error: 'disk full' } });
  });
});
