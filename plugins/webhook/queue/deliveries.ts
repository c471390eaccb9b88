import {
  type Change,
  type Clock,
  type Egress,
  type EventLog,
  type Log,
  type LoggedEvent,
  type Ownership,
  type Random,
  sentence,
  type UncommittedEvent,
} from 'waha-runtime';
import { keepDeadLetter } from '../delivery-log/dead-letter.ts';
import { committedColumns, type DeliveryCounts, newDelivery, uncommittedColumns } from '../delivery-log/delivery.ts';
import { endpointRow } from '../delivery-log/endpoint-row.ts';
import { EventBodies } from '../delivery-log/event-bodies.ts';
import { Outbox } from '../delivery-log/outbox.ts';
import type { DeliveryRow, EndpointRow } from '../delivery-log/outbox-schema.ts';
import { ResultWriter } from '../delivery-log/result-writer.ts';
import type { Retention } from '../delivery-log/retention.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { Endpoints } from '../endpoints/endpoints.ts';
import type { AttemptResult } from '../request/attempt.ts';
import type { WebhookRequest } from '../request/request-headers.ts';
import { Sender } from '../request/sender.ts';
import { Counters } from './counters.ts';
import { DeliveryQueue } from './delivery-queue.ts';
import { Maintenance } from './maintenance.ts';
import { type Planned, PlannedEvents } from './planned-events.ts';
import type { QueueSubject } from './queue-options.ts';
import { Replays } from './replays.ts';
import { type SessionMoves, sessionMoves } from './session-moves.ts';

export interface DeliveriesOptions {
  /** The plugin instance. */
  readonly plugin: string;
  readonly egress: Egress;
  readonly endpoints: Endpoints;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly retention: Retention;
  /** Makes the ids of sends. */
  newRequestId(): string;
  /** Which sessions are this process's; absent where all are. */
  readonly ownership?: Ownership | undefined;
  /** How long `close` waits for what is under way (ms); 5 s when absent. */
  readonly closeGraceMs?: number;
}

/** All deliveries of one plugin instance: planned with the event's commit, then on their queues. */
export class Deliveries {
  readonly counters = new Counters();
  readonly #options: DeliveriesOptions;
  readonly #queues = new Map<string, DeliveryQueue>();
  readonly planned = new PlannedEvents();
  /** Endpoints whose row is stored, with the settings that it has. */
  readonly #stored = new Map<string, string>();
  readonly outbox: Outbox;
  readonly bodies: EventBodies;
  readonly #eventLog: EventLog;
  readonly #writer: ResultWriter;
  readonly #sender: Sender;
  readonly #maintenance: Maintenance;
  readonly #replays: Replays;
  /** Of a cluster; null where this process has all sessions. */
  readonly moves: SessionMoves | null;
  #isOwner: (owner: string) => boolean = () => false;
  #latest = 0;
  #tidyAt = 100;
  #closed = false;

  private constructor(options: DeliveriesOptions, eventLog: EventLog, outbox: Outbox) {
    const { clock, retention, log, egress } = options;
    const { database } = eventLog;
    this.#options = options;
    this.outbox = outbox;
    this.#eventLog = eventLog;
    this.bodies = new EventBodies(eventLog, outbox);
    const onRecovered = () => {
      for (const queue of this.#queues.values()) queue.pump();
    };
    this.moves = sessionMoves(options.ownership, outbox, (row) => this.#takeUp(row));
    this.#writer = new ResultWriter({ database, clock, log, onRecovered, moves: this.moves });
    this.#maintenance = new Maintenance({ outbox, clock, log, retention, queues: () => this.#queues.values() });
    this.#sender = new Sender({ bodies: this.bodies, clock, egress });
    this.#replays = new Replays({
      outbox,
      writer: this.#writer,
      maintenance: this.#maintenance,
      now: () => this.#now(),
      queueOf: (endpoint) => this.queueOf(endpoint),
    });
    this.#maintenance.sawCursor(eventLog.head);
  }

  /** Opens the outbox beside the event log. What waits from before stays there until `takeUp`. */
  static async open(options: DeliveriesOptions, eventLog: EventLog): Promise<Deliveries> {
    const deliveries = new Deliveries(options, eventLog, await Outbox.open(eventLog.database));
    await deliveries.#maintenance.refresh();
    return deliveries;
  }

