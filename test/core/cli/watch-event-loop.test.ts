import { expect, it } from 'vitest';
import { reportDelay } from '../../../core/cli/watch-event-loop.ts';
import { RecordingLog } from '../../../core/testing/recording-log.ts';

const setUp = () => {
  const log = new RecordingLog();
  const at = { now: 100_000, delay: { p99: 0, max: 0 } };
  const report = reportDelay({ read: () => at.delay, now: () => at.now }, log);
  const after = (milliseconds: number, p99: number, max: number): string[] => {
    at.now += milliseconds;
    at.delay = { p99, max };
    report();
    return log.lines.splice(0).map(({ level, message }) => `${level}: ${message}`);
  };
  return { after };
};

it('says nothing while the event loop keeps up', () => {
  expect(setUp().after(10_000, 3, 49)).toEqual([]);
});

it('tells debuggers of short delays and warns of long ones', () => {
  const { after } = setUp();
  expect(after(10_000, 20, 120)).toEqual(['debug: the event loop was held up: 120 ms at most, 99 % below 20 ms']);
  expect(after(10_000, 90, 450)).toEqual(['warn: the event loop was held up: 450 ms at most, 99 % below 90 ms']);
});

it('warns once a minute at most', () => {
  const { after } = setUp();
  const levels = [0, 10_000, 40_000, 10_000].map((wait) => after(wait, 90, 450)[0]?.split(':')[0]);
  expect(levels).toEqual(['warn', 'debug', 'debug', 'warn']);
});
