import { afterEach, expect, it, vi } from 'vitest';
import { pumped } from '../../../core/testing/passing-time.ts';
import { SimulatedClock } from '../../../core/testing/simulated-clock.ts';

afterEach(() => void vi.useRealTimers());

it('leaves no timer behind that would keep a test process alive', async () => {
  vi.useFakeTimers();
  expect(await pumped(Promise.resolve('done'), new SimulatedClock())).toBe('done');
  expect(vi.getTimerCount()).toBe(0);
});
