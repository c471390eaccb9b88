import { type EventSink, selects } from 'waha-runtime';
import { type DeliveryQueue, deliveryOf } from './delivery.ts';
import type { Endpoints } from './endpoints.ts';

export interface SinkParts {
  readonly name: string;
  readonly endpoints: Pick<Endpoints, 'for'>;
  readonly queue: Pick<DeliveryQueue, 'push'>;
  /** Makes the ids of sends. */
  readonly newRequestId: () => string;
}

/** Marks the sinks of this plugin, so that its instances know each other. */
export const webhookSinkBrand = Symbol.for('waha:webhook-sink');

/** Takes every event, keeps those that somebody selected, and hands them to the queue: the bytes that were logged are the bytes that are sent. */
export const webhookSink = ({ name, endpoints, queue, newRequestId }: SinkParts): EventSink =>
  Object.assign<EventSink, object>(
    {
      name,
      deliver(event, logged) {
        const wanted = endpoints.for(event.session).filter(({ events }) => selects(events, event.event));
        if (wanted.length === 0) return;
        const body = Buffer.from(logged.body);
        for (const endpoint of wanted) queue.push(deliveryOf(event, endpoint, body, newRequestId()), endpoint);
      },
    },
    { [webhookSinkBrand]: true },
  );
