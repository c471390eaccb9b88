import { describe, expect, it } from 'vitest';
import { LongLists } from '../../../../../plugins/baileys/client/reading/long-lists.ts';

describe('the long lists of a session', () => {
  it('are read two at a time, while short ones are read at once, and too many are refused', async () => {
    const lists = new LongLists();
    const ends: (() => void)[] = [];
    let running = 0;
    let most = 0;
    const slow = async () => {
      most = Math.max(most, ++running);
      await new Promise<void>((resolve) => ends.push(resolve));
      running -= 1;
    };
    const reading = Array.from({ length: 22 }, () => lists.read(10_000, slow));
    await expect(lists.read(undefined, slow)).rejects.toMatchObject({ status: 429 });
    expect(await lists.read(100, async () => 'short')).toBe('short');
    for (let count = 0; count < 22; count++) {
      await expect.poll(() => ends.length).toBeGreaterThan(0);
      ends.shift()?.();
    }
    await Promise.all(reading);
    expect(most).toBe(2);
  });
});
