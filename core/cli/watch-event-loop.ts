import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Log } from '../contracts/log.ts';

/** How long the event loop was late (ms): the most, and what 99 of 100 measurements were below. */
export interface EventLoopDelay {
  readonly p99: number;
  readonly max: number;
}

const resolution = 20;
const interval = 10_000;
const notable = 50;
const alarming = 200;
const silence = 60_000;

/** Where the delay of the last interval comes from, and where time does. Tests pass their own. */
export interface DelayMeter {
  /** Since the call before. */
  read(): EventLoopDelay;
  now(): number;
}

/** Says that something keeps the process from answering: at debug from 50 ms on, as a warning from 200 ms, once a minute. */
export const reportDelay = (meter: DelayMeter, log: Log): (() => void) => {
  let silentUntil = 0;
  return () => {
    const { p99, max } = meter.read();
    if (Math.max(p99, max) < notable) return;
    const told = `the event loop was held up: ${max} ms at most, 99 % below ${p99} ms`;
    const fields = { eventLoopDelayMs: { p99, max } };
    if (max <= alarming || meter.now() < silentUntil) return log.debug(fields, told);
    silentUntil = meter.now() + silence;
    log.warn(fields, told);
  };
};

/** Watches the event loop of this process until the returned function is called. */
export const watchEventLoop = (log: Log): (() => void) => {
  const histogram = monitorEventLoopDelay({ resolution });
  histogram.enable();
  // What is measured is the time between two timers, not how late the second one was.
  const late = (nanoseconds: number): number => Math.max(0, Math.round(nanoseconds / 1e6 - resolution));
  const read = (): EventLoopDelay => {
    const delay = { p99: late(histogram.percentile(99)), max: late(histogram.max) };
    histogram.reset();
    return delay;
  };
  const timer = setInterval(reportDelay({ read, now: () => performance.now() }, log), interval);
  timer.unref();
  return () => {
    clearInterval(timer);
    histogram.disable();
  };
};
