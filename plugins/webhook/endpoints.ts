import type { Log, Sessions, WebhookConfig } from 'waha-runtime';
import type { GlobalWebhooks } from './config.ts';
import { type Endpoint, endpointsOf } from './endpoint.ts';

export interface EndpointsOptions extends GlobalWebhooks {
  /** The plugin instance: part of the ids of its endpoints. */
  readonly plugin: string;
  readonly sessions: Pick<Sessions, 'has' | 'get'>;
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

  /** Everyone who may want an event of this session. */
  for(session: string): readonly Endpoint[] {
    return this.servesSessions ? [...this.#global, ...this.#current(session)] : this.#global;
  }

  /** The endpoint with its settings of now, or undefined when its config no longer has it. */
  find(id: string): Endpoint | undefined {
    const [scope, session] = id.split('/');
    const candidates = scope === 'session' && session !== undefined ? this.#current(session) : this.#global;
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
    const { endpoints, refusedHeaders } = endpointsOf(webhooks, scope);
    if (refusedHeaders.length > 0) {
      const names = refusedHeaders.join("', '");
      this.#options.log.warn({ session }, `custom headers that cannot be set are left out: '${names}'`);
    }
    return endpoints;
  }
}
