import type { Clock, Log, Random } from 'waha-runtime';
import type { DeliveryRow } from '../delivery-log/outbox-schema.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { AttemptResult } from '../request/attempt.ts';
import type { Counters } from './counters.ts';
import type { QueueStore } from './stored-reads.ts';

/** What a queue works with. */
export interface QueueOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly counters: Counters;
  readonly store: QueueStore;
  /** The endpoint as it is configured now; undefined when it is no longer. */
  current(): Endpoint | undefined;
  /** One attempt. Never rejects. */
  send(endpoint: Endpoint, row: DeliveryRow): Promise<AttemptResult>;
  /** Results cannot be stored: nothing may start. */
  held(): boolean;
  /** Something about it changed that must outlive the process. */
  healthChanged(): void;
}

/** The endpoint as far as it is known when it is no longer configured. */
export interface QueueSubject {
  readonly id: string;
  readonly session: string | null;
  readonly label: string;
}
