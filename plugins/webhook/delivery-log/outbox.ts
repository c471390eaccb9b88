import type { Change, Collection, Countable, Database, Where } from 'waha-runtime';
import { type DeliveryState, deliveriesOf } from './delivery.ts';
import {
  type DeadLetterRow,
  type DeliveryRow,
  deadLettersSchema,
  deliveriesSchema,
  type EndpointRow,
  endpointsSchema,
  type StoredDelivery,
} from './outbox-schema.ts';

/** How many rows of an older program are changed in one step. */
const pageSize = 500;

/** Which pending deliveries of the endpoint to read. */
export interface PageQuery {
  readonly by: 'dueAt' | 'id';
  /** Only ids behind this one. */
  readonly after?: string;
  readonly limit: number;
}

/** The deliveries in the database of the event log. Everything about rows, nothing about time or HTTP. */
export class Outbox {
  readonly database: Database;
  readonly #deliveries: Collection<StoredDelivery>;
  readonly #endpoints: Collection<EndpointRow>;
  readonly #deadLetters: Collection<DeadLetterRow>;
  /** The sessions whose deliveries are sent from here; null: all of them. */
  ours: () => readonly string[] | null = () => null;

  private constructor(
    database: Database,
    deliveries: Collection<StoredDelivery>,
    endpoints: Collection<EndpointRow>,
    deadLetters: Collection<DeadLetterRow>,
  ) {
    this.database = database;
    this.#deliveries = deliveries;
    this.#endpoints = endpoints;
    this.#deadLetters = deadLetters;
  }

  static async open(database: Database): Promise<Outbox> {
    const deliveries = await database.open(deliveriesSchema);
    const endpoints = await database.open(endpointsSchema);
    const deadLetters = await database.open(deadLettersSchema);
    const outbox = new Outbox(database, deliveries, endpoints, deadLetters);
    await outbox.#findWaiting();
    return outbox;
  }

  saving(row: Countable<DeliveryRow>): Change {
    return this.#deliveries.putting({ ...row, waitsFor: row.state === 'pending' ? row.endpoint : null });
  }

  savingEndpoint(row: EndpointRow): Change {
    return this.#endpoints.putting(row);
  }

  forgettingEndpoint(id: string): Change {
    return this.#endpoints.removing({ id });
  }

  savingDeadLetter(row: DeadLetterRow): Change {
    return this.#deadLetters.putting(row);
  }

  /** A body that was kept for a dead letter. */
  async deadLetter(cursor: number): Promise<string | null> {
    return (await this.#deadLetters.get({ cursor }))?.body ?? null;
  }

  endpoints(): Promise<EndpointRow[]> {
    return this.#endpoints.find();
  }

  get(id: string): Promise<DeliveryRow | null> {
    return this.#deliveries.get({ id });
  }

  /** Newest first. */
  list(where: Where<StoredDelivery>, limit: number): Promise<DeliveryRow[]> {
    return this.#deliveries.find({ where, orderBy: [{ column: 'id', descending: true }], limit });
  }

  /** Every delivery of an event. */
  ofEvent(cursor: number): Promise<DeliveryRow[]> {
    const from = (at: number) => deliveriesOf(at, this.database.shared === true);
    return this.#deliveries.find({ where: { id: { gte: from(cursor), lt: from(cursor + 1) } } });
  }

  /** Oldest first. */
  oldest(where: Where<StoredDelivery>, limit: number): Promise<DeliveryRow[]> {
    return this.#deliveries.find({ where, orderBy: [{ column: 'id' }], limit });
  }

  /**
   * Without the deliveries of events, by id, that are `planned`: a commit may have failed and be there all the same, and
   * will be made again.
   */
  async page(
    endpoint: string,
    { by, after, limit }: PageQuery,
    extra: number,
    planned: { readonly size: number; has(eventId: string): boolean },
  ): Promise<DeliveryRow[]> {
    const pending = this.#pending(endpoint);
    const rows =
      by === 'id'
        ? // Those that are planned are behind all others.
          await this.oldest({ ...pending, id: { gt: after ?? '' } }, limit)
        : await this.#deliveries.find({
            where: pending,
            orderBy: [{ column: 'dueAt' }, { column: 'id' }],
            limit: limit + extra + planned.size,
          });
    return rows.filter(({ eventId }) => !planned.has(eventId));
  }

  countPending(endpoint: string): Promise<number> {
    return this.#deliveries.count(this.#pending(endpoint));
  }

  /** How many deliveries of one session wait for an endpoint. */
  countWaiting(endpoint: string, session: string): Promise<number> {
    return this.#deliveries.count({ waitsFor: endpoint, state: 'pending', session });
  }

  /** The endpoints of a session, and those of all. */
  endpointsOf(session: string): Promise<EndpointRow[]> {
    return this.#endpoints.find({ where: { session: { in: [session, null] } } });
  }

  #pending(endpoint: string): Where<StoredDelivery> {
    const sessions = this.ours();
    return { waitsFor: endpoint, state: 'pending', ...(sessions ? { session: { in: sessions } } : {}) };
  }

  count(state: DeliveryState): Promise<number> {
    return this.#deliveries.count({ state });
  }

  /** Forgets these deliveries, which all are in this state. */
  forget(state: DeliveryState, upTo: string): Promise<number> {
    return this.#deliveries.remove({ state, id: { lte: upTo } });
  }

  /** Forgets the bodies of dead letters before this cursor. */
  async forgetDeadLetters(before: number): Promise<void> {
    await this.#deadLetters.remove({ cursor: { lt: before } });
  }

  /** An older program wrote deliveries that do not say that they wait. */
  async #findWaiting(): Promise<void> {
    const where = { waitsFor: null, state: 'pending' };
    for (;;) {
      const rows = await this.oldest(where, pageSize);
      if (rows.length === 0) return;
      await this.database.batch(rows.map((row) => this.saving(row)));
    }
  }
}
