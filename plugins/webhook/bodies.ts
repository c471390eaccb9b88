import type { EventLog } from 'waha-runtime';
import type { Outbox } from './outbox.ts';

/** How many bytes of bodies are kept in memory. */
const limit = 16 * 1024 * 1024;

/** The bytes of events: of those that came just now from memory, of all others from the event log. */
export class Bodies {
  readonly #log: Pick<EventLog, 'at'>;
  readonly #outbox: Pick<Outbox, 'letter'>;
  readonly #recent = new Map<number, Buffer>();
  #bytes = 0;

  constructor(log: Pick<EventLog, 'at'>, outbox: Pick<Outbox, 'letter'>) {
    this.#log = log;
    this.#outbox = outbox;
  }

  keep(cursor: number, body: Buffer): void {
    this.#recent.set(cursor, body);
    this.#bytes += body.byteLength;
    for (const [oldest, { byteLength }] of this.#recent) {
      if (this.#bytes <= limit) return;
      this.#recent.delete(oldest);
      this.#bytes -= byteLength;
    }
  }

  /** The body when it is in memory. */
  recent(cursor: number): Buffer | undefined {
    return this.#recent.get(cursor);
  }

  /** The body of an event, or null when it is kept nowhere any more. */
  async of(cursor: number): Promise<Buffer | null> {
    const recent = this.recent(cursor);
    if (recent) return recent;
    const text = (await this.#log.at(cursor))?.body ?? (await this.#outbox.letter(cursor));
    return text === null ? null : Buffer.from(text);
  }
}
