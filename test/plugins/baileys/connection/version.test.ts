import { describe, expect, it } from 'vitest';
import { CapturedHttp } from '../../../../core/testing/captured-http.ts';
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

  const whatsApp = (revision: () => number) => {
    const http = new CapturedHttp();
    http.answers(() => ({ body: Buffer.from(`self.x=JSON.parse("{\\"client_revision\\":${revision()}}")`) }));
    return http;
  };

  it('is asked for once by all sessions, and remembered', async () => {
    const [kept, http] = [storage(), whatsApp(() => 7)];
    const versions = new FetchedVersion({ settings, storage: kept, log: testLog, http });
    expect(await Promise.all([versions.current(), versions.current()])).toEqual([
      [2, 3000, 7],
      [2, 3000, 7],
    ]);
    const later = new FetchedVersion({ settings, storage: kept, log: testLog, http });
    expect(await later.current()).toEqual([2, 3000, 7]);
    expect(http.requests).toMatchObject([{ url: 'https://web.whatsapp.com/sw.js', timeoutMs: 1000 }]);
  });

  it('is asked for again once, not per session, when WhatsApp calls it outdated', async () => {
    let now = 0;
    let latest = 7;
    const http = whatsApp(() => latest);
    const versions = new FetchedVersion({ settings, storage: storage(), log: testLog, http, now: () => now });
    const used = await versions.current();
    latest = 8;
    now += 3_600_000;
    expect(await Promise.all([versions.outdated(used), versions.outdated(used)])).toEqual([true, true]);
    expect(await versions.outdated([2, 3000, 8])).toBe(false);
    expect(http.requests).toHaveLength(2);
  });

  it.each([
    ['there is no network', () => Promise.reject(new Error('no network'))],
    ['WhatsApp refuses', () => ({ status: 403 })],
    ['the page names none', () => ({ body: Buffer.from('self.x={}') })],
  ])("is the library's own when %s", async (_, answer) => {
    const http = new CapturedHttp();
    http.answers(answer);
    const versions = new FetchedVersion({ settings, storage: storage(), log: testLog, http });
    expect(await versions.current()).toBeUndefined();
    expect(await versions.outdated(undefined)).toBe(false);
  });
});
