import { setMaxListeners } from 'node:events';
import type { Clock, Egress } from 'waha-runtime';
import { attempt, type Failure, type Verdict } from './attempt.ts';
import type { Bodies } from './bodies.ts';
import type { Endpoint } from './endpoint.ts';
import type { Letter } from './headers.ts';
import type { DeliveryRow } from './outbox-schema.ts';

export interface SenderOptions {
  readonly egress: Egress;
  readonly clock: Clock;
  readonly bodies: Bodies;
}

const failure = (reason: string, permanent: boolean): Failure => ({
  outcome: 'failed',
  reason,
  permanent,
  retryAfterMs: 0,
  throttled: false,
});

/** Makes attempts, and knows which are under way. */
export class Sender {
  readonly #options: SenderOptions;
  readonly #cut = new AbortController();
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(options: SenderOptions) {
    this.#options = options;
    setMaxListeners(0, this.#cut.signal);
  }

  /** One attempt of a delivery. Never rejects. */
  send(endpoint: Endpoint, row: DeliveryRow): Promise<Verdict> {
    const sent = this.#send(endpoint, row);
    this.#underWay.add(sent);
    void sent.then(() => this.#underWay.delete(sent));
    return sent;
  }

  /** One attempt of something that is no delivery. Never rejects. */
  try(endpoint: Endpoint, letter: Letter, number = 1): Promise<Verdict> {
    const { egress, clock } = this.#options;
    return attempt(egress, endpoint, letter, { number, now: clock.now(), signal: this.#cut.signal });
  }

  /** Waits a while for what is under way, then cuts it. */
  async close(graceMs: number): Promise<void> {
    const { clock } = this.#options;
    const timer = clock.setTimeout(() => this.#cut.abort(), graceMs);
    await Promise.all(this.#underWay);
    clock.clearTimeout(timer);
  }

  async #send(endpoint: Endpoint, row: DeliveryRow): Promise<Verdict> {
    try {
      const { eventId, timestamp, requestId, attempts } = row;
      const body = this.#options.bodies.recent(row.cursor) ?? (await this.#options.bodies.of(row.cursor));
      if (!body) return failure('the event is no longer in the event log', true);
      return await this.try(endpoint, { eventId, timestamp, requestId, body }, attempts);
    } catch {
      return failure('the event cannot be read from the event log', false);
    }
  }
}
