import { describe, expect, it } from 'vitest';
import { mapInTurns } from '../../core/in-turns.ts';

describe('mapInTurns', () => {
  it('maps in order, and lets others have their turn after so many', async () => {
    const seen: string[] = [];
    const others = (): unknown => seen.push('other') < 20 && setImmediate(others);
    setImmediate(others);
    const mapped = await mapInTurns(
      [1, 2, 3, 4, 5],
      async (item) => {
        seen.push(`item ${item}`);
        return item * 2;
      },
      2,
    );
    expect(mapped).toEqual([2, 4, 6, 8, 10]);
    expect(seen.slice(0, 3)).toEqual(['item 1', 'item 2', 'other']);
    expect(seen.indexOf('other', 3)).toBeLessThan(seen.indexOf('item 5'));
  });

  it('fails as the first that fails', async () => {
    await expect(mapInTurns([1, 2], (item) => Promise.reject(new Error(`item ${item}`)))).rejects.toThrow('item 1');
  });
});
