import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  lastingRetries,
  longestWaitMs,
  type RetryPlan,
  retryAfterMs,
  retryDelay,
  retryPlan,
} from '../../../plugins/webhook/endpoints/retry-delay.ts';
import { propertyRuns } from '../../support/property-runs.ts';

/** All waits of a plan, in seconds. */
const waits = (plan: RetryPlan, random: () => number): number[] => {
  const delays: number[] = [];
  for (let delay = retryDelay(plan, 1, random); delay !== null; delay = retryDelay(plan, delays.length + 1, random)) {
    delays.push(delay / 1000);
  }
  return delays;
};
const zero = () => 0;

describe("WAHA's policies", () => {
  it('constant waits 2, 2, 2 …, 15 times, when a retries object says nothing more', () => {
    expect(waits(retryPlan({}), zero)).toEqual(Array(15).fill(2));
  });

  it('linear waits 2, 4, 6 …', () => {
    expect(waits(retryPlan({ policy: 'linear', attempts: 4 }), zero)).toEqual([2, 4, 6, 8]);
  });

  it('exponential waits 2, 4.1, 8.4, 16.3 with up to a fifth on top', () => {
    const jitters = [0, 0.125, 0.25, 0.09375];
    const random = () => jitters.shift() ?? 0;
    expect(waits(retryPlan({ policy: 'exponential', attempts: 4 }), random)).toEqual([2, 4.1, 8.4, 16.3]);
  });

  it('exponential never waits less than its step, nor a fifth more', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.integer({ min: 1, max: 15 }),
        (jitter, retry) => {
          const step = 2_000 * 2 ** (retry - 1);
          const delay = retryDelay(retryPlan({ policy: 'exponential', attempts: 15 }), retry, () => jitter);
          expect(delay).toBeGreaterThanOrEqual(step);
          expect(delay).toBeLessThanOrEqual(Math.ceil(step * 1.2));
        },
      ),
      propertyRuns(100),
    );
  });

  it('take their delay and number of attempts from the config', () => {
    expect(waits(retryPlan({ policy: 'constant', delaySeconds: 0.5, attempts: 3 }), zero)).toEqual([0.5, 0.5, 0.5]);
    expect(waits(retryPlan({ attempts: 0 }), zero)).toEqual([]);
  });

  it('never wait longer than a day', () => {
    const delay = retryDelay(retryPlan({ policy: 'exponential', attempts: 1000 }), 1000, zero);
    expect(delay).toBe(longestWaitMs);
  });
});

describe('without a retries object, retries', () => {
  it('double up to an hour', () => {
    expect(waits(retryPlan(undefined), zero).slice(0, 13)).toEqual([
      2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600,
    ]);
    expect(retryPlan(null)).toBe(lastingRetries);
  });

  it('go on for a night: between 10 and 12.5 hours', () => {
    const total = (random: () => number) => waits(lastingRetries, random).reduce((sum, wait) => sum + wait, 0) / 3600;
    expect(total(zero)).toBeGreaterThan(10);
    expect(total(() => 0.999)).toBeLessThan(12.5);
  });
});

describe('Retry-After', () => {
  const now = Date.UTC(2026, 0, 1);
  it.each([
    ['in seconds', '120', 120_000],
    ['as a date', new Date(now + 30_000).toUTCString(), 30_000],
    ['as a date that is past', new Date(now - 30_000).toUTCString(), 0],
    ['absent', undefined, 0],
    ['empty', ' ', 0],
    ['nonsense', 'soon', 0],
    ['negative', '-5', 0],
    ['a year', '31536000', longestWaitMs],
  ])('%s', (_, header, wait) => {
    expect(retryAfterMs(header, now)).toBe(wait);
  });
});
