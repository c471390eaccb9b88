import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Deadline } from '../../../../plugins/baileys/connection/deadline.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const deadline = (milliseconds: number) => {
  const expire = vi.fn();
  return { expire, deadline: new Deadline(milliseconds, expire) };
};

describe('a deadline', () => {
  it('expires when its time is over, and not before', () => {
    const { expire } = deadline(1_000);
    vi.advanceTimersByTime(999);
    expect(expire).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(expire).toHaveBeenCalledOnce();
  });

  it('begins anew with progress, also in its second half, and never again once it was stopped', () => {
    const { expire, deadline: it } = deadline(1_000);
    for (const passed of [300, 700, 999]) {
      vi.advanceTimersByTime(passed);
      it.putOff();
    }
    vi.advanceTimersByTime(600);
    it.stop();
    it.putOff();
    vi.advanceTimersByTime(60_000);
    expect(expire).not.toHaveBeenCalled();
  });

  it('leaves a process that stood still a turn to read what came meanwhile', () => {
    const { expire, deadline: it } = deadline(1_000);
    vi.runOnlyPendingTimers();
    expect(expire).not.toHaveBeenCalled();
    it.putOff();
    vi.runOnlyPendingTimers();
    expect(expire).not.toHaveBeenCalled();
    vi.runOnlyPendingTimers();
    expect(expire).toHaveBeenCalledOnce();
  });
});
