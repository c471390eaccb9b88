import { addTransactionCapability, DEFAULT_CONNECTION_CONFIG, initAuthCreds } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import { AuthState } from '../../../../plugins/baileys/credentials/auth-state.ts';
import { settledMigrations } from '../../../../plugins/baileys/repairs/settled-migrations.ts';
import { quietLogger as quiet } from '../quiet-logger.ts';
import { MemoryAuth, testLog } from '../session.ts';

const number = '4915200003002@s.whatsapp.net';
const hidden = '98765432101234@lid';

/** A session as libsignal stores it, as far as moving looks at it. */
const session = (baseKey: string) => {
  const pair = { pubKey: 'AA==', privKey: 'AA==' };
  const currentRatchet = {
    ephemeralKeyPair: pair,
    lastRemoteEphemeralKey: 'AA==',
    previousCounter: 0,
    rootKey: 'AA==',
  };
  const indexInfo = { baseKey, baseKeyType: 1, closed: -1, used: 1, created: 1, remoteIdentityKey: 'AA==' };
  return { _sessions: { [baseKey]: { registrationId: 7, currentRatchet, indexInfo, _chains: {} } }, version: 'v1' };
};

/** Baileys' own repository over the real key store; `looked` counts how often Baileys looked for something to move. */
const opened = async () => {
  const auth = await AuthState.load({
    session: 'test',
    auth: new MemoryAuth(),
    log: testLog,
    onFailure: () => undefined,
  });
  const keys = addTransactionCapability(auth.keys, quiet, { maxCommitRetries: 1, delayBetweenTriesMs: 0 });
  const looked = { times: 0 };
  const make: typeof DEFAULT_CONNECTION_CONFIG.makeSignalRepository = (state, logger, findLids) => {
    const inner = DEFAULT_CONNECTION_CONFIG.makeSignalRepository(state, logger, findLids);
    return {
      ...inner,
      migrateSession: (from, to) => {
        looked.times += 1;
        return inner.migrateSession(from, to);
      },
    };
  };
  const repository = settledMigrations(auth, make)({ creds: initAuthCreds(), keys }, quiet);
  const stored = async (id: string) => (await auth.keys.get('session', [id]))[id] ?? null;
  return { keys, looked, repository, stored };
};

describe('sessions of a person with two names', () => {
  it('are looked for once where there is nothing to move', async () => {
    const { keys, looked, repository } = await opened();
    await keys.set({ 'device-list': { '4915200003002': ['0'] } });
    for (let times = 0; times < 3; times++) await repository.migrateSession(number, hidden);
    expect(looked.times).toBe(1);
    await repository.migrateSession(number, '11111111111111@lid');
    expect(looked.times).toBe(2);
  });

  it('are moved when one is made under the number, or a device of theirs becomes known, afterwards', async () => {
    const { keys, looked, repository, stored } = await opened();
    await keys.set({ 'device-list': { '4915200003002': ['0'] } });
    await repository.migrateSession(number, hidden);
    await keys.set({ session: { '4915200003002.0': session('Zmlyc3Q=') as never } });
    expect(await repository.migrateSession(number, hidden)).toMatchObject({ migrated: 1 });
    expect(await stored('98765432101234_1.0')).not.toBeNull();
    expect(await stored('4915200003002.0')).toBeNull();
    await repository.migrateSession(number, hidden);
    await keys.set({ session: { '4915200003002.3': session('c2Vjb25k') as never } });
    await keys.set({ 'device-list': { '4915200003002': ['0', '3'] } });
    expect(await repository.migrateSession(number, hidden)).toMatchObject({ migrated: 1 });
    expect(await stored('98765432101234_1.3')).not.toBeNull();
    const before = looked.times;
    await keys.set({ session: { '98765432101234_1.3': session('dGhpcmQ=') as never } });
    await repository.migrateSession(number, hidden);
    await repository.migrateSession(number, hidden);
    expect(looked.times).toBe(before + 1);
  });
});
