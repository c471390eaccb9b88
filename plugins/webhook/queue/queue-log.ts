import { type Log, sentence } from 'waha-runtime';
import type { DeliveryRow } from '../delivery-log/outbox-schema.ts';

/** What a queue says about itself: which endpoint, no secret, and nothing at every event. */
export class QueueLog {
  readonly #log: Log;
  readonly #name: string;
  readonly #fields: { readonly session?: string };
  #overflowed = 0;

  constructor(log: Log, { session, label }: { readonly session: string | null; readonly label: string }) {
    this.#log = log;
    this.#name = `webhook ${label}`;
    this.#fields = session === null ? {} : { session };
  }

  about(level: 'debug' | 'warn' | 'error', { eventId, event, attempts }: DeliveryRow, what: string): void {
    this.#log[level]({ ...this.#fields, id: eventId, event, attempt: attempts }, `${this.#name}: ${what}`);
  }

  recovered(failures: number): void {
    this.#log.info(this.#fields, `${this.#name}: answers again after ${failures} failures`);
  }

  degraded(failures: number): void {
    const what = `failed ${failures} times in a row; it gets one request at a time until it answers`;
    this.#log.warn(this.#fields, `${this.#name}: ${what}`);
  }

  disabled(why: string): void {
    this.#log.error(this.#fields, `${this.#name}: ${why}; disabled until its config changes`);
  }

  dropped(why: string, count: number): void {
    this.#log.warn(this.#fields, `${this.#name}: ${why}; ${count} deliveries dropped`);
  }

  /** The first of a kind and every thousandth are said. */
  overflow(count: number, reason: string): void {
    const before = this.#overflowed;
    this.#overflowed += count;
    if (before > 0 && Math.floor(before / 1_000) === Math.floor(this.#overflowed / 1_000)) return;
    this.#log.error({ ...this.#fields, dropped: this.#overflowed }, `${this.#name}: ${reason}, so one is dropped`);
  }

  unreadable(error: unknown): void {
    this.#log.warn(this.#fields, `${this.#name}: the outbox cannot be read: ${sentence(error)}`);
  }
}
