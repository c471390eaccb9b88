import type { Clock } from '../contracts/clock.ts';
import { withDeadline } from '../deadline.ts';
import { storageFailed } from '../errors.ts';

/** Runs a store's call and rejects with `STORAGE_FAILED` when it takes too long; what it does later is ignored. */
export type TimeLimit = <T>(what: string, work: () => Promise<T>) => Promise<T>;

/** The time limit of every call to the stores on this driver. */
export const timeLimit =
  (driver: string, clock: Clock, milliseconds: number): TimeLimit =>
  (what, work) =>
    withDeadline(work(), milliseconds, clock, () =>
      storageFailed(driver, `${what} took longer than ${milliseconds / 1000} s`),
    );
