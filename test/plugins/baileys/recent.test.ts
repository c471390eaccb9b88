import { describe, expect, it } from 'vitest';
import { KeyCache } from '../../../plugins/baileys/credentials/key-cache.ts';
import { Recent } from '../../../plugins/baileys/recent.ts';

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `name ${index}`);

describe('recent entries', () => {
  it('are always the newest: at least as many as the limit, and an eighth more at most', () => {
    const recent = new Recent<number>(16);
    const all = names(100);
    for (const [index, name] of all.entries()) {
      recent.set(name, index);
      expect(recent.keys()).toEqual(all.slice(index + 1 - recent.size, index + 1));
      expect(recent.size).toBeGreaterThanOrEqual(Math.min(index + 1, 16));
      expect(recent.size).toBeLessThanOrEqual(18);
    }
  });

  it('are forgotten several at a time, as each time costs a walk over all that were forgotten before', () => {
    const recent = new Recent<number>(800);
    let times = 0;
    for (const [index, name] of names(10_000).entries()) {
      const before = recent.size;
      recent.set(name, index);
      if (recent.size <= before) times++;
    }
    expect(times).toBeLessThanOrEqual(10_000 / 100);
  });

  it('are new again when they are set again', () => {
    const recent = new Recent<number>(2);
    for (const name of ['a', 'b', 'a', 'c']) recent.set(name, 1);
    expect(recent.keys()).toEqual(['a', 'c']);
  });
});

describe('the cache of keys', () => {
  it('forgets several at a time, the least recently used first', () => {
    const cache = new KeyCache(16, () => undefined);
    const ids = names(18);
    for (const id of ids) cache.written('session', id, id, () => null);
    cache.get('session', 'name 0');
    cache.written('session', 'one more', 'one more', () => null);
    const kept = ids.filter((id) => cache.get('session', id) !== undefined);
    expect(kept).toEqual(['name 0', ...ids.slice(4)]);
    expect(cache.get('session', 'one more')).toBe('one more');
  });
});
