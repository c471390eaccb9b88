import { describe, expect, it } from 'vitest';
import { killAgainAndAgain } from './kills.ts';

describe('a process that is killed with sessions in every state', () => {
  it('comes back with what was asked of each, and with all credentials', { timeout: 240_000 }, async () => {
    const reports = await killAgainAndAgain(1);
    expect(reports).toEqual([{ round: 1, wrong: [], lostCredentials: [] }]);
  });
});
