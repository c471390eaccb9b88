import type { EventSink } from 'waha-runtime';
import { deliveryStatusIn } from '../delivery-log/delivery-status.ts';
import type { Endpoints } from '../endpoints/endpoints.ts';
import type { Deliveries } from './deliveries.ts';

/** What an instance of this plugin shows to the others. */
export interface WebhookInstance {
  readonly name: string;
  readonly deliveries: Deliveries;
  readonly endpoints: Endpoints;
}

/** Marks the sinks of this plugin, so that its instances know each other. */
const brand = Symbol.for('waha:webhook-sink');

/** Every event with one delivery per endpoint that selected it: the bytes that were logged are the bytes that are sent. */
export const webhookSink = (instance: WebhookInstance): EventSink => {
  const { name, deliveries } = instance;
  const sink: EventSink = {
    name,
    rows: (uncommitted) => deliveries.rows(uncommitted),
    dropped: (event) => deliveries.planned.drop(event.id),
    deliversWebhooks: true,
    deliver: (_event, logged) => deliveries.committed(logged),
    wants: (event, session) => instance.endpoints.wants(event, session),
    oldestNeeded: () => deliveries.oldestNeeded(),
    deliveryStatus: (cursors) => deliveryStatusIn(deliveries.outbox, cursors),
  };
  return Object.assign(sink, { [brand]: instance });
};

/** The instance behind a sink; null for a sink of another plugin. */
export const instanceOf = (sink: EventSink): WebhookInstance | null =>
  brand in sink ? (sink as EventSink & { readonly [brand]: WebhookInstance })[brand] : null;
