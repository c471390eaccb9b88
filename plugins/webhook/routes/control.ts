import {
  type Clock,
  maySee,
  notFound,
  type Principal,
  type RuntimeInfo,
  tooManyRequests,
  unprocessable,
  type Where,
} from 'waha-runtime';
import type { DeliveryRow } from '../delivery-log/outbox-schema.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { WebhookInstance } from '../queue/sink.ts';
import { presentDelivery, presentDetails, presentEndpoint } from './present.ts';
import type { DeliveryDetails, DeliveryInfo, EndpointInfo, ListQuery, ReplayRequest } from './schemas.ts';
import { testRequest } from './test-request.ts';

export interface ControlOptions {
  readonly clock: Clock;
  readonly runtime: RuntimeInfo;
  /** This instance of the plugin: all of them keep their deliveries in one place. */
  readonly own: WebhookInstance;
  /** Every instance, this one among them. */
  instances(): readonly WebhookInstance[];
  /** The names of the sessions that there are. */
  sessions(): readonly string[];
  newId(): string;
}

interface Found {
  readonly instance: WebhookInstance;
  readonly endpoint: Endpoint;
}

/** How many deliveries may be replayed in a minute. */
const replaysPerMinute = 1_000;
const minute = 60_000;

/** What the API may see and do, over all instances of the plugin. */
export class Control {
  readonly #options: ControlOptions;
  /** When replays were asked for, and how many. */
  #replays: { readonly at: number; readonly count: number }[] = [];

  constructor(options: ControlOptions) {
    this.#options = options;
  }