  /** Goes on with what waits from before. `isOwner`: whether the endpoints of this plugin instance are ours. */
  async takeUp(isOwner: (owner: string) => boolean): Promise<void> {
    this.#isOwner = isOwner;
    // In a cluster what waits comes with its session.
    if (!this.moves) for (const row of await this.outbox.endpoints()) await this.#takeUp(row);
  }

  async #takeUp(row: EndpointRow): Promise<void> {
    if (!this.#isOwner(row.owner)) return;
    const { outbox } = this;
    const endpoint = this.#options.endpoints.find(row);
    const waiting = await outbox.countPending(row.id);
    if (!endpoint && waiting === 0) {
      this.#writer.note(row.id, outbox.forgettingEndpoint(row.id));
      return;
    }
    this.#stored.set(row.id, row.settings);
    // An event of this start may have made a queue already: what it was to send is among those that wait.
    this.#queues.get(row.id)?.close();
    const queue = this.#newQueue(row, waiting);
    queue.health.restore(row, endpoint ?? null);
    if (endpoint && waiting === 0 && queue.health.clean) this.#queues.delete(row.id);
    queue.pump();
  }

  /** What the event is to be committed with. May be asked again for the same event. */
  rows({ event, cursor }: UncommittedEvent): readonly Change[] {
    const { outbox } = this;
    const { endpoints, plugin, newRequestId } = this.#options;
    const now = this.#now();
    const planned = endpoints.wanting(event).map((endpoint) => {
      const row = newDelivery(event, endpoint, { now, requestId: newRequestId() });
      const refusal = this.#queues.get(endpoint.id)?.refusal(endpoint) ?? null;
      if (refusal !== null) Object.assign(row, { state: 'dropped', endedAt: now, lastError: refusal });
      return { row, endpoint };
    });
    if (planned.length === 0) return [];
    this.planned.plan(event.id, planned);
    this.moves?.saw(event.session);
    const fresh = planned.filter(({ endpoint }) => this.#stored.get(endpoint.id) !== endpoint.settings);
    return [
      ...fresh.map(({ endpoint }) => {
        const health = this.#queues.get(endpoint.id)?.health ?? null;
        return outbox.savingEndpoint(endpointRow(endpoint, health, { plugin, now }));
      }),
      ...planned.map(({ row, endpoint }) => outbox.saving({ ...row, ...uncommittedColumns(cursor, endpoint) })),
    ];
  }

  /** The event is committed. */
  committed({ cursor, event, body }: LoggedEvent): void {
    this.#maintenance.sawCursor(cursor);
    const { planned, earlier } = this.planned.take(event.id);
    for (const [id, plan] of earlier) void this.#beginUntold(id, plan);
    const readers = planned.filter(({ row }) => row.state === 'pending').length;
    if (readers > 0) this.bodies.keep(cursor, Buffer.from(body), readers);
    this.#begin(cursor, planned);
  }

  async #beginUntold(id: string, planned: readonly Planned[]): Promise<void> {
    try {
      const logged = await this.#eventLog.find(id);
      if (logged) this.#begin(logged.cursor, planned);
    } catch (error) {
      this.#options.log.warn(`deliveries wait for the next start: ${sentence(error)}`);
    }
  }

