import type { EventLog } from 'waha-runtime';
import type { Outbox } from './outbox.ts';

/** How many bytes of bodies are kept in memory. */
const limit = 16 * 1024 * 1024;

interface Kept {
  readonly body: Buffer;
  /** How many deliveries still need it. */
  readers: number;
}

/** The bytes of events: of those that are being delivered from memory, of all others from the event log. */
export class EventBodies {
  readonly #log: Pick<EventLog, 'at'>;
  readonly #outbox: Pick<Outbox, 'deadLetter'>;
  readonly #recent = new Map<number, Kept>();
  #bytes = 0;

  constructor(log: Pick<EventLog, 'at'>, outbox: Pick<Outbox, 'deadLetter'>) {
    this.#log = log;
    this.#outbox = outbox;
  }

  /** Keeps the body until so many deliveries are through, or there is no room for it. */
  keep(cursor: number, body: Buffer, readers: number): void {
    this.#recent.set(cursor, { body, readers });
    this.#bytes += body.byteLength;
    for (const oldest of this.#recent.keys()) {
      if (this.#bytes <= limit) return;
      this.#drop(oldest);
    }
  }

  /** One of the deliveries is through. */
  done(cursor: number): void {
    const kept = this.#recent.get(cursor);
    if (!kept) return;
    kept.readers -= 1;
    if (kept.readers === 0) this.#drop(cursor);
  }

  /** The body when it is in memory. */
  recent(cursor: number): Buffer | undefined {
    return this.#recent.get(cursor)?.body;
  }

  /** The body of an event, or null when it is kept nowhere any more. */
  async of(cursor: number): Promise<Buffer | null> {
    const recent = this.recent(cursor);
    if (recent) return recent;
    const text = (await this.#log.at(cursor))?.body ?? (await this.#outbox.deadLetter(cursor));
    return text === null ? null : Buffer.from(text);
  }

  #drop(cursor: number): void {
    this.#bytes -= this.#recent.get(cursor)?.body.byteLength ?? 0;
    this.#recent.delete(cursor);
  }
}
