import type { Clock, Log, Random } from 'waha-runtime';
import type { Verdict } from './attempt.ts';
import type { Endpoint } from './endpoint.ts';
import type { DeliveryRow } from './outbox-schema.ts';
import type { LaneStore } from './stored-reads.ts';
import type { Tally } from './tally.ts';

/** What a lane works with. */
export interface LaneParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly tally: Tally;
  readonly store: LaneStore;
  /** The endpoint as it is configured now; undefined when it is no longer. */
  current(): Endpoint | undefined;
  /** One attempt. Never rejects. */
  send(endpoint: Endpoint, row: DeliveryRow): Promise<Verdict>;
  /** Results cannot be stored: nothing may start. */
  held(): boolean;
  /** Something about it changed that must outlive the process. */
  standingChanged(): void;
}

/** The endpoint as far as it is known when it is no longer configured. */
export interface LaneSubject {
  readonly id: string;
  readonly session: string | null;
  readonly label: string;
}
