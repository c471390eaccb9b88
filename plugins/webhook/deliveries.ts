import {
  type Change,
  type Clock,
  type Egress,
  type EventLog,
  type Log,
  type LoggedEvent,
  type Random,
  sentence,
} from 'waha-runtime';
import type { Verdict } from './attempt.ts';
import { Bodies } from './bodies.ts';
import type { Retention } from './config.ts';
import { type DeliveryCounts, newDelivery } from './delivery.ts';
import type { Endpoint } from './endpoint.ts';
import { endpointRow } from './endpoint-state.ts';
import type { Endpoints } from './endpoints.ts';
import type { Letter } from './headers.ts';
import { Lane } from './lane.ts';
import type { LaneSubject } from './lane-parts.ts';
import { Maintenance } from './maintenance.ts';
import { Outbox } from './outbox.ts';
import type { DeliveryRow } from './outbox-schema.ts';
import { Recorder } from './recorder.ts';
import { Replays } from './replays.ts';
import { Sender } from './sender.ts';
import { Tally } from './tally.ts';

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
  /** How long `close` waits for what is under way (ms); 5 s when absent. */
  readonly closeGraceMs?: number;
}

interface Planned {
  readonly row: DeliveryRow;
  readonly endpoint: Endpoint;
}

/** What there is once the database is open. */
interface Opened {
  readonly outbox: Outbox;
  readonly recorder: Recorder;
  readonly bodies: Bodies;
  readonly sender: Sender;
  readonly maintenance: Maintenance;
  readonly replays: Replays;
}

/** All deliveries of one plugin instance: planned with the event's commit, then on their lanes. */
export class Deliveries {
  readonly tally = new Tally();
  readonly #options: DeliveriesOptions;
  readonly #lanes = new Map<string, Lane>();
  /** What was planned for events that are not committed yet, by cursor. */
  readonly #planned = new Map<number, readonly Planned[]>();
  /** Endpoints whose row is stored, with the settings that it has. */
  readonly #stored = new Map<string, string>();
  #opened: Opened | null = null;
  #latest = 0;
  #tidyAt = 100;
  #closed = false;

  constructor(options: DeliveriesOptions) {
    this.#options = options;
  }

