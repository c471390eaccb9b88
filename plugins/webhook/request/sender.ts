import { setMaxListeners } from 'node:events';
import type { Clock, Egress } from 'waha-runtime';
import type { EventBodies } from '../delivery-log/event-bodies.ts';
import type { DeliveryRow } from '../delivery-log/outbox-schema.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import { type AttemptResult, attempt, type Failure } from './attempt.ts';
import type { WebhookRequest } from './request-headers.ts';

export interface SenderOptions {
  readonly egress: Egress;
  readonly clock: Clock;
  readonly bodies: EventBodies;
}

const failure = (reason: string, permanent: boolean): Failure => ({
  outcome: 'failed',
  reason,
  permanent,
  retryAfterMs: 0,
  throttled: false,
});

/** How long queues may go on when everything closes (ms). */
const lastCallsMs = 1_000;

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
  send(endpoint: Endpoint, row: DeliveryRow): Promise<AttemptResult> {
    const sent = this.#send(endpoint, row);
    this.#underWay.add(sent);
    void sent.then(() => this.#underWay.delete(sent));
    return sent;
  }

  /** One attempt of something that is no delivery. Never rejects. */
  try(endpoint: Endpoint, request: WebhookRequest, number = 1): Promise<AttemptResult> {
    const { egress, clock } = this.#options;
    return attempt(egress, endpoint, request, { number, now: clock.now(), signal: this.#cut.signal });
  }

  /**
   * Waits a moment until nothing is under way and nothing has followed it; `stop` then ends the queues. What is still under way
   * after `graceMs` is cut. The moment is for the last status of a session: in an ordered queue it waits for the event before it.
   */
  async close(graceMs: number, stop: () => void): Promise<void> {
    const lastMs = Math.min(lastCallsMs, graceMs);
    await this.#idle(lastMs);
    stop();
    const { clock } = this.#options;
    const timer = clock.setTimeout(() => this.#cut.abort(), graceMs - lastMs);
    await Promise.all(this.#underWay);
    clock.clearTimeout(timer);
  }

  async #idle(limitMs: number): Promise<void> {
    const { clock } = this.#options;
    let isOver = false;
    let end: () => void = () => undefined;
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    const timer = clock.setTimeout(() => {
      isOver = true;
      end();
    }, limitMs);
    while (this.#underWay.size > 0 && !isOver) await Promise.race([over, Promise.all(this.#underWay)]);
    clock.clearTimeout(timer);
  }

  async #send(endpoint: Endpoint, row: DeliveryRow): Promise<AttemptResult> {
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
