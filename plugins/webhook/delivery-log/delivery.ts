import { type Counted, counted, type RuntimeEvent } from 'waha-runtime';
import type { Endpoint } from '../endpoints/endpoint.ts';
import { orderKey } from '../endpoints/order-key.ts';
import type { DeliveryRow } from './outbox-schema.ts';

export const deliveryStates = ['pending', 'delivered', 'dead', 'dropped'] as const;

/**
 * `pending`: it waits or is under way. `delivered`: answered with 2xx. `dead`: given up after its last try. `dropped`:
 * never given a last try, because the queue was full or the endpoint was disabled or removed.
 */
export type DeliveryState = (typeof deliveryStates)[number];

/** One try, as the delivery log shows it. */
export interface AttemptRecord {
  /** When it began (ms). */
  readonly at: number;
  readonly durationMs: number;
  readonly status: number | null;
  readonly error: string | null;
}

/** How many attempts of one delivery are remembered. */
const rememberedAttempts = 10;

/** How many deliveries have come to what end since the start, and what there is now. */
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

/** How the ids of deliveries begin. */
const idPrefix = 'dlv_';

/** How the ids of an event's deliveries begin. `shared`: the commit has filled the cursor in. */
export const deliveriesOf = (cursor: number, shared: boolean): string =>
  shared ? `${idPrefix}${String(cursor).padStart(16, '0')}_` : `${idPrefix}${cursor.toString(36).padStart(11, '0')}_`;

/** How the id of a delivery ends. */
const ending = (endpoint: Endpoint): string => endpoint.id.slice(-16);

/** The columns that rest on the cursor, as they are while that is not known. The id sorts like the cursors, and is always the same. */
export const uncommittedColumns = (cursor: number | Counted, endpoint: Endpoint) =>
  typeof cursor === 'number'
    ? { id: `${deliveriesOf(cursor, false)}${ending(endpoint)}`, cursor }
    : { id: counted(cursor.counted, idPrefix, `_${ending(endpoint)}`), cursor };

/** The same, once the event is committed. */
export const committedColumns = (cursor: number, endpoint: Endpoint, shared: boolean) => ({
  id: `${deliveriesOf(cursor, shared)}${ending(endpoint)}`,
  cursor,
});

/** A delivery at its beginning, without what rests on the cursor. */
export const newDelivery = (
  event: RuntimeEvent,
  endpoint: Endpoint,
  { now, requestId }: { readonly now: number; readonly requestId: string },
): Omit<DeliveryRow, 'id' | 'cursor'> => ({
  endpoint: endpoint.id,
  eventId: event.id,
  event: event.event,
  session: event.session,
  timestamp: event.timestamp,
  orderKey: orderKey(event, endpoint.options.order),
  state: 'pending',
  attempts: 0,
  attemptsBefore: 0,
  dueAt: now,
  createdAt: now,
  endedAt: null,
  lastStatus: null,
  lastError: null,
  requestId,
  history: null,
});

/** Notes one try. */
export const remember = (row: DeliveryRow, attempt: AttemptRecord): void => {
  const history = [...((row.history as AttemptRecord[] | null) ?? []), attempt];
  row.history = history.slice(-rememberedAttempts);
  row.lastStatus = attempt.status;
  row.lastError = attempt.error;
};
