import type { Clock } from '../contracts/clock.ts';
import type { Log } from '../contracts/log.ts';
import { sentence } from '../errors.ts';
import type { CollectionEventLog, LogRetention } from './event-log.ts';

export interface RetentionOptions {
  readonly retention: LogRetention;
  readonly clock: Clock;
  readonly log: Log;
  /** The cursor from which on somebody still needs the log; null when it is not to be pruned from here now. */
  oldestNeeded(): number | null | Promise<number | null>;
}

/** How often the log is pruned (ms). */
const interval = 60_000;

/** Keeps the log within its bounds from now on. Returns the way to stop. */
export const keepBounded = (eventLog: CollectionEventLog, options: RetentionOptions): (() => void) => {
  const { clock, log, retention, oldestNeeded } = options;
  let timer: unknown = null;
  let stopped = false;
  const prune = async (): Promise<void> => {
    try {
      const needed = await oldestNeeded();
      const removed = needed === null ? 0 : await eventLog.prune(retention, clock.now(), needed);
      if (removed > 0) log.debug(`the event log forgot ${removed} events`);
    } catch (error) {
      log.warn(`the event log could not be pruned: ${sentence(error)}`);
    }
    if (!stopped) schedule();
  };
  const schedule = (): void => {
    timer = clock.setTimeout(() => void prune(), interval);
  };
  schedule();
  return () => {
    stopped = true;
    clock.clearTimeout(timer);
  };
};
