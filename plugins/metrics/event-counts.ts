import type { EventName, MetricSource, RuntimeEvent, Sample } from 'waha-runtime';

/** Counts what is published. */
export class EventCounts implements MetricSource {
  readonly name = 'events';
  readonly #events = new Map<EventName, number>();
  #received = 0;
  #sent = 0;

  note({ event, payload }: RuntimeEvent): void {
    this.#events.set(event, (this.#events.get(event) ?? 0) + 1);
    // Every message comes once as this, ours and others'.
    if (event !== 'message.any') return;
    if ((payload as { fromMe?: boolean }).fromMe === true) this.#sent += 1;
    else this.#received += 1;
  }

  collect(): Sample[] {
    const messages = (direction: string, value: number): Sample => ({
      name: 'waha_messages_total',
      help: 'Messages received and sent, by the API and by the phone alike',
      type: 'counter',
      labels: { direction },
      value,
    });
    const events = [...this.#events].map(
      ([event, value]): Sample => ({
        name: 'waha_events_total',
        help: 'Events published',
        type: 'counter',
        labels: { event },
        value,
      }),
    );
    return [messages('in', this.#received), messages('out', this.#sent), ...events];
  }
}
