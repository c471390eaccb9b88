import { Agent, buildConnector, Client, type Dispatcher, Pool } from 'undici';
import type { EgressPolicy } from './egress-policy.ts';
import { pinnedLookup, type Resolve } from './pinned-lookup.ts';

/** Which connections may serve a request; no two kinds ever share one. */
export interface ConnectionKind {
  /** Private addresses were allowed when it was opened. */
  readonly opened: boolean;
  readonly verifyTls: boolean;
  /** Opens a new connection for this request alone. */
  readonly fresh: boolean;
}

export interface ConnectionLimits {
  readonly connectTimeoutMs: number;
  /** Open connections to one origin at once. */
  readonly perOrigin: number;
  /** An idle connection is closed after this, or sooner when the server says that it will. */
  readonly keepAliveMs: number;
}

/** A dispatch that is told whether the connection it got was in use before. */
export interface TrackedDispatch extends Dispatcher.DispatchOptions {
  readonly onConnection: (reused: boolean) => void;
}

/** undici tells nobody on which connection a request goes; with one request at a time, its client knows. */
class TrackedClient extends Client {
  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    (options as Partial<TrackedDispatch>).onConnection?.(this.stats.connected);
    return super.dispatch(options, handler);
  }
}

/** The kept-alive connections, one agent for each kind. */
export class Connections {
  readonly #agents = new Map<string, Agent>();
  readonly #policy: EgressPolicy;
  readonly #resolve: Resolve;
  readonly #limits: ConnectionLimits;

  constructor(policy: EgressPolicy, resolve: Resolve, limits: ConnectionLimits) {
    this.#policy = policy;
    this.#resolve = resolve;
    this.#limits = limits;
  }

  agent(kind: ConnectionKind): Agent {
    const key = JSON.stringify([kind.opened, kind.verifyTls, kind.fresh]);
    const known = this.#agents.get(key);
    if (known) return known;
    const agent = this.#open(kind);
    this.#agents.set(key, agent);
    return agent;
  }

  /** Cuts everything. */
  async close(): Promise<void> {
    await Promise.all([...this.#agents.values()].map((agent) => agent.destroy()));
  }

  #open(kind: ConnectionKind): Agent {
    const { connectTimeoutMs, perOrigin, keepAliveMs } = this.#limits;
    return new Agent({
      connect: buildConnector({
        timeout: connectTimeoutMs,
        rejectUnauthorized: kind.verifyTls,
        lookup: pinnedLookup(this.#resolve, (address) => this.#policy.allows(address, kind.opened)),
      } as buildConnector.BuildOptions),
      connections: perOrigin,
      pipelining: kind.fresh ? 0 : 1,
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: keepAliveMs,
      headersTimeout: 0,
      bodyTimeout: 0,
      factory: (origin, options) =>
        new Pool(origin, { ...options, factory: (url, inner) => new TrackedClient(url, inner as Client.Options) }),
    });
  }
}
