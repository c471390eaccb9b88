import cluster from 'node:cluster';
import { sentence } from '../errors.ts';
import { failOwnerOf } from '../stray-errors.ts';

export interface SignalHandlers {
  /** Resolves when everything is closed. */
  stop(): Promise<void>;
  reload?(): Promise<void>;
  /** Called at once, with the way to ask for a stop from within: with `force` the process ends without one. */
  ask?(stop: (force: boolean) => void): void;
  /** How long `stop` may take (ms), before the process ends anyway. */
  readonly grace: number;
  /** Whether the start is over. Until then an error that nobody caught ends the process; afterwards it is only reported. */
  readonly started: () => boolean;
  report(what: string, error?: unknown): void;
}

/**
 * Waits until the process is told to end, and resolves with the exit code: 0 after a clean stop, 1 when stopping failed or
 * an error escaped during the start. A second signal ends the process at once. SIGHUP reloads.
 *
 * An error that nobody caught after the start is one line in the log, and the request that it escaped from fails. The
 * process goes on: it serves all sessions, and one handler's fault is not theirs.
 */
export const untilSignal = ({ stop, reload, ask, grace, started, report }: SignalHandlers): Promise<number> =>
  new Promise((resolve) => {
    let stopping = false;
    const end = (code: number): void => {
      if (stopping) process.exit(1);
      stopping = true;
      const cut = setTimeout(() => {
        report(`the stop took longer than ${grace} ms; the process ends anyway`);
        process.exit(1);
      }, grace);
      stop()
        .then(
          () => code,
          (error: unknown) => {
            report(`the stop failed: ${sentence(error)}`, error);
            return 1;
          },
        )
        .then((result) => {
          clearTimeout(cut);
          resolve(result);
        });
    };
    ask?.((force) => {
      if (force) process.exit(1);
      if (!stopping) end(0);
    });
    // A terminal sends its SIGINT to a worker, too; the process that started it says what is to be done.
    process.on('SIGINT', () => (cluster.isWorker ? undefined : end(0)));
    process.on('SIGTERM', () => end(0));
    for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
      process.on(event, (error: unknown) => {
        report(`${event}: ${sentence(error)}`, error);
        if (!started()) return end(1);
        failOwnerOf(error);
      });
    }
    process.on('SIGHUP', () => {
      reload?.().catch((error: unknown) => report(`the reload failed: ${sentence(error)}`, error));
    });
  });
