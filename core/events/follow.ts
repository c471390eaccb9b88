import { type BackoffLimits, backoff } from '../backoff.ts';
import { unknownEvent } from '../config/unknown-event.ts';
import type { Clock, Random } from '../contracts/clock.ts';
import { type EventName, type EventSelector, selects } from '../contracts/event-names.ts';
import type { EventLog, EventSink, LoggedEvent, RuntimeEvent } from '../contracts/events.ts';
import type { HealthIndicator, HealthReport } from '../contracts/health.ts';
import type { Log } from '../contracts/log.ts';
import type { MetricSource, Sample } from '../contracts/metrics.ts';
import type { Ownership } from '../contracts/ownership.ts';
import { withDeadline } from '../deadline.ts';
import { isRuntimeError, sentence } from '../errors.ts';
import { Checkpoint } from './checkpoint.ts';

/** What a sink that follows the event log is made of. */
export interface FollowOptions {
  /** Names the sink in logs and health, and its checkpoint in the database: the plugin instance's name. */
  readonly name: string;
  readonly eventLog: EventLog;
  /** Which events; all but `engine.event` when absent. */
  readonly events?: readonly EventSelector[];
  /** These sessions alone: others are not even read. For a sink that belongs to one of them. */
  readonly sessions?: readonly string[];
  /** Which sessions: the plugin's own, as `context.includes` says; all when absent. */
  includes?(session: string): boolean;
  /** Where the very first start begins: with new events (default) or with the oldest one that is kept. */
  readonly begin?: 'now' | 'oldest';
  /**
   * Takes one event and resolves when the receiver has it for good. Called in the order of the log, one at a time. A
   * rejection is tried again, with growing pauses, for as long as it takes; only `UNPROCESSABLE` says that this event
   * will never be taken: it is logged, counted and passed over.
   */
  deliver(logged: LoggedEvent): Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  /** The source of the jitter. */
  readonly random?: Random;
  /** How long one `deliver` may take (ms), 30 s when absent. */
  readonly deliverLimit?: number;
  /** How many events the log keeps for this sink beyond its own retention; a million when absent. */
  readonly maxBehind?: number;
  /**
   * Of a cluster, for a sink that follows the events of all sessions: one process at a time delivers, and another one goes on at its
   * checkpoint when that is gone.
   */
  readonly ownership?: Pick<Ownership, 'does'> | undefined;
}

const pageSize = 100;
const pauses: BackoffLimits = { first: 250, longest: 30_000 };
/** How long `close` waits for the delivery under way. */
const closeGrace = 5_000;
/** How long another process of a cluster is left to deliver, before it is asked for again (ms). */
const turnPause = 2_000;

/**
 * Makes a sink that reads the event log at its own pace. Its checkpoint is kept in the log's database, so it goes on
 * where it was after a restart or an outage of its receiver: at least once, in order. Contribute it to
 * `Points.EventSink` (to `Points.HealthIndicator` and `Points.Metrics`, too), `start` it in `onReady`, `close` it in `onClose`.
 */
export const followLog = (options: FollowOptions): LogFollower => new LogFollower(options);

/** Forgets how far a sink of this name was, once it is closed: the next one begins anew. */
export const forgetFollower = (eventLog: EventLog, name: string): Promise<void> => Checkpoint.forget(eventLog, name);

/** A sink with a checkpoint in the event log. Made by `followLog`. */
export class LogFollower implements EventSink, HealthIndicator, MetricSource {
  readonly name: string;
  readonly scope: 'own' | 'all';
  readonly #options: FollowOptions;
  readonly #events: readonly EventSelector[];
  readonly #maxBehind: number;
  readonly #counts = { delivered: 0, failures: 0, refused: 0, missed: 0 };
  #checkpoint: Checkpoint | null = null;
  #running: Promise<void> | null = null;
  #failure: string | null = null;
  #failuresInARow = 0;
  /** In a cluster: whether it was ours to deliver when it was asked last. */
  #delivers = false;
  #closed = false;
  /** Ends the pause between two tries. */
  #endPause: () => void = () => undefined;

