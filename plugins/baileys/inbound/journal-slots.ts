import { randomBytes } from 'node:crypto';

/**
 * The keys under which a connection's journal stores its entries. One whose message is published is used again: writing over a
 * row costs a fraction of adding one and removing another. No other connection has the same keys, so that nothing
 * is written over what a former one left.
 */
export class JournalSlots {
  readonly #connection = randomBytes(9).toString('base64url');
  /** Free ones; the last one freed goes first, so that the first ones are those that nobody needs any more. */
  readonly #free: string[] = [];
  #made = 0;
  /** How few were free at the same time since the last `idle`: so many were not used. */
  #fewest = 0;

  take(): string {
    const slot = this.#free.pop() ?? `${this.#connection}.${++this.#made}`;
    this.#fewest = Math.min(this.#fewest, this.#free.length);
    return slot;
  }

  /** What is stored there is needed no more. */
  free(slot: string): void {
    this.#free.push(slot);
  }

  get anyFree(): boolean {
    return this.#free.length > 0;
  }

  /** Gives up those that were free ever since the last call. They are never used again. */
  idle(): string[] {
    const idle = this.#free.splice(0, this.#fewest);
    this.#fewest = this.#free.length;
    return idle;
  }

  /** Gives up all that are free. */
  all(): string[] {
    this.#fewest = 0;
    return this.#free.splice(0);
  }
}
