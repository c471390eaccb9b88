import { describe, expect, it } from 'vitest';
import { RecentIds } from '../../../core/events/recent-ids.ts';

/** The same numbers each time. */
const numbers = (seed: number) => () => {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
  return seed / 2 ** 32;
};

describe('ids that are remembered', () => {
  it('are at least the last half of the limit, and never more than the limit', () => {
    const recent = new RecentIds(10);
    const all = Array.from({ length: 100 }, (_, index) => `id ${String(index).padStart(3, '0')}`);
    for (const [index, id] of all.entries()) {
      recent.add(id);
      const kept = all.slice(0, index + 1).filter((each) => recent.has(each));
      expect(kept).toEqual(all.slice(index + 1 - kept.length, index + 1));
      expect(kept.length).toBeGreaterThanOrEqual(Math.min(index + 1, 5));
      expect(kept.length).toBeLessThanOrEqual(10);
    }
  });

  it('say the last of those that are forgotten, in whatever order they came', () => {
    const recent = new RecentIds(4);
    const told = ['c', 'z', 'a', 'b', 'd', 'x', 'f', 'e'].map((id) => recent.add(id));
    expect(told).toEqual([null, null, null, 'z', null, 'b', null, 'x']);
  });

  it('lie behind the last forgotten one, or are known: none gets lost in between', () => {
    const random = numbers(7);
    for (const limit of [1, 2, 3, 8, 25]) {
      const recent = new RecentIds(limit);
      const added: string[] = [];
      let last = '';
      for (let step = 0; step < 400; step++) {
        const id = Math.floor(random() * 300).toString(36);
        const forgotten = recent.add(id);
        if (forgotten !== null && forgotten > last) last = forgotten;
        added.push(id);
        expect(added.filter((each) => !recent.has(each) && each > last)).toEqual([]);
      }
    }
  });
});
