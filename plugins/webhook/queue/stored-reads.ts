import type { PageQuery } from '../delivery-log/outbox.ts';
import type { DeliveryRow } from '../delivery-log/outbox-schema.ts';

/** What a queue reads and writes. */
export interface QueueStore {
  /** Pending deliveries of an endpoint; `extra` more than the query asks for. */
  page(endpoint: string, query: PageQuery, extra: number): Promise<DeliveryRow[]>;
  /** Notes what the row says now. */
  save(row: DeliveryRow): void;
  /** Resolves when everything noted so far is written. */
  flush(): Promise<void>;
}

/** Which deliveries ended while somebody read: the rows that were read may still call them pending. */
export class StoredReads {
  readonly #ended = new Set<string>();
  #open = 0;

  /** Returns the way to say that what was read has been used. */
  begin(): () => void {
    this.#open += 1;
    return () => {
      this.#open -= 1;
      if (this.#open === 0) this.#ended.clear();
    };
  }

  ended(id: string): void {
    if (this.#open > 0) this.#ended.add(id);
  }

  hasEnded(id: string): boolean {
    return this.#ended.has(id);
  }
}
