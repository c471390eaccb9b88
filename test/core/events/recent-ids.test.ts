import { describe, expect, it } from 'vitest';
import { RecentIds } from '../../../core/events/recent-ids.ts';

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
});
