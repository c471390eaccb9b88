import { defineCollection, type RowOf } from 'waha-runtime';

/** One event on its way to one endpoint, from the commit of the event on. Holds no URL, no key and no header. */
export const deliveriesSchema = defineCollection({
  name: 'webhook_deliveries',
  columns: {
    /** Grows with the event's cursor: deliveries sorted by it are in the order of events. */
    id: { type: 'text' },
    endpoint: { type: 'text' },
    cursor: { type: 'integer' },
    eventId: { type: 'text' },
    event: { type: 'text' },
    session: { type: 'text' },
    /** When the event happened (ms). */
    timestamp: { type: 'integer' },
    /** Deliveries with the same key go one after the other; null when each goes alone. */
    orderKey: { type: 'text', nullable: true },
    state: { type: 'text' },
    attempts: { type: 'integer' },
    /** Attempts made before it was replayed last: its retries begin anew from there. */
    attemptsBefore: { type: 'integer' },
    /** Not tried before this (ms). */
    dueAt: { type: 'integer' },
    createdAt: { type: 'integer' },
    /** When it left `pending` (ms). */
    endedAt: { type: 'integer', nullable: true },
    lastStatus: { type: 'integer', nullable: true },
    lastError: { type: 'text', nullable: true },
    /** WAHA's id of a send: kept over its retries. */
    requestId: { type: 'text' },
    /** The latest attempts, oldest first. */
    history: { type: 'json', nullable: true },
    /** The endpoint while it is pending, or null. */
    waitsFor: { type: 'text', nullable: true },
  },
  key: ['id'],
  // Each has its reader: the backlog by time, the one in order (and counting), retention, the API's filter by event. With
  // `endpoint` in place of `waitsFor`, what ended would be spread over as many pages as there are endpoints.
  indexes: [['waitsFor', 'state', 'dueAt', 'id'], ['waitsFor', 'state', 'id'], ['state', 'id'], ['eventId']],
});

/** An endpoint that had deliveries, and what must not be forgotten about it. */
export const endpointsSchema = defineCollection({
  name: 'webhook_endpoints',
  columns: {
    id: { type: 'text' },
    /** The plugin instance that serves it; `sessions` for those of sessions' configs. */
    owner: { type: 'text' },
    session: { type: 'text', nullable: true },
    label: { type: 'text' },
    /** Of its settings without secrets: a disabled endpoint whose settings change is tried again. */
    settings: { type: 'text' },
    paused: { type: 'integer' },
    disabled: { type: 'text', nullable: true },
    failingSince: { type: 'integer', nullable: true },
    updatedAt: { type: 'integer' },
  },
  key: ['id'],
});

/** The bodies of dead letters: they outlive the event log. */
export const deadLettersSchema = defineCollection({
  name: 'webhook_letters',
  columns: { cursor: { type: 'integer' }, body: { type: 'text' } },
  key: ['cursor'],
});

export type StoredDelivery = RowOf<typeof deliveriesSchema>;
/** A delivery without what its state says anyway. */
export type DeliveryRow = Omit<StoredDelivery, 'waitsFor'>;
export type EndpointRow = RowOf<typeof endpointsSchema>;
export type DeadLetterRow = RowOf<typeof deadLettersSchema>;
