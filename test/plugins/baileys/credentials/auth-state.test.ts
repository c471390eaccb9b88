import { initAuthCreds, proto } from '@whiskeysockets/baileys';
import { describe, expect, it, vi } from 'vitest';
import { AuthState } from '../../../../plugins/baileys/credentials/auth-state.ts';
import { encodeCredentials } from '../../../../plugins/baileys/credentials/credential-codec.ts';
import { MemoryAuth, testLog } from '../session.ts';

const load = (auth: MemoryAuth, onFailure: (error: unknown) => void = () => undefined) =>
  AuthState.load({ session: 'test', auth, log: testLog, onFailure });

const link = (state: AuthState) => {
  const account = proto.ADVSignedDeviceIdentity.fromObject({ details: Buffer.from([1, 2, 3]) });
  Object.assign(state.creds, { account, me: { id: '4915100000001:1@s.whatsapp.net', name: 'Anna' } });
};

/** A store that has read at once and answers when the test says so. */
class SlowReads extends MemoryAuth {
  reads = 0;
  #waiting: (() => void)[] = [];

  answer(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  override async keys(type: string, ids: readonly string[]) {
    this.reads++;
    const found = super.keys(type, ids);
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return found;
  }
}

describe('credentials', () => {
  it('come back as they were stored, bytes and all', async () => {
    const auth = new MemoryAuth();
    const state = await load(auth);
    link(state);
    await state.saveCredentials();
    expect(auth.stored?.linked).toBe(true);
    const { creds } = await load(auth);
    expect(creds.noiseKey).toEqual(state.creds.noiseKey);
    expect(creds.me).toEqual(state.creds.me);
    expect(Buffer.from(creds.account?.details ?? [])).toEqual(Buffer.from([1, 2, 3]));
  });

  it('are not stored before a phone has linked the device', async () => {
    const auth = new MemoryAuth();
    const state = await load(auth);
    state.creds.me = { id: '4915100000001@s.whatsapp.net', name: '~' };
    await state.saveCredentials();
    expect(auth.commits).toEqual([]);
  });

  it('of a pairing that never finished are not taken up again', async () => {
    const auth = new MemoryAuth();
    const left = { ...initAuthCreds(), me: { id: '4915100000001@s.whatsapp.net', name: '~' } };
    auth.stored = { value: encodeCredentials(left), linked: false };
    const { creds, linked } = await load(auth);
    expect([creds.me, linked]).toEqual([undefined, false]);
    expect(creds.noiseKey).not.toEqual(left.noiseKey);
  });

  it.each([
    ['no JSON', Buffer.from('{')],
    ['no keys', Buffer.from('{"registrationId":1}')],
    ['nothing', Buffer.alloc(0)],
  ])('that are damaged (%s) are reported, not replaced', async (_, value) => {
    const auth = new MemoryAuth();
    auth.stored = { value, linked: true };
    await expect(load(auth)).rejects.toMatchObject({ code: 'CORRUPT_AUTH' });
  });
});

describe('keys', () => {
  it('of every kind come back as Baileys gave them', async () => {
    const auth = new MemoryAuth();
    const data = {
      'pre-key': { '1': { public: Buffer.alloc(32, 1), private: Buffer.alloc(32, 2) } },
      session: { 'a.0': { _sessions: { k: { registrationId: 1 } }, version: 'v1' } as never },
      'sender-key': { g: Buffer.from('{}') },
      'sender-key-memory': { g: { '1@lid': true } },
      'app-state-sync-key': { k: proto.Message.AppStateSyncKeyData.fromObject({ keyData: Buffer.from([9]) }) },
      'lid-mapping': { '1': '2' },
      'device-list': { '1': ['0', '1'] },
    };
    await (await load(auth)).keys.set(data);
    const { keys } = await load(auth);
    for (const [type, values] of Object.entries(data)) {
      const got = await keys.get(type as never, Object.keys(values));
      expect(JSON.stringify(got)).toBe(JSON.stringify(values));
    }
    const { k } = await keys.get('app-state-sync-key', ['k']);
    expect(Buffer.from((k?.keyData ?? []) as Uint8Array)).toEqual(Buffer.from([9]));
    await keys.set({ 'lid-mapping': { '1': null } });
    expect(await keys.get('lid-mapping', ['1'])).toEqual({});
    expect(auth.store.has('lid-mapping.1')).toBe(false);
  });

  it('are written together with the credentials that count them', async () => {
    const auth = new MemoryAuth();
    const state = await load(auth);
    link(state);
    const saved = state.saveCredentials();
    await Promise.all([
      saved,
      state.keys.set({ 'lid-mapping': { '1': '2' } }),
      state.keys.set({ 'lid-mapping': { '3': '4' } }),
    ]);
    expect(auth.commits).toHaveLength(1);
    expect(auth.commits[0]?.keys).toHaveLength(2);
    expect(auth.commits[0]?.credentials?.linked).toBe(true);
  });

  it('that are being written are waited for by settled()', async () => {
    const auth = new MemoryAuth();
    const state = await load(auth);
    void state.keys.set({ 'lid-mapping': { '1': '2' } });
    await state.settled();
    expect(auth.store.has('lid-mapping.1')).toBe(true);
  });

  it('are read once, and a change in place does not run ahead of the store', async () => {
    const auth = new MemoryAuth();
    const state = await load(auth);
    await state.keys.set({ 'lid-mapping': { '1': '2' }, 'sender-key-memory': { g: { a: true } } });
    const read = vi.spyOn(auth, 'keys');
    await state.keys.get('lid-mapping', ['1']);
    expect(read).not.toHaveBeenCalled();
    const { g } = await state.keys.get('sender-key-memory', ['g']);
    Object.assign(g ?? {}, { b: true });
    expect(await state.keys.get('sender-key-memory', ['g'])).toEqual({ g: { a: true } });
  });

  it('that Baileys changes in place are read once, too, each time as a value of its own', async () => {
    const auth = new MemoryAuth();
    const writer = await load(auth);
    await writer.keys.set({ 'device-list': { anna: ['0', '1'] } });
    const state = await load(auth);
    const read = vi.spyOn(auth, 'keys');
    const first = await state.keys.get('device-list', ['anna', 'nobody']);
    first['anna']?.push('2');
    expect(await state.keys.get('device-list', ['anna', 'nobody'])).toEqual({ anna: ['0', '1'] });
    expect(read).toHaveBeenCalledTimes(1);
    await state.keys.set({ 'device-list': { anna: ['7'], nobody: ['0'] } });
    expect(await state.keys.get('device-list', ['anna', 'nobody'])).toEqual({ anna: ['7'], nobody: ['0'] });
    await state.keys.set({ 'device-list': { anna: null } });
    expect(await state.keys.get('device-list', ['anna'])).toEqual({});
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('of that kind are read each time when they are long', async () => {
    const auth = new MemoryAuth();
    const state = await load(auth);
    const members = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`${index}@lid`, true]));
    await state.keys.set({ 'sender-key-memory': { g: { a: true } } });
    await state.keys.set({ 'sender-key-memory': { g: members } });
    const read = vi.spyOn(auth, 'keys');
    for (let time = 1; time <= 2; time++) {
      expect(await state.keys.get('sender-key-memory', ['g'])).toEqual({ g: members });
      expect(read).toHaveBeenCalledTimes(time);
    }
  });

  it('are remembered although another one was written while they were read', async () => {
    const auth = new SlowReads();
    auth.store.set('lid-mapping.1', Buffer.from('"2"'));
    const state = await load(auth);
    const [one, two] = [state.keys.get('lid-mapping', ['1', 'none']), state.keys.get('lid-mapping', ['1'])];
    await state.keys.set({ 'lid-mapping': { '3': '4' } });
    auth.answer();
    expect([await one, await two]).toEqual([{ '1': '2' }, { '1': '2' }]);
    expect(await state.keys.get('lid-mapping', ['1', '3'])).toEqual({ '1': '2', '3': '4' });
    expect(await state.keys.get('lid-mapping', ['none'])).toEqual({});
    expect(auth.reads).toBe(2);
  });

  it('are not remembered as they were when they were written, or the rest was forgotten, while they were read', async () => {
    const auth = new SlowReads();
    auth.store.set('device-list.a', Buffer.from('["0"]'));
    const state = await load(auth);
    const former = state.keys.get('device-list', ['a', 'b']);
    await state.keys.set({ 'device-list': { a: ['1'], b: ['2'] } });
    auth.answer();
    expect(await former).toEqual({ a: ['0'] });
    expect(await state.keys.get('device-list', ['a', 'b'])).toEqual({ a: ['1'], b: ['2'] });
    const late = state.keys.get('device-list', ['c']);
    await state.settled();
    auth.answer();
    await late;
    auth.store.set('device-list.c', Buffer.from('["3"]'));
    const again = state.keys.get('device-list', ['c']);
    auth.answer();
    expect(await again).toEqual({ c: ['3'] });
  });

  it('that could not be read are asked for again', async () => {
    const auth = new MemoryAuth();
    const state = await load(auth);
    auth.failing = 'reads';
    await expect(state.keys.get('device-list', ['a'])).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    auth.failing = 'no';
    auth.store.set('device-list.a', Buffer.from('["0"]'));
    expect(await state.keys.get('device-list', ['a'])).toEqual({ a: ['0'] });
  });

  it('that are damaged are left out', async () => {
    const auth = new MemoryAuth();
    auth.store.set('session.a', Buffer.from('{'));
    expect(await (await load(auth)).keys.get('session', ['a'])).toEqual({});
  });

  it('tell of a store that fails, and keep failing', async () => {
    const auth = new MemoryAuth();
    const failures: unknown[] = [];
    const state = await load(auth, (error) => failures.push(error));
    auth.failing = 'writes';
    await expect(state.keys.set({ 'lid-mapping': { '1': '2' } })).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    auth.failing = 'reads';
    await expect(state.keys.get('lid-mapping', ['9'])).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    expect(failures).toHaveLength(2);
  });
});
