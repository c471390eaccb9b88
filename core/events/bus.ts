import type { Clock } from '../contracts/clock.ts';
import type { EventName } from '../contracts/event-names.ts';
import type { EventBus, EventFilter, EventSink, Publication, RuntimeEvent } from '../contracts/events.ts';
import type { HealthIndicator, HealthReport } from '../contracts/health.ts';
import type { Log } from '../contracts/log.ts';
import type { RuntimeInfo } from '../contracts/runtime-info.ts';
import { sentence } from '../errors.ts';
import { envelope } from './envelope.ts';
import { GuardedSink, type SinkLimits } from './guarded-sink.ts';

export interface BusOptions {
  readonly info: RuntimeInfo;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: SinkLimits;
}

/** Hands every event to every sink. No sink waits for another, and none can stop the rest. */
export class FanOutBus implements EventBus, HealthIndicator {
  readonly name = 'events';
  readonly #options: BusOptions;
  readonly #listeners = new Map<symbol, { name: string; listener: (event: RuntimeEvent) => void }>();
  #filters: readonly EventFilter[] = [];
  #sinks: readonly GuardedSink[] = [];

  constructor(options: BusOptions) {
    this.#options = options;
  }

  /** Sets the lists that the plugins contributed. */
  connect(filters: readonly EventFilter[], sinks: readonly EventSink[]): void {
    const { log, clock, limits } = this.#options;
    this.#filters = filters;
    this.#sinks = sinks.map((sink) => new GuardedSink(sink, log, clock, limits));
  }

  get sinks(): readonly GuardedSink[] {
    return this.#sinks;
  }

  async publish<N extends EventName>(publication: Publication<N>): Promise<void> {
    const event = this.#filter(envelope(publication, this.#options.info, this.#options.clock.now()));
    if (event === null) return;
    for (const { name, listener } of this.#listeners.values()) this.#tell(name, listener, event);
    for (const sink of this.#sinks) sink.deliver(event);
  }

  subscribe(name: string, listener: (event: RuntimeEvent) => void): () => void {
    const id = Symbol(name);
    this.#listeners.set(id, { name, listener });
    return () => this.#listeners.delete(id);
  }

  check(): HealthReport {
    const suspended = this.#sinks.filter((sink) => sink.suspended).map((guarded) => guarded.sink.name);
    const sinks = Object.fromEntries(this.#sinks.map((guarded) => [guarded.sink.name, guarded.counts]));
    return suspended.length > 0
      ? { status: 'down', message: `suspended: ${suspended.join(', ')}`, sinks }
      : { status: 'up', sinks };
  }

  #filter(event: RuntimeEvent): RuntimeEvent | null {
    let current: RuntimeEvent = event;
    for (const filter of this.#filters) {
      try {
        const next = filter.filter(current);
        if (next === null) return null;
        current = next;
      } catch (error) {
        this.#options.log.error({ filter: filter.name, id: event.id }, `filter '${filter.name}': ${sentence(error)}`);
      }
    }
    return current;
  }

  #tell(name: string, listener: (event: RuntimeEvent) => void, event: RuntimeEvent): void {
    try {
      listener(event);
    } catch (error) {
      this.#options.log.error({ listener: name, id: event.id }, `listener '${name}': ${sentence(error)}`);
    }
  }
}
