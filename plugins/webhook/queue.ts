import { setMaxListeners } from 'node:events';
import type { Clock, Egress, Log, Random } from 'waha-runtime';
import { attempt } from './attempt.ts';
import type { Delivery, DeliveryCounts, DeliveryQueue } from './delivery.ts';
import type { Endpoint } from './endpoint.ts';
import type { Endpoints } from './endpoints.ts';
import { Lane, type Tally } from './lane.ts';

export interface QueueOptions {
  readonly egress: Egress;
  readonly endpoints: Pick<Endpoints, 'find' | 'forget'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** How long `close` waits for what is under way (ms); 5 s when absent. */
  readonly closeGraceMs?: number;
}

/** Deliveries in memory: what waits when the process ends is lost. */
export class MemoryQueue implements DeliveryQueue {
  readonly #options: QueueOptions;
  readonly #lanes = new Map<string, Lane>();
  readonly #tally: Tally = { delivered: 0, failed: 0, retried: 0, dropped: 0 };
  readonly #cut = new AbortController();
  readonly #underWay = new Set<Promise<unknown>>();
  #tidyAt = 100;

  constructor(options: QueueOptions) {
    this.#options = options;
    setMaxListeners(0, this.#cut.signal);
  }

  push(delivery: Delivery, endpoint: Endpoint): void {
    this.#laneOf(endpoint).push(delivery, endpoint);
  }

  counts(): DeliveryCounts {
    this.#tidy();
    const lanes = [...this.#lanes.values()];
    const inState = (state: string) => lanes.filter((lane) => lane.state === state).length;
    const sum = (of: (lane: Lane) => number) => lanes.reduce((total, lane) => total + of(lane), 0);
    return {
      ...this.#tally,
      queued: sum((lane) => lane.queued),
      inFlight: sum((lane) => lane.inFlight),
      endpoints: { active: inState('active'), degraded: inState('degraded'), disabled: inState('disabled') },
    };
  }

  async close(): Promise<void> {
    for (const lane of this.#lanes.values()) lane.close();
    const { clock, log, closeGraceMs = 5_000 } = this.#options;
    const timer = clock.setTimeout(() => this.#cut.abort(), closeGraceMs);
    await Promise.all(this.#underWay);
    clock.clearTimeout(timer);
    const { queued } = this.counts();
    if (queued > 0) log.warn({ queued }, `${queued} webhook deliveries were waiting when the process stopped`);
  }

  #laneOf(endpoint: Endpoint): Lane {
    const known = this.#lanes.get(endpoint.id);
    if (known) return known;
    if (this.#lanes.size >= this.#tidyAt) this.#tidy();
    const { endpoints, clock, random, log } = this.#options;
    const lane = new Lane(endpoint, {
      ...{ clock, random, log },
      tally: this.#tally,
      current: () => endpoints.find(endpoint.id),
      send: (current, delivery, number) => this.#send(current, delivery, number),
    });
    this.#lanes.set(endpoint.id, lane);
    return lane;
  }

  #send(endpoint: Endpoint, delivery: Delivery, number: number) {
    const { egress, clock } = this.#options;
    const sent = attempt(egress, endpoint, delivery, { number, now: clock.now(), signal: this.#cut.signal });
    this.#underWay.add(sent);
    void sent.then(() => this.#underWay.delete(sent));
    return sent;
  }

  /** Lanes are there for their memory of failures and for what waits; without both they go. */
  #tidy(): void {
    const { endpoints } = this.#options;
    for (const [id, lane] of this.#lanes) {
      const idle = lane.queued === 0 && lane.inFlight === 0;
      if (lane.forgettable || (idle && endpoints.find(id) === undefined)) this.#lanes.delete(id);
    }
    endpoints.forget((id) => this.#lanes.has(id));
    this.#tidyAt = Math.max(100, this.#lanes.size * 2);
  }
}
