import { describe, expect, it } from 'vitest';
import type { SessionAuth } from '../../../../core/engine.ts';
import { CollectionAuthStore } from '../../../../core/stores/auth-store.ts';
import { timeLimit } from '../../../../core/stores/time-limit.ts';
import { memoryDatabase } from '../../../../core/testing/memory-database.ts';
import { SimulatedClock } from '../../../support/clock.ts';
import { recordingLog } from '../../../support/log.ts';
import { MemoryAuth } from '../session.ts';

type Revocable = SessionAuth & { revoke(): void };

const real = async (): Promise<Revocable> => {
  const within = timeLimit('auth', new SimulatedClock(), 10_000);
  const store = await CollectionAuthStore.open(memoryDatabase(), within, recordingLog());
  return store.open('test') as Revocable;
};

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

describe.each([
  ['of the runtime', real],
  ['of these tests', async (): Promise<Revocable> => new MemoryAuth()],
])('the store of credentials and keys %s', (_, open) => {
  it('gives what was committed, and forgets the keys that are removed', async () => {
    const auth = await open();
    expect(await auth.credentials()).toBeNull();
    const keys = ['1', '2', '3'].map((id) => ({ type: 'pre-key', id, value: bytes(id) }));
    await auth.commit({ credentials: { value: bytes('one'), linked: false }, keys });
    await auth.commit({ credentials: { value: bytes('two'), linked: true } });
    await auth.commit({ keys: [{ type: 'pre-key', id: '2', value: null }] });
    expect(await auth.credentials()).toMatchObject({ value: bytes('two'), linked: true });
    expect([...(await auth.keys('pre-key', ['1', '2', '9'])).keys()]).toEqual(['1']);
    expect([...(await auth.list('pre-key')).keys()]).toEqual(['1', '3']);
    expect((await auth.list('session')).size).toBe(0);
  });

  it('lets no unlinked credentials overwrite linked ones, and takes nothing of such a commit', async () => {
    const auth = await open();
    await auth.commit({ credentials: { value: bytes('linked'), linked: true } });
    const keys = [{ type: 'pre-key', id: '1', value: bytes('1') }];
    const late = auth.commit({ credentials: { value: bytes('unlinked'), linked: false }, keys });
    await expect(late).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    expect(await auth.credentials()).toMatchObject({ value: bytes('linked'), linked: true });
    expect((await auth.list('pre-key')).size).toBe(0);
  });

  it('takes nothing once it is revoked', async () => {
    const auth = await open();
    auth.revoke();
    const late = auth.commit({ keys: [{ type: 'pre-key', id: '1', value: bytes('1') }] });
    await expect(late).rejects.toMatchObject({ code: 'AUTH_REVOKED' });
  });
});
