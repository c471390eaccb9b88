import type { Clock } from '../contracts/clock.ts';

/** How often the clock is looked at, and how far it must have jumped beyond that (ms). */
const interval = 10_000;
const jump = 60_000;

/**
 * Notices that the machine slept: timers stood still while the clock went on. Calls `onWake` then, from now on until the
 * returned function is called.
 */
export const watchForWake = (clock: Clock, onWake: (milliseconds: number) => void): (() => void) => {
  let last = clock.now();
  let timer: unknown;
  const look = (): void => {
    const slept = clock.now() - last - interval;
    last = clock.now();
    timer = clock.setTimeout(look, interval);
    if (slept > jump) onWake(slept);
  };
  timer = clock.setTimeout(look, interval);
  return () => clock.clearTimeout(timer);
};
