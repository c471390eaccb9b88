import { describe, expect, it } from 'vitest';
import { CircuitBreaker } from '../../core/circuit-breaker.ts';
import { RecordingLog } from '../../core/testing/recording-log.ts';
import { SimulatedClock } from '../support/clock.ts';

const failing = (breaker: CircuitBreaker, times: number): void => {
  for (let count = 0; count < times; count += 1) breaker.fail(new Error('no'));
};

describe('a circuit that opens for a time', () => {
  const open = () => {
    const clock = new SimulatedClock();
    const log = new RecordingLog();
    const report = { name: "filter 'spam'", log };
    return { clock, log, breaker: new CircuitBreaker({ clock, maxFailures: 3, suspension: 1_000, report }) };
  };

  it('opens after so many failures in a row, and closes when the time is over', async () => {
    const { clock, breaker } = open();
    failing(breaker, 2);
    expect(breaker.skips()).toBe(false);
    failing(breaker, 1);
    expect(breaker.skips()).toBe(true);
    await clock.pass(1_000);
    expect(breaker.skips()).toBe(false);
    expect(breaker.counts).toEqual({ succeeded: 0, failed: 3, skipped: 1, suspended: false });
  });

  it('gives the full number of chances again when it closes', async () => {
    const { clock, breaker } = open();
    failing(breaker, 3);
    await clock.pass(1_000);
    failing(breaker, 2);
    expect(breaker.isOpen).toBe(false);
    failing(breaker, 1);
    expect(breaker.isOpen).toBe(true);
  });

  it('counts only failures in a row', () => {
    const { breaker } = open();
    for (let round = 0; round < 5; round += 1) {
      failing(breaker, 2);
      breaker.succeed();
    }
    expect(breaker.isOpen).toBe(false);
  });

  it('tells each failure and the suspension by its name', () => {
    const { log, breaker } = open();
    failing(breaker, 3);
    const said = log.lines.map(({ message }) => message);
    expect(said.filter((line) => line === "filter 'spam' failed: no")).toHaveLength(3);
    expect(said.at(-1)).toContain("filter 'spam' is suspended for 1000 ms");
  });
});

describe('a circuit that is open until something succeeds', () => {
  it('stays open, remembers since when it fails, and closes at the first success', async () => {
    const clock = new SimulatedClock();
    const breaker = new CircuitBreaker({ clock, maxFailures: 2, suspension: Number.POSITIVE_INFINITY });
    const since = clock.now();
    failing(breaker, 2);
    await clock.pass(86_400_000);
    failing(breaker, 1);
    expect(breaker).toMatchObject({ isOpen: true, failures: 3, failingSince: since });
    breaker.succeed();
    expect(breaker).toMatchObject({ isOpen: false, failures: 0, failingSince: null });
  });

  it('takes up what the process before knew', () => {
    const clock = new SimulatedClock();
    const breaker = new CircuitBreaker({ clock, maxFailures: 2, suspension: Number.POSITIVE_INFINITY });
    breaker.restore(1_000);
    breaker.fail();
    expect(breaker).toMatchObject({ isOpen: true, failures: 2, failingSince: 1_000 });
  });
});