  /** Takes up what waits from before. `owners`: whose endpoints these are; null stands for those of nobody. */
  async open(log: EventLog, isOwner: (owner: string) => boolean): Promise<void> {
    const { clock, retention, log: logger } = this.#options;
    const outbox = await Outbox.open(log.database);
    const onRecovered = () => {
      for (const lane of this.#lanes.values()) lane.pump();
    };
    const recorder = new Recorder({ database: log.database, clock, log: logger, onRecovered });
    const maintenance = new Maintenance({ outbox, clock, log: logger, retention, lanes: () => this.#lanes.values() });
    const bodies = new Bodies(log, outbox);
    const sender = new Sender({ bodies, clock, egress: this.#options.egress });
    const now = () => this.#now();
    const laneOf = (endpoint: Endpoint) => this.laneOf(endpoint);
    const replays = new Replays({ outbox, recorder, maintenance, now, laneOf });
    this.#opened = { outbox, recorder, bodies, sender, maintenance, replays };
    maintenance.sawCursor(log.head);
    await maintenance.refresh();
    for (const row of await outbox.endpoints()) {
      if (!isOwner(row.owner)) continue;
      const endpoint = this.#options.endpoints.find(row);
      const waiting = await outbox.countPending(row.id);
      if (!endpoint && waiting === 0) {
        recorder.note(row.id, outbox.forgettingEndpoint(row.id));
        continue;
      }
      this.#stored.set(row.id, row.settings);
      const lane = this.#newLane(row, waiting);
      lane.standing.restore(row, endpoint ?? null);
      if (endpoint && waiting === 0 && lane.standing.clean) this.#lanes.delete(row.id);
      lane.pump();
    }
  }

  /** What the event is to be committed with. May be asked again for the same event. */
  rows(logged: LoggedEvent): readonly Change[] {
    const { outbox } = this.#demand();
    const { endpoints, plugin, newRequestId } = this.#options;
    const now = this.#now();
    const planned = endpoints.wanting(logged.event).map((endpoint) => {
      const row = newDelivery(logged, endpoint, { now, requestId: newRequestId() });
      const refusal = this.#lanes.get(endpoint.id)?.refusal(endpoint) ?? null;
      if (refusal !== null) Object.assign(row, { state: 'dropped', endedAt: now, lastError: refusal });
      return { row, endpoint };
    });
    if (planned.length === 0) return [];
    this.#planned.set(logged.cursor, planned);
    const fresh = planned.filter(({ endpoint }) => this.#stored.get(endpoint.id) !== endpoint.settings);
    return [
      ...fresh.map(({ endpoint }) => {
        const standing = this.#lanes.get(endpoint.id)?.standing ?? null;
        return outbox.savingEndpoint(endpointRow(endpoint, standing, { plugin, now }));
      }),
      ...planned.map(({ row }) => outbox.saving(row)),
    ];
  }

  /** The event is committed. */
  committed({ cursor, body }: LoggedEvent): void {
    const { bodies, maintenance } = this.#demand();
    maintenance.sawCursor(cursor);
    const readers = this.#planned.get(cursor)?.filter(({ row }) => row.state === 'pending').length ?? 0;
    if (readers > 0) bodies.keep(cursor, Buffer.from(body), readers);
    for (const earlier of this.#planned.keys()) {
      // Commits come in order: what was planned before is committed, although nobody said so.
      if (earlier > cursor) return;
      this.#begin(this.#planned.get(earlier) ?? []);
      this.#planned.delete(earlier);
    }
  }

  #begin(planned: readonly Planned[]): void {
    for (const { row, endpoint } of planned) {
      this.#stored.set(endpoint.id, endpoint.settings);
      const lane = this.laneOf(endpoint);
      if (row.state === 'pending') lane.push(row);
      else lane.refused(row);
    }
  }

  /** The oldest event that somebody may still need. Called once a minute; that is when the log is kept within its bounds. */
  oldestNeeded(): number | null {
    const opened = this.#opened;
    if (!opened || this.#closed) return null;
    void opened.maintenance.run();
    return opened.maintenance.oldestNeeded;
  }

  /** Sends a delivery again, whatever became of it. */
  replay(id: string, endpoint: Endpoint): Promise<void> {
    return this.#demand().replays.replay(id, endpoint);
  }

  /** One attempt outside of the queue. */
  try(endpoint: Endpoint, letter: Letter): Promise<Verdict> {
    return this.#demand().sender.try(endpoint, letter);
  }

  get outbox(): Outbox {
    return this.#demand().outbox;
  }

  get bodies(): Bodies {
    return this.#demand().bodies;
  }

  /** Why results cannot be stored at present, or null. */
  get failure(): string | null {
    return this.#opened?.recorder.failure ?? null;
  }

  /** How long the oldest delivery has been waiting (ms); looked up once a minute. */
  get oldestPendingMs(): number {
    return this.#opened?.maintenance.oldestPendingMs ?? 0;
  }

  /** Resolves when what became of deliveries so far is stored. */
  settled(): Promise<void> {
    return this.#demand().recorder.flush();
  }

  lane(id: string): Lane | undefined {
    return this.#lanes.get(id);
  }

  counts(): DeliveryCounts {
    this.#tidy();
    const lanes = [...this.#lanes.values()];
    const inState = (state: string) => lanes.filter(({ standing }) => standing.state === state).length;
    const sum = (of: (lane: Lane) => number) => lanes.reduce((total, lane) => total + of(lane), 0);
    const { delivered, failed, retried, dropped } = this.tally;
    return {
      ...{ delivered, failed, retried, dropped },
      queued: sum((lane) => lane.queued),
      inFlight: sum((lane) => lane.inFlight),
      endpoints: { active: inState('active'), degraded: inState('degraded'), disabled: inState('disabled') },
    };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const lane of this.#lanes.values()) lane.close();
    const { log, closeGraceMs = 5_000 } = this.#options;
    await this.#opened?.sender.close(closeGraceMs);
    await this.#opened?.recorder.close();
    const { queued } = this.counts();
    if (queued > 0) log.info({ queued }, `${queued} webhook deliveries are waiting for the next start`);
  }

  laneOf(endpoint: Endpoint): Lane {
    const known = this.#lanes.get(endpoint.id);
    if (known) return known;
    if (this.#lanes.size >= this.#tidyAt) this.#tidy();
    return this.#newLane(endpoint, 0);
  }

  #newLane(subject: LaneSubject, stored: number): Lane {
    const { clock, random, log, endpoints } = this.#options;
    const { outbox, recorder, sender } = this.#demand();
    const lane: Lane = new Lane(subject, stored, {
      ...{ clock, random, log },
      tally: this.tally,
      store: {
        page: (endpoint, query, extra) => outbox.page(endpoint, query, extra, this.#planned),
        save: (row) => this.#save(row),
        flush: () => recorder.flush(),
      },
      current: () => endpoints.find(subject),
      send: (endpoint, row) => sender.send(endpoint, row),
      held: () => recorder.failure !== null,
      standingChanged: () => this.#saveStanding(lane),
    });
    this.#lanes.set(subject.id, lane);
    if (this.#closed) lane.close();
    return lane;
  }

  #save(row: DeliveryRow): void {
    const { recorder, outbox, bodies } = this.#demand();
    recorder.note(row.id, outbox.saving(row));
    if (row.state === 'dead') this.#keepLetter(row);
    if (row.state !== 'pending') bodies.done(row.cursor);
  }

  #keepLetter({ id, cursor }: DeliveryRow): void {
    const { recorder, outbox, bodies } = this.#demand();
    const keep = (body: Buffer) => recorder.note(`letter ${cursor}`, outbox.savingLetter({ cursor, body: `${body}` }));
    void bodies
      .of(cursor)
      .then((body) => body && keep(body))
      .catch((error) => this.#options.log.warn({ id }, `a dead letter lost its body: ${sentence(error)}`));
  }

  #saveStanding(lane: Lane): void {
    const { recorder, outbox } = this.#demand();
    const endpoint = this.#options.endpoints.find(lane.subject);
    if (!endpoint) return;
    const row = endpointRow(endpoint, lane.standing, { plugin: this.#options.plugin, now: this.#now() });
    this.#stored.set(row.id, row.settings);
    recorder.note(row.id, outbox.savingEndpoint(row));
  }

  /** Never goes back: what comes later is due later. */
  #now(): number {
    this.#latest = Math.max(this.#latest, this.#options.clock.now());
    return this.#latest;
  }

  #demand(): Opened {
    if (!this.#opened) throw new Error('the outbox is used before it is open');
    return this.#opened;
  }

  /** Lanes are there for their memory of failures and for what waits; without both they go. */
  #tidy(): void {
    const { endpoints } = this.#options;
    for (const [id, lane] of this.#lanes) {
      const idle = lane.queued === 0 && lane.inFlight === 0;
      if (lane.forgettable || (idle && endpoints.find(lane.subject) === undefined)) this.#lanes.delete(id);
    }
    endpoints.forget((id) => this.#lanes.has(id));
    this.#tidyAt = Math.max(100, this.#lanes.size * 2);
  }
}
