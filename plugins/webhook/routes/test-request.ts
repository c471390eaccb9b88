import type { RuntimeInfo } from 'waha-runtime';
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { WebhookRequest } from '../request/request-headers.ts';

/** An event that says nothing: `webhook.test`, in the envelope of all others. It is in no log and has no number. */
export const testRequest = (
  endpoint: Endpoint,
  { version, tier, defaultEngine }: RuntimeInfo,
  now: number,
  ulid: string,
): WebhookRequest => {
  const eventId = `evt_${ulid.toLowerCase()}`;
  const event = {
    id: eventId,
    timestamp: now,
    event: 'webhook.test',
    session: endpoint.session ?? 'default',
    metadata: {},
    payload: { endpoint: endpoint.id },
    engine: defaultEngine,
    environment: { version, engine: defaultEngine, tier },
  };
  return { eventId, timestamp: now, requestId: ulid, body: Buffer.from(JSON.stringify(event)) };
};
