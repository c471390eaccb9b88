import { type Clock, type Log, sentence } from 'waha-runtime';
import type { DeliveryState } from '../delivery-log/delivery.ts';
import type { Outbox } from '../delivery-log/outbox.ts';
import type { Retention } from '../delivery-log/retention.ts';
import type { DeliveryQueue } from './delivery-queue.ts';

export interface MaintenanceOptions {
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly log: Log;
  readonly retention: Retention;
  queues(): Iterable<DeliveryQueue>;
}

const pageSize = 1_000;

/** Keeps the delivery log within its bounds, and knows which events of the event log are still needed. */
export class Maintenance {
  readonly #options: MaintenanceOptions;
  #oldest = 0;
  #waitingSince: number | null = null;
  #seen = 0;
  #running: Promise<void> | null = null;

  constructor(options: MaintenanceOptions) {
    this.#options = options;
  }

  /** No pending delivery has an older event. */
  get oldestNeeded(): number {
    return this.#oldest;
  }

  /** How long the delivery that is pending longest has been so (ms), as of the last round. */
  get oldestPendingMs(): number {
    return this.#waitingSince === null ? 0 : Math.max(this.#options.clock.now() - this.#waitingSince, 0);
  }

  /** Everything up to this event is committed. */
  sawCursor(cursor: number): void {
    this.#seen = Math.max(this.#seen, cursor);
  }

  /** An event that nobody needed is needed again. */
  needs(cursor: number): void {
    this.#oldest = Math.min(this.#oldest, cursor);
  }

  /** Looks which event is the oldest that is needed. */
  async refresh(): Promise<void> {
    const next = this.#seen + 1;
    this.#oldest = Math.min(this.#oldest, next);
    const [oldest] = await this.#options.outbox.oldest({ state: 'pending' }, 1);
    this.#oldest = oldest?.cursor ?? next;
    this.#waitingSince = oldest?.createdAt ?? null;
  }

  /** One round, unless one is under way. Never rejects. */
  run(): Promise<void> {
    this.#running ??= this.#round()
      .catch((error) => this.#options.log.warn(`the delivery log could not be pruned: ${sentence(error)}`))
      .finally(() => {
        this.#running = null;
      });
    return this.#running;
  }

  async #round(): Promise<void> {
    const { retention, clock, queues, outbox } = this.#options;
    const now = clock.now();
    for (const queue of queues()) {
      queue.pump();
      await queue.expire(now - retention.pendingMs);
    }
    await this.#forget('delivered', now - retention.deliveredMs);
    await this.#forget('dropped', now - retention.failedMs);
    await this.#forget('dead', now - retention.failedMs);
    const [oldestDead] = await outbox.oldest({ state: 'dead' }, 1);
    await outbox.forgetDeadLetters(oldestDead?.cursor ?? this.#seen + 1);
    await this.refresh();
  }

  /** Forgets what ended before, and what is too much, oldest first. */
  async #forget(state: DeliveryState, endedBefore: number): Promise<void> {
    const { outbox, retention } = this.#options;
    let excess = (await outbox.count(state)) - retention.maxRows;
    for (;;) {
      const page = await outbox.oldest({ state }, pageSize);
      const kept = page.findIndex(({ endedAt }, index) => index >= excess && (endedAt ?? 0) >= endedBefore);
      const old = kept === -1 ? page : page.slice(0, kept);
      const last = old.at(-1);
      if (!last) return;
      excess -= await outbox.forget(state, last.id);
      if (old.length < pageSize) return;
    }
  }
}
