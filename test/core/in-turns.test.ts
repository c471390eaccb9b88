import { describe, expect, it } from 'vitest';
import { mapInTurns } from '../../core/in-turns.ts';

/** Notes each turn of the event loop beside what is noted otherwise, until it is stopped. */
const turns = () => {
  const seen: string[] = [];
  let isOver = false;
  const note = (): void => {
    seen.push('turn');
    if (!isOver) setImmediate(note);
  };
  setImmediate(note);
  return {
    seen,
    stop: () => {
      isOver = true;
    },
  };
};

describe('mapInTurns', () => {
  it('maps in order, and lets others have their turn after so many', async () => {
    const { seen, stop } = turns();
    const map = async (item: number) => {
      seen.push(`item ${item}`);
      return item * 2;
    };
    expect(await mapInTurns([1, 2, 3, 4, 5], map, 2)).toEqual([2, 4, 6, 8, 10]);
    stop();
    const between = seen.slice(seen.indexOf('item 2'), seen.indexOf('item 3'));
    expect(between).toContain('turn');
    expect(seen.slice(seen.indexOf('item 4'), seen.indexOf('item 5'))).toContain('turn');
  });

  it('maps one piece in a turn, of however many lists', async () => {
    const { seen, stop } = turns();
    const lists = Array.from({ length: 10 }, (_, list) => mapInTurns([1, 2, 3], () => seen.push(`list ${list}`), 1));
    await Promise.all(lists);
    stop();
    const pieces = seen
      .join(' ')
      .split('turn')
      .map((text) => text.match(/list/g)?.length ?? 0);
    expect(Math.max(...pieces)).toBe(1);
    expect(pieces.reduce((sum, count) => sum + count)).toBe(30);
  });

  it('maps a short list at once', async () => {
    const seen: number[] = [];
    const mapped = mapInTurns([1, 2], (item) => seen.push(item));
    expect(seen).toEqual([1, 2]);
    await mapped;
  });

  it('fails as the first that fails', async () => {
    await expect(mapInTurns([1, 2], (item) => Promise.reject(new Error(`item ${item}`)))).rejects.toThrow('item 1');
  });
});
