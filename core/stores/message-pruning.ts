import { setImmediate } from 'node:timers/promises';
import type { Log } from '../contracts/log.ts';
import type { Database } from '../contracts/storage.ts';
import { sentence } from '../errors.ts';
import { byTime, type MessageRows } from './message-rows.ts';
import type { TimeLimit } from './time-limit.ts';

/** How many rows one step removes: the event loop gets a turn in between. */
const SLICE = 500;

export interface PruningOptions {
  readonly database: Database;
  readonly rows: MessageRows;
  readonly within: TimeLimit;
  readonly log: Log;
}

/** Removes a session's oldest messages, off the hot path: at the first message of a process, then now and then. */
export class MessagePruning {
  readonly #options: PruningOptions;
  /** How many messages each session kept since it was pruned last. */
  readonly #fresh = new Map<string, number>();
  readonly #running = new Map<string, Promise<void>>();

  constructor(options: PruningOptions) {
    this.#options = options;
  }

  /** `count` messages were added. Prunes once in a tenth of what is kept. */
  added(session: string, count: number, keep: number): void {
    const every = Math.max(1, Math.floor(keep / 10));
    const fresh = (this.#fresh.get(session) ?? every) + count;
    this.#fresh.set(session, fresh);
    if (fresh <= every || this.#running.has(session)) return;
    this.#fresh.set(session, 0);
    const { log } = this.#options;
    const running = this.#prune(session, keep)
      .catch((error) => log.warn({ session, error: sentence(error) }, 'old messages could not be removed'))
      .finally(() => this.#running.delete(session));
    this.#running.set(session, running);
  }

  /** Removes all messages of a session. */
  async clear(session: string): Promise<void> {
    await this.#running.get(session);
    const { rows, within } = this.#options;
    const what = `removing the messages of session '${session}'`;
    while (await this.#removeOldest(session, SLICE, what)) await setImmediate();
    await within(what, () => rows.remove({ session }));
    this.#fresh.delete(session);
  }

  /** Resolves when no pruning is under way. */
  async idle(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  async #prune(session: string, keep: number): Promise<void> {
    const { rows, within } = this.#options;
    const what = `removing old messages of session '${session}'`;
    const count = await within(what, () => rows.count({ session }));
    for (let excess = count - keep; excess > 0; excess -= SLICE) {
      if (excess < count - keep) await setImmediate();
      await this.#removeOldest(session, Math.min(excess, SLICE), what);
    }
  }

  /** False when there are fewer than that; then none is removed. */
  async #removeOldest(session: string, count: number, what: string): Promise<boolean> {
    const { database, rows, within } = this.#options;
    const query = { where: { session }, orderBy: byTime(false), limit: 1, offset: count - 1 };
    const [newestToGo] = await within(what, () => rows.find(query));
    if (!newestToGo) return false;
    const { timestamp, place } = newestToGo;
    const older = rows.removing({ session, timestamp: { lt: timestamp } });
    await within(what, () => database.batch([older, rows.removing({ session, timestamp, place: { lte: place } })]));
    return true;
  }
}
