import type { AttemptRecord, DeliveryState } from './delivery.ts';
import type { Endpoint } from './endpoint.ts';
import { Standing } from './endpoint-state.ts';
import type { Lane } from './lane.ts';
import type { DeliveryRow } from './outbox-schema.ts';
import type { DeliveryDetails, DeliveryInfo, EndpointInfo } from './schemas.ts';

/** An endpoint without its secrets. */
export const presentEndpoint = (plugin: string, endpoint: Endpoint, lane: Lane | undefined): EndpointInfo => {
  const standing = lane?.standing ?? new Standing();
  const { options, retries } = endpoint;
  const failing = standing.breaker.failures > 0;
  return {
    id: endpoint.id,
    plugin,
    session: endpoint.session,
    url: endpoint.label,
    events: [...endpoint.events],
    state: standing.state,
    reason: standing.disabled,
    paused: standing.paused,
    queued: lane?.queued ?? 0,
    inFlight: lane?.inFlight ?? 0,
    failures: standing.breaker.failures,
    failingSince: failing ? standing.breaker.since : null,
    lastSuccessAt: standing.lastSuccessAt,
    lastFailureAt: standing.lastFailureAt,
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