  endpoints(principal: Principal, session?: string): EndpointInfo[] {
    return this.#all()
      .filter(({ endpoint }) => sees(principal, endpoint.session))
      .filter(({ endpoint }) => session === undefined || endpoint.session === null || endpoint.session === session)
      .map((found) => this.#present(found));
  }

  endpoint(id: string, principal: Principal): EndpointInfo {
    return this.#present(this.#find(id, principal));
  }

  async decide(id: string, principal: Principal, what: 'pause' | 'resume' | 'enable'): Promise<EndpointInfo> {
    const found = this.#find(id, principal);
    found.instance.deliveries.queueOf(found.endpoint).decide((health) => {
      if (what === 'enable') health.forgive();
      else health.paused = what === 'pause';
    });
    await found.instance.deliveries.settled();
    return this.#present(found);
  }

  async test(id: string, principal: Principal) {
    const { instance, endpoint } = this.#find(id, principal);
    const { clock, runtime, newId } = this.#options;
    const at = clock.now();
    const request = testRequest(endpoint, runtime, at, newId());
    const result = await instance.deliveries.try(endpoint, request);
    return {
      delivered: result.outcome === 'delivered',
      id: request.eventId,
      status: result.status ?? null,
      error: result.outcome === 'failed' ? result.reason : null,
      durationMs: clock.now() - at,
    };
  }

  async list(query: ListQuery, principal: Principal): Promise<{ deliveries: DeliveryInfo[]; next: string | null }> {
    const { limit = 50, cursor } = query;
    const where = { ...this.#where(query, principal), ...(cursor === undefined ? {} : { id: { lt: cursor } }) };
    const rows = await this.#outbox.list(where, limit + 1);
    const page = rows.slice(0, limit);
    return { deliveries: page.map(presentDelivery), next: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
  }

  async delivery(id: string, principal: Principal): Promise<DeliveryDetails> {
    const row = await this.#row(id, principal);
    const body = await this.#options.own.deliveries.bodies.of(row.cursor);
    return presentDetails(row, body === null ? null : JSON.parse(body.toString('utf8')));
  }

  async replay(id: string, principal: Principal): Promise<DeliveryInfo> {
    const row = await this.#row(id, principal);
    if (row.state === 'pending') throw unprocessable(`delivery '${id}' is pending: it will be sent anyway`);
    this.#spend(1);
    const problem = await this.#replay(row);
    if (problem !== null) throw unprocessable(`delivery '${id}' cannot be replayed: ${problem}`);
    return presentDelivery(await this.#row(id, principal));
  }

  async replayMany(request: ReplayRequest, principal: Principal) {
    const { status = ['dead', 'dropped'], limit = 100 } = request;
    this.#spend(limit);
    const where = { ...this.#where(request, principal), state: { in: status } };
    const rows = await this.#outbox.oldest(where, limit + 1);
    let skipped = 0;
    for (const row of rows.slice(0, limit)) if ((await this.#replay(row)) !== null) skipped += 1;
    return { replayed: Math.min(rows.length, limit) - skipped, skipped, more: rows.length > limit };
  }

  /** Sends it again; or says why that cannot be. */
  async #replay(row: DeliveryRow): Promise<string | null> {
    const found = this.#all().find(({ endpoint }) => endpoint.id === row.endpoint);
    if (!found) return 'its endpoint is no longer configured';
    if ((await this.#options.own.deliveries.bodies.of(row.cursor)) === null) return 'its event is no longer kept';
    await found.instance.deliveries.replay(row.id, found.endpoint);
    return null;
  }

  /** A bound on replays, so that nobody floods a receiver that just came back. */
  #spend(count: number): void {
    const now = this.#options.clock.now();
    this.#replays = this.#replays.filter(({ at }) => at > now - minute);
    const spent = this.#replays.reduce((sum, replay) => sum + replay.count, 0);
    const [oldest] = this.#replays;
    if (oldest && spent + count > replaysPerMinute) {
      const wait = Math.ceil((oldest.at + minute - now) / 1000);
      throw tooManyRequests(`no more than ${replaysPerMinute} deliveries may be replayed in a minute`, wait);
    }
    this.#replays.push({ at: now, count });
  }

  #where(query: ListQuery | ReplayRequest, principal: Principal): Where<DeliveryRow> {
    const { session, endpoint, event, since, until } = query;
    if (session !== undefined && !sees(principal, session)) throw notFound(`session '${session}' does not exist`);
    const sessions = principal.sessions === '*' ? {} : { session: { in: this.#namesFor(principal) } };
    const range = { ...(since === undefined ? {} : { gte: since }), ...(until === undefined ? {} : { lt: until }) };
    return {
      ...(session === undefined ? sessions : { session }),
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(event === undefined ? {} : { event }),
      ...('eventId' in query && query.eventId !== undefined ? { eventId: query.eventId } : {}),
      ...(typeof query.status === 'string' ? { state: query.status } : {}),
      ...(Object.keys(range).length > 0 ? { createdAt: range } : {}),
    };
  }

  /** Those of a caller, by name: what was said of a session that is gone is for whoever may see all. */
  #namesFor(principal: Principal): string[] {
    return this.#options.sessions().filter((session) => maySee(principal, session));
  }

  async #row(id: string, principal: Principal): Promise<DeliveryRow> {
    const row = await this.#outbox.get(id);
    if (!row || !sees(principal, row.session)) throw notFound(`delivery '${id}' does not exist`);
    return row;
  }

  #find(id: string, principal: Principal): Found {
    const found = this.#all().find(({ endpoint }) => endpoint.id === id);
    if (!found || !sees(principal, found.endpoint.session)) throw notFound(`endpoint '${id}' does not exist`);
    return found;
  }

  #all(): Found[] {
    return this.#options
      .instances()
      .flatMap((instance) => instance.endpoints.all().map((endpoint) => ({ instance, endpoint })));
  }

  #present({ instance, endpoint }: Found): EndpointInfo {
    return presentEndpoint(instance.name, endpoint, instance.deliveries.queue(endpoint.id));
  }

  get #outbox() {
    return this.#options.own.deliveries.outbox;
  }
}

/** What is in the YAML concerns every session: only who may see all of them sees it. */
const sees = (principal: Principal, session: string | null): boolean =>
  principal.sessions === '*' || (session !== null && maySee(principal, session));
