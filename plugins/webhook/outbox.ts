import type { Change, Collection, Database, Where } from 'waha-runtime';
import type { PageQuery } from './backlog.ts';
import { type DeliveryState, deliveriesOf } from './delivery.ts';
import {
  type DeliveryRow,
  deliveriesSchema,
  type EndpointRow,
  endpointsSchema,
  type LetterRow,
  lettersSchema,
} from './outbox-schema.ts';

/** The deliveries in the database of the event log. Everything about rows, nothing about time or HTTP. */
export class Outbox {
  readonly database: Database;
  readonly #deliveries: Collection<DeliveryRow>;
  readonly #endpoints: Collection<EndpointRow>;
  readonly #letters: Collection<LetterRow>;

  private constructor(
    database: Database,
    deliveries: Collection<DeliveryRow>,
    endpoints: Collection<EndpointRow>,
    letters: Collection<LetterRow>,
  ) {
    this.database = database;
    this.#deliveries = deliveries;
    this.#endpoints = endpoints;
    this.#letters = letters;
  }

  static async open(database: Database): Promise<Outbox> {
    const deliveries = await database.open(deliveriesSchema);
    const endpoints = await database.open(endpointsSchema);
    const letters = await database.open(lettersSchema);
    return new Outbox(database, deliveries, endpoints, letters);
  }

  saving(row: DeliveryRow): Change {
    return this.#deliveries.putting(row);
  }

  savingEndpoint(row: EndpointRow): Change {
    return this.#endpoints.putting(row);
  }

  forgettingEndpoint(id: string): Change {
    return this.#endpoints.removing({ id });
  }

  savingLetter(row: LetterRow): Change {
    return this.#letters.putting(row);
  }

  /** A body that was kept for a dead letter. */
  async letter(cursor: number): Promise<string | null> {
    return (await this.#letters.get({ cursor }))?.body ?? null;
  }

  endpoints(): Promise<EndpointRow[]> {
    return this.#endpoints.find();
  }

  get(id: string): Promise<DeliveryRow | null> {
    return this.#deliveries.get({ id });
  }

  /** Newest first. */
  list(where: Where<DeliveryRow>, limit: number): Promise<DeliveryRow[]> {
    return this.#deliveries.find({ where, orderBy: [{ column: 'id', descending: true }], limit });
  }

  /** Every delivery of an event. */
  ofEvent(cursor: number): Promise<DeliveryRow[]> {
    return this.#deliveries.find({ where: { id: { gte: deliveriesOf(cursor), lt: deliveriesOf(cursor + 1) } } });
  }

  /** Oldest first. */
  oldest(where: Where<DeliveryRow>, limit: number): Promise<DeliveryRow[]> {
    return this.#deliveries.find({ where, orderBy: [{ column: 'id' }], limit });
  }

  page(endpoint: string, { by, after, limit }: PageQuery, extra: number): Promise<DeliveryRow[]> {
    const pending = { endpoint, state: 'pending' };
    if (by === 'id') return this.oldest({ ...pending, id: { gt: after ?? '' } }, limit);
    return this.#deliveries.find({
      where: pending,
      orderBy: [{ column: 'dueAt' }, { column: 'id' }],
      limit: limit + extra,
    });
  }

  countPending(endpoint: string): Promise<number> {
    return this.#deliveries.count({ endpoint, state: 'pending' });
  }

  count(state: DeliveryState): Promise<number> {
    return this.#deliveries.count({ state });
  }

  /** Forgets these deliveries, which all are in this state. */
  forget(state: DeliveryState, upTo: string): Promise<number> {
    return this.#deliveries.remove({ state, id: { lte: upTo } });
  }

  /** Forgets the bodies of dead letters before this cursor. */
  async forgetLetters(before: number): Promise<void> {
    await this.#letters.remove({ cursor: { lt: before } });
  }
}
