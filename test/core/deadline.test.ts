import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../core/deadline.ts';
import { PluginResources } from '../../core/host/plugin-resources.ts';
import { recordingLog } from '../support/log.ts';

const day = 24 * 3_600_000;

/** What a plugin with a timer alone does not use. */
const unused = {
  egress: { request: () => expect.unreachable(), refusal: () => null },
  storage: () => ({
    get: async () => undefined,
    set: async () => undefined,
    remove: async () => undefined,
    keys: async () => [],
  }),
};

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
    vi.useFakeTimers();
    const plugin = new PluginResources({ plugin: 'monthly', clock: systemClock, log: recordingLog(), ...unused });
    const act = vi.fn();
    plugin.every(act, 30 * day);
    await vi.advanceTimersByTimeAsync(30 * day - 1);
    expect(act).toHaveBeenCalledTimes(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(act).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(60 * day);
    expect(act).toHaveBeenCalledTimes(3);
    plugin.end();
    expect(vi.getTimerCount()).toBe(0);
  });
});
