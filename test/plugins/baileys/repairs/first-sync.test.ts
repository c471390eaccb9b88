import { type BaileysEventMap, makeEventBuffer } from '@whiskeysockets/baileys';
import { describe, expect, it, vi } from 'vitest';
import { AuthState } from '../../../../plugins/baileys/credentials/auth-state.ts';
import { deferred } from '../../../../plugins/baileys/deferred.ts';
import { Archive } from '../../../../plugins/baileys/inbound/archive.ts';
import { syncOnce } from '../../../../plugins/baileys/repairs/first-sync.ts';
import type { BaileysSocket } from '../../../../plugins/baileys/socket/socket.ts';
import { quietLogger as quiet } from '../quiet-logger.ts';
import { MemoryAuth, testLog } from '../session.ts';

const id = '4915200003001@s.whatsapp.net';

/** A socket's events, Baileys' own, with the archive listening; the first sync ends when the test says so. */
const linked = async (accountSyncCounter = 0) => {
  const auth = await AuthState.load({
    session: 'test',
    auth: new MemoryAuth(),
    log: testLog,
    onFailure: () => undefined,
  });
  auth.creds.accountSyncCounter = accountSyncCounter;
  const ev = makeEventBuffer(quiet);
  const synced = deferred();
  const resyncAppState = vi.fn(() => synced.promise);
  syncOnce({ ev, resyncAppState } as unknown as BaileysSocket, auth, testLog);
  const told: unknown[] = [];
  const publisher = { publish: async (_name: string, payload: unknown) => void told.push(payload) };
  new Archive({ ev } as unknown as BaileysSocket, {
    publisher: publisher as never,
    people: { of: async () => null },
    now: () => 1_000,
    tell: (fact) => void fact.publish(),
  });
  const end = async (): Promise<void> => {
    synced.resolve();
    await new Promise(setImmediate);
  };
  const archived = (chat: string, more: Partial<BaileysEventMap['chats.update'][number]> = {}) =>
    ev.emit('chats.update', [{ id: chat, archived: true, ...more }]);
  const key = () => ev.emit('creds.update', { myAppStateKeyId: 'AAAA' });
  return { ev, auth, told, end, archived, key, resyncAppState };
};

describe('the first sync of the app state', () => {
  it('begins with the key of the phone, once', async () => {
    const { key, resyncAppState, auth } = await linked();
    expect(resyncAppState).not.toHaveBeenCalled();
    key();
    key();
    expect(resyncAppState).toHaveBeenCalledExactlyOnceWith(expect.arrayContaining(['regular_low']), true);
    expect(auth.creds.accountSyncCounter).toBe(1);
  });

  it('makes no news of what was archived before, also when Baileys reads it of its own accord', async () => {
    const { key, archived, told, end } = await linked();
    key();
    archived(id);
    await end();
    archived(id);
    expect(told).toEqual([]);
    archived('4915200003002@s.whatsapp.net');
    expect(told).toEqual([{ id: '4915200003002@c.us', archived: true, timestamp: 1 }]);
  });

  it('is over with its answer, even while what it told waits in the buffer', async () => {
    const { ev, key, archived, told, end } = await linked();
    ev.buffer();
    key();
    archived(id);
    await end();
    archived('4915200003002@s.whatsapp.net');
    ev.flush();
    expect(told).toEqual([expect.objectContaining({ id: '4915200003002@c.us' })]);
  });

  it('still lets a message take its chat out of the archive', async () => {
    const { key, archived, told } = await linked();
    key();
    archived(id);
    archived(id, { archived: false, conversationTimestamp: 1 });
    expect(told).toEqual([expect.objectContaining({ archived: false })]);
  });

  it('was done in an earlier connection: all is news from the start', async () => {
    const { key, archived, told, resyncAppState } = await linked(1);
    key();
    archived(id);
    expect(resyncAppState).not.toHaveBeenCalled();
    expect(told).toHaveLength(1);
  });
});
