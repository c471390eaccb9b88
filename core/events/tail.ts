import type { Clock } from '../contracts/clock.ts';
import type { LoggedEvent } from '../contracts/events.ts';
import type { Log } from '../contracts/log.ts';
import { sentence } from '../errors.ts';
import type { CollectionEventLog } from './event-log.ts';

export interface TailOptions {
  readonly eventLog: CollectionEventLog;
  readonly clock: Clock;
  readonly log: Log;
  /** Called for each event of every process, in the order of the log. */
  deliver(logged: LoggedEvent): void;
}

/** How often the log is looked at when nobody says that there is something (ms). */
const every = 250;
const pageSize = 100;

/** The end of a log that several processes write to, as it grows. */
export class LogTail {
  readonly #options: TailOptions;
  #last = 0;
  #timer: unknown = null;
  #running: Promise<void> | null = null;
  #again = false;
  #ended = false;

  constructor(options: TailOptions) {
    this.#options = options;
  }

  /** Begins behind the newest event. */
  async begin(): Promise<void> {
    const { eventLog } = this.#options;
    await eventLog.refresh();
    this.#last = eventLog.head;
    this.#wait();
  }

  /** There is something new. */
  wake(): void {
    this.#again = true;
    if (this.#timer === null || this.#ended) return;
    this.#options.clock.clearTimeout(this.#timer);
    this.#timer = null;
    this.#running = this.#run();
  }

  async end(): Promise<void> {
    this.#ended = true;
    if (this.#timer !== null) this.#options.clock.clearTimeout(this.#timer);
    this.#timer = null;
    await this.#running;
  }

  #wait(): void {
    if (this.#ended) return;
    const { clock } = this.#options;
    this.#timer = clock.setTimeout(
      () => {
        this.#timer = null;
        this.#running = this.#run();
      },
      this.#again ? 0 : every,
    );
  }

  async #run(): Promise<void> {
    this.#again = false;
    try {
      await this.#read();
    } catch (error) {
      this.#options.log.warn(`the events of the other processes cannot be read: ${sentence(error)}`);
    }
    this.#wait();
  }

  async #read(): Promise<void> {
    const { eventLog, deliver } = this.#options;
    await eventLog.refresh();
    for (let more = eventLog.head > this.#last; more && !this.#ended; ) {
      const page = await eventLog.read({ after: this.#last, limit: pageSize });
      for (const logged of page) {
        this.#last = logged.cursor;
        deliver(logged);
      }
      more = page.length === pageSize;
    }
  }
}
