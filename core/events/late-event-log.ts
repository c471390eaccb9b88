import type { EventLog, LoggedEvent, LogQuery } from '../contracts/events.ts';
import type { Database } from '../contracts/storage.ts';

/** The event log as plugins get it in `setup`, before any database is there. Usable from `onReady` on. */
export class LateEventLog implements EventLog {
  #log: EventLog | null = null;

  /** Gives it the log. */
  open(log: EventLog): void {
    this.#log = log;
  }

  get database(): Database {
    return this.#opened.database;
  }

  get head(): number {
    return this.#opened.head;
  }

  get tail(): number {
    return this.#opened.tail;
  }

  async read(query: LogQuery): Promise<LoggedEvent[]> {
    return this.#opened.read(query);
  }

  async find(id: string): Promise<LoggedEvent | null> {
    return this.#opened.find(id);
  }

  async at(cursor: number): Promise<LoggedEvent | null> {
    return this.#opened.at(cursor);
  }

  get #opened(): EventLog {
    if (!this.#log) throw new Error('the event log is read before every database is there; do it in onReady');
    return this.#log;
  }
}
