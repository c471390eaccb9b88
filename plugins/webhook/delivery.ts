import type { EventName, RuntimeEvent } from 'waha-runtime';
import type { Endpoint } from './endpoint.ts';

/** One event on its way to one endpoint. */
export interface Delivery {
  /** The same for the same event and endpoint, always. */
  readonly id: string;
  readonly endpointId: string;
  readonly eventId: string;
  readonly event: EventName;
  readonly session: string;
  /** When it happened (ms). */
  readonly timestamp: number;
  /** WAHA's id of a send: kept over its retries. */
  readonly requestId: string;
  /** The exact bytes; endpoints of one event share them. */
  readonly body: Buffer;
}

/** What a queue did since the start, and what it holds now. */
export interface DeliveryCounts {
  /** Answered with 2xx. */
  readonly delivered: number;
  /** Given up: no retry was left, or none would help. */
  readonly failed: number;
  /** Attempts after the first. */
  readonly retried: number;
  /** Never given a last try: the queue overflowed, or the endpoint was disabled or removed. */
  readonly dropped: number;
  /** Waiting for their first attempt or for a retry. */
  readonly queued: number;
  readonly inFlight: number;
  readonly endpoints: { readonly active: number; readonly degraded: number; readonly disabled: number };
}

/** Where deliveries wait for their endpoints. An endpoint that is slow or dead delays nobody else's. */
export interface DeliveryQueue {
  /** Takes a delivery over and returns at once; first attempts at one endpoint start in this order. */
  push(delivery: Delivery, endpoint: Endpoint): void;
  counts(): DeliveryCounts;
  /** Starts nothing more, waits a little for what is under way, then cuts it. */
  close(): Promise<void>;
}

export const deliveryOf = (event: RuntimeEvent, endpoint: Endpoint, body: Buffer, requestId: string): Delivery => ({
  id: `${event.id}/${endpoint.id}`,
  endpointId: endpoint.id,
  eventId: event.id,
  event: event.event,
  session: event.session,
  timestamp: event.timestamp,
  requestId,
  body,
});
