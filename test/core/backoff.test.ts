import { expect, it } from 'vitest';
import { backoff } from '../../core/backoff.ts';

it('waits twice as long after each failure, up to a bound', () => {
  const waits = [1, 2, 3, 4, 5, 6].map((failures) => backoff(failures, { first: 250, longest: 3_000 }));
  expect(waits).toEqual([250, 500, 1_000, 2_000, 3_000, 3_000]);
});

it('stays a number that a timer takes, however often something failed', () => {
  expect(backoff(1_000_000, { first: 1_000, longest: 120_000 })).toBe(120_000);
  expect(backoff(0, { first: 1_000, longest: 120_000 })).toBe(1_000);
});
