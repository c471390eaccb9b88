import { beforeEach, describe, expect, it } from 'vitest';
import type { SessionAuth } from '../../../core/engine.ts';
import type { Collection, CollectionSchema, Database, RowOf } from '../../../core/index.ts';
import { type Column, Steps } from '../../../core/storage.ts';
import { CollectionAuthStore } from '../../../core/stores/auth-store.ts';
import { credentialsSchema } from '../../../core/stores/credentials.ts';
import { timeLimit } from '../../../core/stores/time-limit.ts';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import { SimulatedClock, settle } from '../../support/clock.ts';
import { recordingLog } from '../../support/log.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));
const linked = (text: string) => ({ credentials: { value: bytes(text), linked: true } });
const unlinked = (text: string) => ({ credentials: { value: bytes(text), linked: false } });
const key = (id: string, text: string | null) => ({ type: 'session', id, value: text === null ? null : bytes(text) });

let database: Database;
let store: CollectionAuthStore;
let auth: SessionAuth;
let log: ReturnType<typeof recordingLog>;
let clock: SimulatedClock;

beforeEach(async () => {
  database = memoryDatabase();
  log = recordingLog();
  clock = new SimulatedClock();
  store = await CollectionAuthStore.open(database, timeLimit('memory', clock, 10_000), log);
  auth = store.open('main');
});

const text = async (handle = auth): Promise<string | null> => {
  const found = await handle.credentials();
  return found === null ? null : `${Buffer.from(found.value)} ${found.linked ? 'linked' : 'unlinked'}`;
};

describe('credentials', () => {
  it('are null before the first commit', async () => {
    expect(await auth.credentials()).toBeNull();
  });

  it('come back as committed, as a copy', async () => {
    const value = bytes('one');
    const saving = auth.commit({ credentials: { value, linked: false } });
    value.fill(0);
    await saving;
    expect(await text()).toBe('one unlinked');
  });

  it('of one session are not those of another', async () => {
    await auth.commit(linked('one'));
    await store.open('other').commit(unlinked('two'));
    expect(await text()).toBe('one linked');
  });

  it('that are linked are not overwritten by unlinked ones, whoever opened the session', async () => {
    await auth.commit(linked('one'));
    await expect(auth.commit(unlinked('two'))).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    await expect(store.open('main').commit({ ...unlinked('two'), keys: [key('a', 'x')] })).rejects.toThrow(/linked/);
    const later = store.open('main');
    expect(await text(later)).toBe('one linked');
    expect((await later.keys('session', ['a'])).size).toBe(0);
  });

  it('committed at once reach the database in the order of the calls', async () => {
    const commits = [
      auth.commit(unlinked('1')),
      auth.commit({ keys: [key('a', '1')] }),
      auth.commit({ ...linked('2'), keys: [key('a', '2')] }),
      auth.commit({ keys: [key('a', '3')] }),
      auth.commit(linked('3')),
    ];
    await auth.flush();
    await Promise.all(commits);
    expect(await text()).toBe('3 linked');
    expect(Buffer.from((await auth.keys('session', ['a'])).get('a') ?? []).toString()).toBe('3');
  });
});

describe('damaged credentials', () => {
  const damage = async (...slots: string[]): Promise<void> => {
    const rows: Collection<{ session: string; slot: string; value: Uint8Array; linked: number; checksum: string }> =
      await database.open(credentialsSchema);
    for (const slot of slots) {
      const row = await rows.get({ session: 'main', slot });
      if (row !== null) await rows.put({ ...row, value: row.value.subarray(1) });
    }
  };

  it('are replaced by the previous generation, with a warning', async () => {
    await auth.commit(linked('one'));
    await auth.commit(linked('two'));
    await damage('current');
    expect(await text(store.open('main'))).toBe('one linked');
    expect(log.lines).toMatchObject([{ level: 'warn', fields: { session: 'main' } }]);
  });

  it('go on from the previous generation', async () => {
    await auth.commit(linked('one'));
    await auth.commit(linked('two'));
    await damage('current');
    await store.open('main').commit(linked('three'));
    await damage('current');
    expect(await text(store.open('main'))).toBe('one linked');
  });

  it('are reported when the previous generation is damaged, too', async () => {
    await auth.commit(linked('one'));
    await auth.commit(linked('two'));
    await damage('current', 'previous');
    await expect(auth.credentials()).rejects.toMatchObject({ code: 'CORRUPT_AUTH' });
  });

  it('of a linked session are reported rather than replaced by those from before it was linked', async () => {
    await auth.commit(unlinked('one'));
    await auth.commit(linked('two'));
    await damage('current');
    await expect(auth.credentials()).rejects.toMatchObject({ code: 'CORRUPT_AUTH' });
    await expect(store.open('main').commit(unlinked('new'))).rejects.toMatchObject({ code: 'CORRUPT_AUTH' });
  });

  it('can be archived, which leaves the session unlinked', async () => {
    await auth.commit(linked('one'));
    await damage('current');
    await store.archive('main');
    const later = store.open('main');
    expect(await later.credentials()).toBeNull();
    await later.commit(unlinked('new'));
    expect(await text(later)).toBe('new unlinked');
  });
});

