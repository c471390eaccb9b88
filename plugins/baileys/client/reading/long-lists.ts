import PQueue from 'p-queue';
import { tooManyRequests } from 'waha-runtime';

/** A list of no more entries than this is read at once. */
const SHORT = 100;
/** How many long ones of a session are read at the same time, and how many wait. */
const PARALLEL = 2;
const WAITING = 20;

/** The long lists of one session, a few at a time: who asks for many of them has to wait, and nobody else. */
export class LongLists {
  readonly #queue = new PQueue({ concurrency: PARALLEL });

  /** Rejects with `TOO_MANY_REQUESTS` when too many wait. `limit`: how many entries there are at most; undefined: all. */
  async read<T>(limit: number | undefined, work: () => Promise<T>): Promise<T> {
    if (limit !== undefined && limit <= SHORT) return work();
    if (this.#queue.size >= WAITING)
      throw tooManyRequests(`${WAITING} requests wait for long lists of this session already`, 5);
    return this.#queue.add(work);
  }
}
