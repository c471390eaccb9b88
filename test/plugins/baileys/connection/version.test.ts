import { describe, expect, it, vi } from 'vitest';
import { FetchedVersion } from '../../../../plugins/baileys/connection/version.ts';
import { testLog } from '../session.ts';

describe('the version to present', () => {
  const settings = { enabled: true, timeoutMs: 1000 };
  const storage = () => {
    const values = new Map<string, unknown>();
    return {
      get: async <T>(key: string) => values.get(key) as T | undefined,
      set: async (key: string, value: unknown) => void values.set(key, value),
      remove: async (key: string) => void values.delete(key),
      keys: async () => [...values.keys()],
    };
  };

  it('is asked for once by all sessions, and remembered', async () => {
    const kept = storage();
    const fetch = vi.fn(async () => [2, 3000, 7] as [number, number, number]);
    const versions = new FetchedVersion({ settings, storage: kept, log: testLog, fetch });
    expect(await Promise.all([versions.current(), versions.current()])).toEqual([
      [2, 3000, 7],
      [2, 3000, 7],
    ]);
    const later = new FetchedVersion({ settings, storage: kept, log: testLog, fetch });
    expect(await later.current()).toEqual([2, 3000, 7]);
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it('is asked for again once, not per session, when WhatsApp calls it outdated', async () => {
    let now = 0;
    let latest = 7;
    const fetch = vi.fn(async () => [2, 3000, latest] as [number, number, number]);
    const versions = new FetchedVersion({ settings, storage: storage(), log: testLog, fetch, now: () => now });
    const used = await versions.current();
    latest = 8;
    now += 3_600_000;
    expect(await Promise.all([versions.outdated(used), versions.outdated(used)])).toEqual([true, true]);
    expect(await versions.outdated([2, 3000, 8])).toBe(false);
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  it("is the library's own when it cannot be found out", async () => {
    const fetch = async () => Promise.reject(new Error('no network'));
    const versions = new FetchedVersion({ settings, storage: storage(), log: testLog, fetch });
    expect(await versions.current()).toBeUndefined();
    expect(await versions.outdated(undefined)).toBe(false);
  });
});
