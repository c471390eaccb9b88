import { type BackoffLimits, backoff } from '../backoff.ts';
import type { Clock } from '../contracts/clock.ts';
import type { LoggedEvent, RuntimeEvent, UncommittedEvent } from '../contracts/events.ts';
import type { Log } from '../contracts/log.ts';
import type { Change } from '../contracts/storage.ts';
import { pause } from '../deadline.ts';
import { authRevoked, badRequest, isRuntimeError, sentence, unavailable } from '../errors.ts';
import { factOf } from './envelope.ts';
import type { CollectionEventLog } from './event-log.ts';
import { RecentIds } from './recent-ids.ts';

export interface CommitOptions {
  readonly log: Log;
  readonly clock: Clock;
  /** The sinks' rows of an event. `again`: a commit with them failed, so those that no database would take are left out. */
  rows(uncommitted: UncommittedEvent, again: boolean): readonly Change[];
  /** Called for each event in order, once it is committed. */
  committed(logged: LoggedEvent): void;
  /** Which of these sessions belong to another process now: their events are refused. None when absent. */
  lost?(sessions: readonly string[]): Promise<ReadonlySet<string>>;
  /** Called for each event that was refused so. */
  dropped?(event: RuntimeEvent): void;
}

interface Waiting {
  readonly event: RuntimeEvent;
  /** The same fact may come again: look whether it is there. */
  readonly repeatable: boolean;
  resolve(): void;
  reject(error: unknown): void;
}

/** What a refused commit comes to. */
interface Settled {
  readonly committed: readonly LoggedEvent[];
  readonly left: UncommittedEvent[];
}

/** How many events one transaction takes, and how many may wait while the medium fails. */
const groupSize = 256;
const maxWaiting = 10_000;
const pauses: BackoffLimits = { first: 250, longest: 5_000 };

/** How many committed facts are remembered at most, before the log itself is asked. */
const remembered = 10_000;

/**
 * Commits events in the order in which they come, many in one transaction. While the medium fails it tries again
 * for as long as it takes; events wait up to a bound, and beyond it the caller is told.
 */
export class CommitQueue {
  readonly #log: CollectionEventLog;
  readonly #options: CommitOptions;
  readonly #waiting: Waiting[] = [];
  readonly #recent = new RecentIds(remembered);
  #draining: Promise<void> | null = null;
  #failure: string | null = null;
  readonly #untilFailure: (() => void)[] = [];

  constructor(log: CollectionEventLog, options: CommitOptions) {
    this.#log = log;
    this.#options = options;
  }

  /** Why nothing can be committed at present, or null. */
  get failure(): string | null {
    return this.#failure;
  }

  get depth(): number {
    return this.#waiting.length;
  }

  /** Resolves once the event is committed, or was before. Rejects with `UNAVAILABLE`, and with `BAD_REQUEST` for what is no JSON. */
  add(event: RuntimeEvent, repeatable: boolean): Promise<void> {
    if (this.#waiting.length >= maxWaiting) {
      return Promise.reject(unavailable(`events cannot be stored and too many wait: ${this.#failure ?? 'overload'}`));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ event, repeatable, resolve, reject });
      this.#draining ??= this.#drain();
    });
  }

  /** Resolves when nothing waits any more, or when nothing can be committed. */
  async idle(): Promise<void> {
    if (!this.#draining || this.#failure !== null) return;
    await Promise.race([this.#draining, new Promise<void>((resolve) => this.#untilFailure.push(resolve))]);
  }

  async #drain(): Promise<void> {
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const group = this.#waiting.slice(0, groupSize);
      const logged = await this.#persist(group);
      this.#waiting.splice(0, group.length);
      for (const item of logged) this.#options.committed(item);
      for (const { resolve } of group) resolve();
    }
    this.#draining = null;
  }

  async #persist(group: readonly Waiting[]): Promise<LoggedEvent[]> {
    let left: UncommittedEvent[] | null = null;
    const found: LoggedEvent[] = [];
    for (let failures = 0; ; ) {
      try {
        left ??= this.#number(await this.#fresh(group), group);
        const logged = left.length > 0 ? await this.#log.commit(left, this.#rows(left, failures > 0)) : [];
        this.#failure = null;
        const all = [...found, ...logged];
        for (const { event } of all) this.#recent.add(factOf(event.id));
        return all;
      } catch (error) {
        if (left !== null && isRuntimeError(error, 'NOT_HELD')) {
          const settled: Settled | null = await this.#settle(left, group).catch(() => null);
          found.push(...(settled?.committed ?? []));
          if (settled !== null && settled.left.length < left.length) {
            left = settled.left;
            continue;
          }
        }
        this.#failure = sentence(error);
        for (const resolve of this.#untilFailure.splice(0)) resolve();
        this.#options.log.error({ waiting: this.#waiting.length }, `events cannot be stored: ${this.#failure}`);
        await pause(backoff(++failures, pauses), this.#options.clock);
      }
    }
  }

  /** Why a commit was refused: some of it is there from a try that nobody answered, or is of sessions that went to another process. */
  async #settle(uncommitted: readonly UncommittedEvent[], group: readonly Waiting[]): Promise<Settled> {
    const committed = await this.#log.committed(uncommitted);
    const there = new Set(committed.map(({ event }) => event.id));
    const missing = uncommitted.filter(({ event }) => !there.has(event.id));
    const lost = (await this.#options.lost?.([...new Set(missing.map(({ event }) => event.session))])) ?? new Set();
    for (const { event } of missing) {
      if (!lost.has(event.session)) continue;
      this.#options.dropped?.(event);
      for (const waiting of group) if (waiting.event.id === event.id) waiting.reject(authRevoked(event.session));
    }
    const left = missing.filter(({ event }) => !lost.has(event.session));
    return { committed, left: left.map((one, place) => this.#log.moved(one, place + 1)) };
  }

  /** What no row can be made of goes back to who published it: tried again, it would hold up all that come behind. */
  #number(fresh: readonly RuntimeEvent[], group: readonly Waiting[]): UncommittedEvent[] {
    const numbered: UncommittedEvent[] = [];
    for (const event of fresh) {
      try {
        numbered.push(this.#log.number(event, numbered.length + 1));
      } catch (error) {
        const refusal = badRequest(`event '${event.event}' cannot be written as JSON: ${sentence(error)}`);
        for (const waiting of group) if (factOf(waiting.event.id) === factOf(event.id)) waiting.reject(refusal);
      }
    }
    return numbered;
  }

  #rows(uncommitted: readonly UncommittedEvent[], again: boolean): Change[] {
    return uncommitted.flatMap((item) => this.#options.rows(item, again));
  }

  /** Without the facts that were committed before, and each fact once. */
  async #fresh(group: readonly Waiting[]): Promise<RuntimeEvent[]> {
    const fresh = new Map<string, RuntimeEvent>();
    const logged = await this.#known(group);
    for (const { event, repeatable } of group) {
      const fact = factOf(event.id);
      const known = repeatable && (this.#recent.has(fact) || logged.has(fact));
      if (!known && !fresh.has(fact)) fresh.set(fact, event);
    }
    return [...fresh.values()];
  }

  /**
   * Which of these the log has and is not remembered to have. Their time says nothing: WhatsApp stamps a new one on what it
   * sends again.
   */
  #known(group: readonly Waiting[]): Promise<ReadonlySet<string>> {
    const repeatable = group.filter((waiting) => waiting.repeatable).map(({ event }) => factOf(event.id));
    return this.#log.known([...new Set(repeatable)].filter((fact) => !this.#recent.has(fact)));
  }
}
