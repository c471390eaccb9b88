import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../core/deadline.ts';
import { definePlugin } from '../../core/index.ts';
import { createTestHost } from '../../core/testing/index.ts';

const day = 24 * 3_600_000;

describe("the machine's own clock", () => {
  afterEach(() => void vi.useRealTimers());

  it.each([0, 1, 24 * day, 2 ** 31 - 1, 2 ** 31, 30 * day, 400 * day])('waits %i ms and no less', (milliseconds) => {
    vi.useFakeTimers();
    const action = vi.fn();
    systemClock.setTimeout(action, milliseconds);
    if (milliseconds > 0) vi.advanceTimersByTime(milliseconds - 1);
    expect(action).toHaveBeenCalledTimes(0);
    vi.advanceTimersByTime(1);
    expect(action).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(400 * day);
    expect(action).toHaveBeenCalledTimes(1);
  });

  it('forgets a wait at any stage of it, and an unknown one', () => {
    vi.useFakeTimers();
    const action = vi.fn();
    const timers = [systemClock.setTimeout(action, 60 * day), systemClock.setTimeout(action, 60 * day)];
    systemClock.clearTimeout(timers[0]);
    vi.advanceTimersByTime(40 * day);
    systemClock.clearTimeout(timers[1]);
    systemClock.clearTimeout(undefined);
    vi.advanceTimersByTime(40 * day);
    expect(action).toHaveBeenCalledTimes(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('lets a plugin do something every thirty days', async () => {
    let count = 0;
    const monthly = definePlugin({
      name: 'monthly',
      setup: ({ setInterval }) => void setInterval(() => void count++, 30 * day),
    });
    const host = await createTestHost({ plugins: [monthly], sessions: [] });
    await host.clock.pass(30 * day - 1);
    expect(count).toBe(0);
    await host.clock.pass(1);
    expect(count).toBe(1);
    await host.close();
  });
});