  constructor(options: FollowOptions) {
    this.name = options.name;
    this.scope = options.ownership ? 'all' : 'own';
    this.#options = options;
    this.#events = options.events ?? ['*'];
    const unknown = unknownEvent(this.#events);
    if (unknown !== null) throw new TypeError(`sink '${this.name}' follows ${unknown}`);
    this.#maxBehind = options.maxBehind ?? 1_000_000;
  }

  /** Finds its checkpoint and begins to deliver. Call it in `onReady`. */
  async start(): Promise<void> {
    const { eventLog, begin, log } = this.#options;
    const checkpoint = await Checkpoint.open(eventLog, this.name, begin === 'oldest' ? eventLog.tail : eventLog.head);
    if (checkpoint.cursor > eventLog.head) {
      log.warn(`sink '${this.name}' was at ${checkpoint.cursor} of an event log that is gone; it begins anew`);
      checkpoint.cursor = eventLog.tail;
    }
    this.#checkpoint = checkpoint;
    this.#wake();
  }

  wants(event: EventName, session: string): boolean {
    const { sessions, includes } = this.#options;
    return selects(this.#events, event) && (sessions?.includes(session) ?? true) && (includes?.(session) ?? true);
  }

  /** Called by the bus: there is something new. What is delivered comes from the log. */
  deliver(event: RuntimeEvent, { cursor }: LoggedEvent): void {
    const checkpoint = this.#checkpoint;
    const isNext = !this.#running && checkpoint?.cursor === cursor - 1;
    if (isNext && !this.#selects(event)) checkpoint.cursor = cursor;
    else this.#wake();
  }

  /** The log keeps what was not delivered, up to a bound. Everything, while the checkpoint is not known yet. */
  oldestNeeded(): number | null {
    if (!this.#checkpoint) return this.#closed ? null : 0;
    // The bus does not tell of the sessions of others: without a look the checkpoint would stay before their events.
    if (this.#behind > 0) this.#wake();
    return Math.max(this.#checkpoint.cursor + 1, this.#options.eventLog.head - this.#maxBehind + 1);
  }

  check(): HealthReport {
    const behind = this.#behind;
    const details = { position: this.#checkpoint?.cursor ?? null, behind, ...this.#counts, failing: this.#failure };
    if (behind <= this.#maxBehind) return { status: 'up', ...details };
    return { status: 'down', message: `more than ${this.#maxBehind} events wait: the oldest are lost`, ...details };
  }

  collect(): readonly Sample[] {
    const labels = { sink: this.name };
    const help = 'Events that a sink has still to read from the log';
    return [
      { name: 'waha_sink_behind', help, type: 'gauge', labels, value: this.#behind },
      ...Object.entries(this.#counts).map(([outcome, value]): Sample => {
        const what = 'What became of the events that a sink read from the log';
        return {
          name: 'waha_sink_log_events_total',
          help: what,
          type: 'counter',
          labels: { ...labels, outcome },
          value,
        };
      }),
    ];
  }

  /** Ends the delivery under way, keeps the checkpoint and stops. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#endPause();
    const { clock, log } = this.#options;
    const late = () => new Error(`its last delivery did not end within ${closeGrace} ms`);
    try {
      if (this.#running) await withDeadline(this.#running, closeGrace, clock, late);
      if (this.#mayKeep) await this.#checkpoint?.save();
    } catch (error) {
      log.warn(`sink '${this.name}' may deliver its last events once more: ${sentence(error)}`);
    }
  }

  get #behind(): number {
    return this.#checkpoint ? this.#options.eventLog.head - this.#checkpoint.cursor : 0;
  }

  #selects({ event, session }: RuntimeEvent): boolean {
    return this.wants(event, session);
  }

  #wake(): void {
    if (this.#checkpoint && !this.#closed && this.#behind > 0) this.#running ??= this.#run(this.#checkpoint);
  }

  async #run(checkpoint: Checkpoint): Promise<void> {
    while (!this.#closed && this.#behind > 0) {
      try {
        await this.#deliverPage(checkpoint);
      } catch (error) {
        await this.#failed(error, checkpoint);
      }
    }
    this.#running = null;
  }

  /** Whether the checkpoint that is stored is ours to change. */
  get #mayKeep(): boolean {
    return this.#options.ownership === undefined || this.#delivers;
  }

  /** Whether it is this process's turn to deliver. Who begins goes on where the one before was. */
  async #isOurs(checkpoint: Checkpoint): Promise<boolean> {
    const { ownership } = this.#options;
    if (!ownership) return true;
    const isOurs = await ownership.does(`sink ${this.name}`);
    if (!isOurs || !this.#delivers) await checkpoint.refresh();
    this.#delivers = isOurs;
    return isOurs;
  }

  async #deliverPage(checkpoint: Checkpoint): Promise<void> {
    const { eventLog, sessions } = this.#options;
    if (!(await this.#isOurs(checkpoint))) return this.#pause(turnPause);
    const { head } = eventLog;
    const only = sessions === undefined ? {} : { sessions };
    const page = await eventLog.read({ after: checkpoint.cursor, events: this.#events, limit: pageSize, ...only });
    this.#noteGap(checkpoint);
    for (const logged of page) {
      if (this.#closed) return;
      if (this.#selects(logged.event)) await this.#deliverOne(logged);
      checkpoint.cursor = logged.cursor;
    }
    if (page.length < pageSize) checkpoint.cursor = Math.max(checkpoint.cursor, head);
    await checkpoint.save();
    this.#recovered();
  }

  async #deliverOne(logged: LoggedEvent): Promise<void> {
    const { clock, log, deliverLimit = 30_000 } = this.#options;
    const late = () => new Error(`no answer within ${deliverLimit} ms`);
    try {
      await withDeadline(this.#options.deliver(logged), deliverLimit, clock, late);
      this.#counts.delivered++;
    } catch (error) {
      if (!isRuntimeError(error, 'UNPROCESSABLE')) throw error;
      this.#counts.refused++;
      const { id, event, session } = logged.event;
      log.error({ id, event, session }, `sink '${this.name}' passes over an event: ${sentence(error)}`);
    }
    this.#recovered();
  }

  #recovered(): void {
    if (!this.#failure) return;
    this.#options.log.info(`sink '${this.name}' delivers again, after ${this.#failuresInARow} failures`);
    this.#failure = null;
    this.#failuresInARow = 0;
  }

  async #failed(error: unknown, checkpoint: Checkpoint): Promise<void> {
    const { log, random = Math.random } = this.#options;
    if (this.#closed) return;
    if (!this.#failure) log.warn(`sink '${this.name}' fails, its events wait in the log: ${sentence(error)}`);
    this.#failure = sentence(error);
    this.#counts.failures++;
    const ceiling = backoff(++this.#failuresInARow, pauses);
    if (this.#mayKeep) await checkpoint.save().catch(() => undefined);
    await this.#pause(ceiling * (0.5 + random() / 2));
  }

  #pause(milliseconds: number): Promise<void> {
    const { clock } = this.#options;
    return new Promise((resolve) => {
      const timer = clock.setTimeout(resolve, milliseconds);
      this.#endPause = () => {
        clock.clearTimeout(timer);
        resolve();
      };
      if (this.#closed) this.#endPause();
    });
  }

  #noteGap(checkpoint: Checkpoint): void {
    const { eventLog, log } = this.#options;
    const missed = eventLog.tail - checkpoint.cursor;
    if (missed <= 0) return;
    this.#counts.missed += missed;
    log.error(`sink '${this.name}' was away for too long: the event log forgot ${missed} events before it read them`);
    checkpoint.cursor = eventLog.tail;
  }
}
