import { describe, expect, it } from 'vitest';
import { restartAll } from './restart-all.ts';

describe('sessions that are all restarted at once while ten of them fail in ten ways', () => {
  it('work, and the ten say why they do not', { timeout: 240_000 }, async () => {
    const { working, failures, mostSocketsPerSession } = await restartAll(10);
    expect(failures.map(({ reason }) => reason)).toEqual(failures.map(({ expected }) => expected));
    expect(working).toBe(10);
    expect(mostSocketsPerSession).toBe(1);
  });
});
