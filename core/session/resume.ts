import PQueue from 'p-queue';
import type { Clock, Random } from '../contracts/clock.ts';
import type { Log } from '../contracts/log.ts';
import { pause } from '../deadline.ts';
import { sentence } from '../errors.ts';
import type { Session } from './session.ts';

export interface ResumeOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** How many sessions may be connecting at a time. */
  readonly concurrency: number;
  /** Each start waits a random while of up to this long (ms). */
  readonly jitter: number;
  /** From the start of one session to that of the next, at least (ms); none when absent. */
  readonly spacing?: number;
  /** A session that takes longer gives its place to the next one (ms). */
  readonly patience: number;
}

/** How far bringing sessions back has come. */
export interface ResumeProgress {
  readonly total: number;
  done: number;
}

/** A resume under way. */
export interface ResumeRun {
  readonly progress: ResumeProgress;
  readonly finished: Promise<void>;
  /** Starts no more of them. */
  cancel(): void;
}

/**
 * Starts what was running, a few at a time and with jitter. No session waits for a broken one, and none stops the rest.
 */
export const resume = (sessions: readonly Session[], options: ResumeOptions): ResumeRun => {
  const queue = new PQueue({ concurrency: options.concurrency });
  const progress: ResumeProgress = { total: sessions.length, done: 0 };
  const begun = options.clock.now();
  for (const [index, session] of sessions.entries()) {
    void queue.add(async () => {
      await startOne(session, begun + index * (options.spacing ?? 0), options);
      progress.done++;
    });
  }
  return { progress, finished: queue.onIdle(), cancel: () => queue.clear() };
};

const startOne = async (session: Session, notBefore: number, options: ResumeOptions): Promise<void> => {
  try {
    const early = Math.max(0, notBefore - options.clock.now());
    await pause(early + Math.round(options.random() * options.jitter), options.clock);
    if (session.record.desired !== 'running') return;
    session.send({ type: 'start' });
    await session.until((it) => it.status !== 'STARTING' || it.isIn('backoff'), options.patience);
  } catch (error) {
    options.log.error({ session: session.name }, `the session could not be resumed: ${sentence(error)}`);
  }
};
