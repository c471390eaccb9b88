import type { Clock } from '../contracts/clock.ts';
import type { EventName } from '../contracts/event-names.ts';
import type { EventBus, EventFilter, EventSink, LoggedEvent, Publication, RuntimeEvent } from '../contracts/events.ts';
import type { HealthIndicator, HealthReport } from '../contracts/health.ts';
import type { Log } from '../contracts/log.ts';
import type { Contribution } from '../contracts/plugin.ts';
import type { RuntimeInfo } from '../contracts/runtime-info.ts';
import type { Change } from '../contracts/storage.ts';
import { sentence } from '../errors.ts';
import { CommitQueue } from './commit-queue.ts';
import { envelope } from './envelope.ts';
import type { CollectionEventLog } from './event-log.ts';
import { GuardedSink, type SinkLimits } from './guarded-sink.ts';

/** What plugins contributed, as it is now: another list is another array. */
export interface BusLists {
  filters(): readonly Contribution<EventFilter>[];
  sinks(): readonly Contribution<EventSink>[];
}

export interface BusOptions {
  readonly eventLog: CollectionEventLog;
  readonly lists: BusLists;
  readonly info: RuntimeInfo;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: SinkLimits;
  /**
   * Throws for a change that the log's database would refuse: after a failed commit it tells a sink that asks for the
   * impossible from a medium that fails.
   */
  check?(change: Change): void;
  /** As in `CommitOptions`. */
  lost?(sessions: readonly string[]): Promise<ReadonlySet<string>>;
  /** Several processes share the log: called when something was committed, and `deliverToAll` is called for each event of them all. */
  grown?(): void;
}

/** Commits every event to the log and hands it to every sink. No sink waits for another, and none can stop the rest. */
export class FanOutBus implements EventBus, HealthIndicator {
  readonly name = 'events';
  readonly #options: BusOptions;
  readonly #listeners = new Map<symbol, { name: string; listener: (event: RuntimeEvent) => void }>();
  readonly #commits: CommitQueue;
  #contributed: readonly Contribution<EventSink>[] = [];
  #sinks: readonly GuardedSink[] = [];

  constructor(options: BusOptions) {
    const { eventLog, log, clock, check = () => undefined } = options;
    this.#options = options;
    this.#commits = new CommitQueue(eventLog, {
      log,
      clock,
      rows: (logged, again) => this.sinks.flatMap((sink) => sink.rows(logged, again ? check : undefined)),
      committed: (logged) => this.#handOver(logged),
      dropped: (event) => {
        for (const sink of this.sinks) sink.dropped(event);
      },
      ...(options.lost ? { lost: options.lost } : {}),
    });
  }

  /** The sinks, each behind its guard; one that stays in the list keeps its counts. */
  get sinks(): readonly GuardedSink[] {
    const contributed = this.#options.lists.sinks();
    if (contributed !== this.#contributed) {
      const { log, clock, limits } = this.#options;
      const known = new Map(this.#sinks.map((guarded) => [guarded.sink, guarded]));
      this.#contributed = contributed;
      this.#sinks = contributed.map(({ value }) => known.get(value) ?? new GuardedSink(value, log, clock, limits));
    }
    return this.#sinks;
  }

  /** How many events wait for their commit. */
  get waiting(): number {
    return this.#commits.depth;
  }

  async publish<N extends EventName>(publication: Publication<N>): Promise<void> {
    const event = this.#filter(envelope(publication, this.#options.info, this.#options.clock.now()));
    if (event !== null) await this.#commits.add(event, publication.identity !== undefined);
  }

  wants(event: EventName, session: string): boolean {
    return this.sinks.some((guarded) => guarded.wants(event, session));
  }

  /** Resolves when everything published is committed and handed over. */
  async idle(): Promise<void> {
    await this.#commits.idle();
  }

  /** The oldest cursor that some sink still has to read. */
  oldestNeeded(): number {
    return Math.min(...this.sinks.map(({ sink }) => sink.oldestNeeded?.() ?? Number.MAX_SAFE_INTEGER));
  }

  subscribe(name: string, listener: (event: RuntimeEvent) => void): () => void {
    const id = Symbol(name);
    this.#listeners.set(id, { name, listener });
    return () => this.#listeners.delete(id);
  }

  check(): HealthReport {
    if (this.#commits.failure) return { status: 'down', message: this.#commits.failure, waiting: this.#commits.depth };
    const suspended = this.sinks.filter((sink) => sink.suspended).map((guarded) => guarded.sink.name);
    const sinks = Object.fromEntries(this.sinks.map((guarded) => [guarded.sink.name, guarded.counts]));
    return suspended.length > 0
      ? { status: 'down', message: `suspended: ${suspended.join(', ')}`, sinks }
      : { status: 'up', sinks };
  }

  #handOver(logged: LoggedEvent): void {
    for (const { name, listener } of this.#listeners.values()) this.#tell(name, listener, logged.event);
    const { grown } = this.#options;
    for (const sink of this.sinks) if (!grown || sink.sink.scope !== 'all') sink.deliver(logged);
    grown?.();
  }

  /** An event of whichever process, for the sinks that want those of all. */
  deliverToAll(logged: LoggedEvent): void {
    for (const sink of this.sinks) if (sink.sink.scope === 'all') sink.deliver(logged);
  }

  #filter(event: RuntimeEvent): RuntimeEvent | null {
    let current: RuntimeEvent = event;
    for (const { value: filter } of this.#options.lists.filters()) {
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
