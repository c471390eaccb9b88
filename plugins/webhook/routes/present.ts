import type { AttemptRecord, DeliveryState } from '../delivery-log/delivery.ts';
import type { DeliveryRow } from '../delivery-log/outbox-schema.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import { EndpointHealth } from '../endpoints/endpoint-health.ts';
import type { DeliveryQueue } from '../queue/delivery-queue.ts';
import type { DeliveryDetails, DeliveryInfo, EndpointInfo } from './schemas.ts';

/** An endpoint without its secrets. */
export const presentEndpoint = (plugin: string, endpoint: Endpoint, queue: DeliveryQueue | undefined): EndpointInfo => {
  const health = queue?.health ?? new EndpointHealth();
  const { options, retries } = endpoint;
  return {
    id: endpoint.id,
    plugin,
    session: endpoint.session,
    url: endpoint.label,
    events: [...endpoint.events],
    state: health.state,
    reason: health.disabled,
    paused: health.paused,
    queued: queue?.queued ?? 0,
    inFlight: queue?.inFlight ?? 0,
    failures: health.failures,
    failingSince: health.failingSince,
    lastSuccessAt: health.lastSuccessAt,
    lastFailureAt: health.lastFailureAt,
    signed: endpoint.keys.length > 0,
    customHeaders: Object.keys(endpoint.headers),
    retries: { policy: retries.policy, delaySeconds: retries.delayMs / 1000, attempts: retries.attempts },
    order: options.order,
    concurrency: options.concurrency,
    timeoutSeconds: options.timeoutMs / 1000,
    queueLimit: options.queueLimit,
    overflow: options.overflow,
    verifyTls: options.verifyTls,
  };
};

export const presentDelivery = (row: DeliveryRow): DeliveryInfo => ({
  id: row.id,
  endpoint: row.endpoint,
  session: row.session,
  event: row.event,
  eventId: row.eventId,
  status: row.state as DeliveryState,
  attempts: row.attempts,
  nextAttemptAt: row.state === 'pending' ? row.dueAt : null,
  createdAt: row.createdAt,
  endedAt: row.endedAt,
  lastStatus: row.lastStatus,
  lastError: row.lastError,
});

export const presentDetails = (row: DeliveryRow, body: unknown): DeliveryDetails => ({
  ...presentDelivery(row),
  log: (row.history as AttemptRecord[] | null) ?? [],
  body,
});
