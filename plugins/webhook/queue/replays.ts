import type { Outbox } from '../delivery-log/outbox.ts';
import type { ResultWriter } from '../delivery-log/result-writer.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { DeliveryQueue } from './delivery-queue.ts';
import type { Maintenance } from './maintenance.ts';

export interface ReplayOptions {
  readonly outbox: Outbox;
  readonly writer: ResultWriter;
  readonly maintenance: Maintenance;
  now(): number;
  queueOf(endpoint: Endpoint): DeliveryQueue;
}

/** Sends deliveries again, whatever became of them; two requests for the same one at the same time are one. */
export class Replays {
  readonly #options: ReplayOptions;
  readonly #underWay = new Set<string>();

  constructor(options: ReplayOptions) {
    this.#options = options;
  }

  /** Resolves when it is stored that the delivery waits again. */
  async replay(id: string, endpoint: Endpoint): Promise<void> {
    if (this.#underWay.has(id)) return;
    this.#underWay.add(id);
    try {
      await this.#replay(id, endpoint);
    } finally {
      this.#underWay.delete(id);
    }
  }

  async #replay(id: string, endpoint: Endpoint): Promise<void> {
    const { outbox, writer, maintenance, queueOf, now } = this.#options;
    await writer.flush();
    const row = await outbox.get(id);
    if (!row || row.state === 'pending') return;
    const [dueAt, createdAt] = [now(), now()];
    const again = { ...row, state: 'pending', attemptsBefore: row.attempts, dueAt, createdAt, endedAt: null };
    maintenance.needs(row.cursor);
    writer.note(id, outbox.saving(again));
    queueOf(endpoint).push({ ...again });
    await writer.flush();
  }
}
