import type { Clock } from '../contracts/clock.ts';
import type { EventName } from '../contracts/event-names.ts';
import type { EventBus, EventFilter, EventSink, LoggedEvent, Publication, RuntimeEvent } from '../contracts/events.ts';
import type { HealthIndicator, HealthReport } from '../contracts/health.ts';
import type { Log } from '../contracts/log.ts';
import type { RuntimeInfo } from '../contracts/runtime-info.ts';
import type { Change } from '../contracts/storage.ts';
import { sentence } from '../errors.ts';
import { CommitQueue } from './commit-queue.ts';
import { envelope } from './envelope.ts';
import type { CollectionEventLog } from './event-log.ts';
import { GuardedSink, type SinkLimits } from './guarded-sink.ts';

export interface BusOptions {
  readonly info: RuntimeInfo;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: SinkLimits;
}

/** Commits every event to the log and hands it to every sink. No sink waits for another, and none can stop the rest. */
export class FanOutBus implements EventBus, HealthIndicator {
  readonly name = 'events';
  readonly #options: BusOptions;
  readonly #listeners = new Map<symbol, { name: string; listener: (event: RuntimeEvent) => void }>();
  #filters: readonly EventFilter[] = [];
  #sinks: readonly GuardedSink[] = [];
  #commits: CommitQueue | null = null;

  constructor(options: BusOptions) {
    this.#options = options;
  }

  /**
   * Gives it the log; nothing can be published before. `check` throws for a change that its database would refuse: after a
   * failed commit it tells a sink that asks for the impossible from a medium that fails.
   */
  open(log: CollectionEventLog, check: (change: Change) => void = () => undefined): void {
    this.#commits = new CommitQueue(log, {
      ...this.#options,
      rows: (logged, again) => this.#sinks.flatMap((sink) => sink.rows(logged, again ? check : undefined)),
      committed: (logged) => this.#handOver(logged),
    });
  }

  /** Sets the lists that the plugins contributed. A sink that was there before keeps its counts. */
  connect(filters: readonly EventFilter[], sinks: readonly EventSink[]): void {
    const { log, clock, limits } = this.#options;
    this.#filters = filters;
    const known = new Map(this.#sinks.map((guarded) => [guarded.sink, guarded]));
    this.#sinks = sinks.map((sink) => known.get(sink) ?? new GuardedSink(sink, log, clock, limits));
  }

  get sinks(): readonly GuardedSink[] {
    return this.#sinks;
  }

  /** How many events wait for their commit. */
  get waiting(): number {
    return this.#commits?.depth ?? 0;
  }

  async publish<N extends EventName>(publication: Publication<N>): Promise<void> {
    const event = this.#filter(envelope(publication, this.#options.info, this.#options.clock.now()));
    if (event !== null) await this.#queue.add(event, publication.identity !== undefined);
  }

  wants(event: EventName, session: string): boolean {
    return this.#sinks.some((guarded) => guarded.wants(event, session));
  }

  /** Resolves when everything published is committed and handed over. */
  async idle(): Promise<void> {
    await this.#commits?.idle();
  }

  /** The oldest cursor that some sink still has to read. */
  oldestNeeded(): number {
    return Math.min(...this.#sinks.map(({ sink }) => sink.oldestNeeded?.() ?? Number.MAX_SAFE_INTEGER));
  }

  subscribe(name: string, listener: (event: RuntimeEvent) => void): () => void {
    const id = Symbol(name);
    this.#listeners.set(id, { name, listener });
    return () => this.#listeners.delete(id);
  }

  check(): HealthReport {
    if (this.#commits?.failure) return { status: 'down', message: this.#commits.failure, waiting: this.#commits.depth };
    const suspended = this.#sinks.filter((sink) => sink.suspended).map((guarded) => guarded.sink.name);
    const sinks = Object.fromEntries(this.#sinks.map((guarded) => [guarded.sink.name, guarded.counts]));
    return suspended.length > 0
      ? { status: 'down', message: `suspended: ${suspended.join(', ')}`, sinks }
      : { status: 'up', sinks };
  }

  get #queue(): CommitQueue {
    if (!this.#commits) throw new Error('something is published before the event log is open');
    return this.#commits;
  }

  #handOver(logged: LoggedEvent): void {
    for (const { name, listener } of this.#listeners.values()) this.#tell(name, listener, logged.event);
    for (const sink of this.#sinks) sink.deliver(logged);
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
