import type { Clock } from './contracts/clock.ts';

/** The machine's own time. Timers keep the process alive; whoever sets one clears it. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (action, milliseconds) => {
    const timer: SystemTimer = {};
    wait(timer, action, milliseconds);
    return timer;
  },
  clearTimeout: (timer) => clearTimeout((timer as SystemTimer | null | undefined)?.stage),
};

/** The stage of a wait that is under way. */
interface SystemTimer {
  stage?: NodeJS.Timeout;
}

/** The longest that Node's timers wait (ms, some 24 days); with more they fire at once. */
const longestTimer = 2 ** 31 - 1;

const wait = (timer: SystemTimer, action: () => void, milliseconds: number): void => {
  const rest = milliseconds - longestTimer;
  const next = rest > 0 ? () => wait(timer, action, rest) : action;
  timer.stage = setTimeout(next, Math.min(milliseconds, longestTimer));
};

/**
 * The promise, or the error that `late` makes when it has not settled within `milliseconds`.
 * What the promise does after that is ignored.
 */
export const withDeadline = <T>(work: Promise<T>, milliseconds: number, clock: Clock, late: () => Error): Promise<T> =>
  new Promise<T>((resolve, reject) => {
    const timer = clock.setTimeout(() => reject(late()), milliseconds);
    const settled =
      <V>(settle: (value: V) => void) =>
      (value: V): void => {
        clock.clearTimeout(timer);
        settle(value);
      };
    work.then(settled(resolve), settled(reject));
  });

/** Resolves after a while, or as soon as the signal aborts. */
export const pause = (milliseconds: number, clock: Clock, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = (): void => {
      clock.clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = clock.setTimeout(end, milliseconds);
    signal?.addEventListener('abort', end);
  });
