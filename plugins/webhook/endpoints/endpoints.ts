import { type EventName, type Log, type RuntimeEvent, type Sessions, selects, type WebhookConfig } from 'waha-runtime';
import type { ConfiguredWebhooks, WebhookEntry } from './delivery-options.ts';
import { type Endpoint, endpointsOf } from './endpoint.ts';

export interface EndpointsOptions extends ConfiguredWebhooks {
  /** The plugin instance: part of the ids of its endpoints. */
  readonly plugin: string;
  readonly sessions: Pick<Sessions, 'has' | 'get' | 'list'>;
  readonly log: Log;
}

interface Cached {
  /** The config that the endpoints were made of. */
  readonly text: string;
  readonly endpoints: readonly Endpoint[];
}

/** Who wants events: the webhooks of the YAML, and those of a session as its config is at this moment. */
export class Endpoints {
  /** With several instances of the plugin, one alone serves the webhooks of sessions. */
  servesSessions = true;
  readonly #options: EndpointsOptions;
  readonly #global: readonly Endpoint[];
  readonly #ofSession = new Map<string, Cached>();

  constructor(options: EndpointsOptions) {
    this.#options = options;
    const scope = { name: `yaml/${options.plugin}`, session: null, defaults: options.globalDefaults };
    this.#global = endpointsOf(options.webhooks, scope).endpoints;
  }

  /** Everyone who gets this event. */
  wanting(event: RuntimeEvent): readonly Endpoint[] {
    const { session } = event;
    const all = this.servesSessions ? [...this.#global, ...this.#current(session)] : this.#global;
    const wanting = all.filter(({ events }) => selects(events, event.event));
    if (this.#options.dedupe !== 'url') return wanting;
    const isIncoming = event.event === 'message.any' && !event.payload.fromMe;
    const once = wanting.filter(({ url }, index) => wanting.findIndex((other) => other.url === url) === index);
    return isIncoming ? once.filter(({ events }) => !selects(events, 'message')) : once;
  }

  /** Whether anybody of a session asks for events of this name. */
  wants(event: EventName, session: string): boolean {
    const all = this.servesSessions ? [...this.#global, ...this.#current(session)] : this.#global;
    return all.some(({ events }) => selects(events, event));
  }

  /** All that are configured now. */
  all(): readonly Endpoint[] {
    const sessions = this.servesSessions ? this.#options.sessions.list() : [];
    return [...this.#global, ...sessions.flatMap(({ name }) => this.#current(name))];
  }

  /** The endpoint with its settings of now, or undefined when its config no longer has it. */
  find({ id, session }: Pick<Endpoint, 'id' | 'session'>): Endpoint | undefined {
    const candidates = session === null ? this.#global : this.#current(session);
    return candidates.find((endpoint) => endpoint.id === id);
  }

  /** Forgets the endpoints of sessions that are gone and that nothing waits for. */
  forget(isWaitedFor: (id: string) => boolean): void {
    for (const [session, { endpoints }] of this.#ofSession) {
      if (this.#options.sessions.has(session) || endpoints.some(({ id }) => isWaitedFor(id))) continue;
      this.#ofSession.delete(session);
    }
  }

  /** A deleted session's last events still go where its config said. */
  #current(session: string): readonly Endpoint[] {
    const cached = this.#ofSession.get(session);
    const { sessions } = this.#options;
    if (!sessions.has(session)) return cached?.endpoints ?? [];
    const webhooks = sessions.get(session).config.webhooks ?? [];
    const text = JSON.stringify(webhooks);
    if (cached?.text === text) return cached.endpoints;
    const endpoints = this.#read(session, webhooks);
    this.#ofSession.set(session, { text, endpoints });
    return endpoints;
  }

  #read(session: string, webhooks: readonly WebhookConfig[]): readonly Endpoint[] {
    const scope = { name: `session/${session}`, session, defaults: this.#options.sessionDefaults };
    const { endpoints, refusedHeaders } = endpointsOf(webhooks.map(entryOf), scope);
    if (refusedHeaders.length > 0) {
      const names = refusedHeaders.join("', '");
      this.#options.log.warn({ session }, `custom headers that cannot be set are left out: '${names}'`);
    }
    return endpoints;
  }
}

/** What a session's webhook says about delivery is `order` alone. */
const entryOf = ({ order, ...webhook }: WebhookConfig): WebhookEntry => ({
  ...webhook,
  ...(order === undefined ? {} : { options: { order } }),
});