  #begin(cursor: number, planned: readonly Planned[]): void {
    const shared = this.outbox.database.shared === true;
    for (const { row, endpoint } of planned) {
      this.#stored.set(endpoint.id, endpoint.settings);
      const queue = this.queueOf(endpoint);
      const delivery = { ...row, ...committedColumns(cursor, endpoint, shared) };
      if (row.state === 'pending') queue.push(delivery);
      else queue.refused(delivery);
    }
  }

  /** The oldest event that somebody may still need. Called once a minute; that is when the log is kept within its bounds. */
  oldestNeeded(): number | null {
    if (this.#closed) return null;
    void this.#maintenance.run();
    return this.#maintenance.oldestNeeded;
  }

  /** Sends a delivery again, whatever became of it. */
  replay(id: string, endpoint: Endpoint): Promise<void> {
    return this.#replays.replay(id, endpoint);
  }

  /** One attempt outside of the queue. */
  try(endpoint: Endpoint, request: WebhookRequest): Promise<AttemptResult> {
    return this.#sender.try(endpoint, request);
  }

  /** Why results cannot be stored at present, or null. */
  get failure(): string | null {
    return this.#writer.failure;
  }

  /** How long the oldest delivery has been waiting (ms); looked up once a minute. */
  get oldestPendingMs(): number {
    return this.#maintenance.oldestPendingMs;
  }

  /** Resolves when what became of deliveries so far is stored. */
  settled = (): Promise<void> => this.#writer.flush();

  queue(id: string): DeliveryQueue | undefined {
    return this.#queues.get(id);
  }

  counts(): DeliveryCounts {
    this.#tidy();
    const queues = [...this.#queues.values()];
    const inState = (state: string) => queues.filter(({ health }) => health.state === state).length;
    const sum = (of: (queue: DeliveryQueue) => number) => queues.reduce((total, queue) => total + of(queue), 0);
    return {
      ...this.counters.totals,
      queued: sum((queue) => queue.queued),
      inFlight: sum((queue) => queue.inFlight),
      endpoints: { active: inState('active'), degraded: inState('degraded'), disabled: inState('disabled') },
    };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const { log, closeGraceMs = 5_000 } = this.#options;
    await this.#sender.close(closeGraceMs, () => void [...this.#queues.values()].map((queue) => queue.close()));
    await this.#writer.close();
    const { queued } = this.counts();
    if (queued > 0) log.info({ queued }, `${queued} webhook deliveries are waiting for the next start`);
  }

  queueOf(endpoint: Endpoint): DeliveryQueue {
    const known = this.#queues.get(endpoint.id);
    if (known) return known;
    if (this.#queues.size >= this.#tidyAt) this.#tidy();
    return this.#newQueue(endpoint, 0);
  }

  #newQueue(subject: QueueSubject, stored: number): DeliveryQueue {
    const { clock, random, log, endpoints } = this.#options;
    const { outbox } = this;
    const [writer, sender] = [this.#writer, this.#sender];
    const queue: DeliveryQueue = new DeliveryQueue(subject, stored, {
      ...{ clock, random, log },
      counters: this.counters,
      store: {
        page: (endpoint, query, extra) => outbox.page(endpoint, query, extra, this.planned),
        save: (row) => this.#save(row),
        flush: () => writer.flush(),
      },
      current: () => endpoints.find(subject),
      send: (endpoint, row) => sender.send(endpoint, row),
      held: () => writer.failure !== null,
      healthChanged: () => this.#saveHealth(queue),
    });
    this.#queues.set(subject.id, queue);
    if (this.#closed) queue.close();
    return queue;
  }

  #save(row: DeliveryRow): void {
    this.#writer.note(row.id, this.outbox.saving(row));
    if (row.state === 'dead') void keepDeadLetter(row, { ...this, writer: this.#writer, log: this.#options.log });
    if (row.state !== 'pending') this.bodies.done(row.cursor);
  }

  #saveHealth(queue: DeliveryQueue): void {
    const endpoint = this.#options.endpoints.find(queue.subject);
    if (!endpoint) return;
    const row = endpointRow(endpoint, queue.health, { plugin: this.#options.plugin, now: this.#now() });
    this.#stored.set(row.id, row.settings);
    this.#writer.note(row.id, this.outbox.savingEndpoint(row));
  }

  /** Never goes back: what comes later is due later. */
  #now(): number {
    this.#latest = Math.max(this.#latest, this.#options.clock.now());
    return this.#latest;
  }

  /** Queues are there for their memory of failures and for what waits; without both they go. */
  #tidy(): void {
    const { endpoints } = this.#options;
    for (const [id, queue] of this.#queues) {
      const idle = queue.queued === 0 && queue.inFlight === 0;
      if (queue.forgettable || (idle && endpoints.find(queue.subject) === undefined)) this.#queues.delete(id);
    }
    endpoints.forget((id) => this.#queues.has(id));
    this.#tidyAt = Math.max(100, this.#queues.size * 2);
  }
}