describe('keys', () => {
  it('are set, replaced and removed', async () => {
    await auth.commit({ keys: [key('a', '1'), key('b', '2'), key('c', '3')] });
    await auth.commit({ keys: [key('a', '9'), key('b', null), key('unknown', null)] });
    const found = await auth.keys('session', ['a', 'b', 'c', 'd']);
    expect([...found].map(([id, value]) => `${id}=${Buffer.from(value)}`).sort()).toEqual(['a=9', 'c=3']);
    expect((await auth.keys('pre-key', ['a'])).size).toBe(0);
  });

  it('are read by thousands', async () => {
    const ids = Array.from({ length: 2_500 }, (_, index) => `id-${index}`);
    await auth.commit({ keys: ids.map((id) => key(id, id)) });
    const found = await auth.keys('session', [...ids, ...ids]);
    expect(found.size).toBe(2_500);
    expect(Buffer.from(found.get('id-2499') ?? []).toString()).toBe('id-2499');
  });

  it('are saved with the credentials, or neither is', async () => {
    await auth.commit(linked('one'));
    const bad = { type: 'session', id: 7 as unknown as string, value: bytes('x') };
    await expect(auth.commit({ ...linked('two'), keys: [key('a', '1'), bad] })).rejects.toThrow(/'id'/);
    expect(await text()).toBe('one linked');
    expect((await auth.keys('session', ['a'])).size).toBe(0);
    await auth.commit(linked('three'));
    expect(await text()).toBe('three linked');
  });
});

describe('handles', () => {
  const refused = { code: 'AUTH_REVOKED' };

  it('write nothing once revoked', async () => {
    await auth.commit(linked('one'));
    auth.revoke();
    await expect(auth.commit(linked('late'))).rejects.toMatchObject(refused);
    await expect(auth.commit({ keys: [key('a', '1')] })).rejects.toMatchObject(refused);
    expect(await text()).toBe('one linked');
  });

  it('are revoked by the next one', async () => {
    const next = store.open('main');
    await expect(auth.commit(linked('late'))).rejects.toMatchObject(refused);
    await next.commit(linked('one'));
    expect(await text(next)).toBe('one linked');
  });

  it('are revoked while a commit waits for its turn', async () => {
    const late = auth.commit(linked('late'));
    auth.revoke();
    await expect(late).rejects.toMatchObject(refused);
    expect(await auth.credentials()).toBeNull();
  });

  it('are revoked by clear and archive, so that a late write brings nothing back', async () => {
    await store.clear('main');
    await expect(auth.commit(linked('late'))).rejects.toMatchObject(refused);
    const next = store.open('main');
    await store.archive('main');
    await expect(next.commit(linked('late'))).rejects.toMatchObject(refused);
  });

  it('flush only when every commit is through, and say when one failed', async () => {
    const failing = auth.commit({ keys: [{ type: 'session', id: 1 as unknown as string, value: null }] });
    await expect(auth.flush()).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    await expect(failing).rejects.toThrow();
    await expect(auth.flush()).resolves.toBeUndefined();
  });
});

describe('clearing and archiving', () => {
  const contents = async (): Promise<unknown[]> => {
    const credentials = await database.open(credentialsSchema);
    return (await credentials.find({ orderBy: [{ column: 'slot' }] })).map(
      (row) => `${row.session} ${row.slot} ${Buffer.from(row.value)}`,
    );
  };

  it('archive keeps one generation aside', async () => {
    await auth.commit({ ...linked('one'), keys: [key('a', '1')] });
    await store.archive('main');
    await store.open('main').commit({ ...linked('two'), keys: [key('b', '2')] });
    await store.archive('main');
    const next = store.open('main');
    expect(await next.credentials()).toBeNull();
    expect((await next.keys('session', ['a', 'b'])).size).toBe(0);
    expect(await contents()).toEqual(['main archived two']);
  });

  it('archive of a session without credentials keeps what was archived before', async () => {
    await auth.commit(linked('one'));
    await store.archive('main');
    await store.archive('main');
    expect(await contents()).toEqual(['main archived one']);
  });

  it('clear leaves nothing of the session, and everything of the others', async () => {
    await auth.commit(linked('one'));
    await store.archive('main');
    await store.open('main').commit({ ...linked('two'), keys: [key('a', '1')] });
    const other = store.open('other');
    await other.commit({ ...linked('theirs'), keys: [key('a', '1')] });
    await store.clear('main');
    expect(await contents()).toEqual(['other current theirs']);
    expect((await other.keys('session', ['a'])).size).toBe(1);
    expect((await store.open('main').keys('session', ['a'])).size).toBe(0);
  });
});

describe('a database that hangs', () => {
  it('makes every call reject at the time limit', async () => {
    const slow = await CollectionAuthStore.open(hangingDatabase(), timeLimit('stuck', clock, 10_000), log);
    const handle = slow.open('main');
    const calls = [handle.credentials(), handle.keys('session', ['a']), handle.commit({ keys: [key('a', '1')] })];
    const outcomes = Promise.allSettled([...calls, handle.commit(linked('one')), slow.clear('other')]);
    await settle();
    await clock.pass(9_999);
    expect(clock.pending.size).toBe(5);
    await clock.pass(1);
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'STORAGE_FAILED' } });
      expect((outcome as PromiseRejectedResult).reason.message).toMatch(/^\[stuck] .* took longer than 10 s$/);
    }
  });
});

/** Opens, then answers nothing any more. */
const hangingDatabase = (): Database => {
  const never = () => new Promise<never>(() => undefined);
  const calls = { get: never, find: never, count: never, put: never, remove: never };
  const opening = { ...calls, find: async () => [] };
  return {
    driver: 'stuck',
    open: async <C extends Record<string, Column>>({ name }: CollectionSchema<C>) =>
      Object.assign(new Steps<RowOf<CollectionSchema<C>>>(name), name === 'copied_accounts' ? opening : calls),
    batch: never,
    close: async () => undefined,
  };
};
