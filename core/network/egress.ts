import type { LookupFunction } from 'node:net';
import type { Dispatcher } from 'undici';
import type { Clock } from '../contracts/clock.ts';
import type { Egress, EgressRequest, EgressResponse } from '../contracts/network.ts';
import { systemClock } from '../deadline.ts';
import { sentence } from '../errors.ts';
import { Answer } from './answer.ts';
import type { ConnectionKind, Connections, TrackedDispatch } from './connections.ts';
import { EgressFailure, egressFailure, isReset } from './egress-failure.ts';
import { createPolicy, type EgressAllowance, type EgressPolicy, type Target } from './egress-policy.ts';
import { pinnedLookup, type Resolve, sharedLookups, systemResolve } from './pinned-lookup.ts';

export interface EgressOptions {
  /** What is open besides the public internet: nothing when absent. */
  readonly allow?: EgressAllowance | undefined;
  readonly clock?: Clock | undefined;
  /** In place of the system's DNS. */
  readonly lookup?: Resolve | undefined;
  /** Look-up, TCP and TLS together (ms, real time); 5 s when absent. */
  readonly connectTimeoutMs?: number | undefined;
  readonly keepAliveMs?: number | undefined;
  readonly connectionsPerOrigin?: number | undefined;
}

/** The egress with the way to end it. */
export interface ClosableEgress extends Egress {
  /** A look-up for `net.connect` that refuses what requests to this URL would be refused for. */
  lookupFor?(url: string): LookupFunction;
  /** Cuts every connection; what is under way rejects. */
  close(): Promise<void>;
}

const defaultTimeoutMs = 30_000;
const defaultMaxBytes = 1024 * 1024;

/** Makes the guarded way out. Throws `CONFIG_INVALID` when the allowance cannot be read. */
export const createEgress = (options: EgressOptions = {}): ClosableEgress => new GuardedEgress(options);

class GuardedEgress implements ClosableEgress {
  readonly #policy: EgressPolicy;
  readonly #clock: Clock;
  readonly #options: EgressOptions;
  readonly #resolve: Resolve;
  #opening: Promise<Connections> | undefined;

  constructor(options: EgressOptions) {
    this.#policy = createPolicy(options.allow);
    this.#clock = options.clock ?? systemClock;
    this.#options = options;
    this.#resolve = sharedLookups(options.lookup ?? systemResolve);
  }

  refusal(url: string, { trusted = false }: { readonly trusted?: boolean } = {}): string | null {
    try {
      this.#policy.target(url, trusted);
      return null;
    } catch (error) {
      return sentence(error);
    }
  }

  lookupFor(url: string): LookupFunction {
    const { opened } = this.#policy.target(url, false);
    return pinnedLookup(this.#resolve, (address) => this.#policy.allows(address, opened));
  }

  async request(request: EgressRequest): Promise<EgressResponse> {
    const target = this.#policy.target(request.url, request.trusted ?? false);
    const repeatable = request.repeatable ?? ['GET', 'HEAD'].includes(request.method ?? 'GET');
    const connections = await this.#connections();
    const first = this.#send(connections, request, target, false);
    try {
      return await first.response;
    } catch (error) {
      const died = isReset(error) && first.reused && !first.begun;
      if (!died || !repeatable) throw egressFailure(error, target.host);
    }
    try {
      return await this.#send(connections, request, target, true).response;
    } catch (error) {
      throw egressFailure(error, target.host);
    }
  }

  async close(): Promise<void> {
    const connections = await this.#opening;
    await connections?.close();
  }

  /** undici is loaded by the first request: reading its hundred files would make every start slower. */
  #connections(): Promise<Connections> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async #open(): Promise<Connections> {
    const { Connections } = await import('./connections.ts');
    const { connectTimeoutMs, keepAliveMs, connectionsPerOrigin } = this.#options;
    return new Connections(this.#policy, this.#resolve, {
      connectTimeoutMs: connectTimeoutMs ?? 5_000,
      // Below the 5 s of Node's own servers and whatever stands before them: we hang up first.
      keepAliveMs: keepAliveMs ?? 4_000,
      perOrigin: connectionsPerOrigin ?? 256,
    });
  }

  #send(connections: Connections, request: EgressRequest, target: Target, fresh: boolean): Answer {
    const { timeoutMs = defaultTimeoutMs, maxBytes = defaultMaxBytes, signal } = request;
    const headOnly = request.headOnly ?? request.method === 'HEAD';
    const abort = () => answer.stop(new EgressFailure('aborted', `the request to '${target.host}' was given up`));
    const onEnd = () => {
      this.#clock.clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    const answer = new Answer({ host: target.host, maxBytes, headOnly, into: request.into, onEnd });
    const late = `'${target.host}' did not answer within ${timeoutMs / 1000} s`;
    const timer = this.#clock.setTimeout(() => answer.stop(new EgressFailure('timeout', late)), timeoutMs);
    if (signal?.aborted) abort();
    else {
      signal?.addEventListener('abort', abort, { once: true });
      const kind: ConnectionKind = { opened: target.opened, verifyTls: request.verifyTls ?? true, fresh };
      this.#dispatch(connections.agent(kind), request, target, answer);
    }
    return answer;
  }

  #dispatch(agent: Dispatcher, request: EgressRequest, target: Target, answer: Answer): void {
    const dispatch: TrackedDispatch = {
      origin: target.origin,
      path: target.path,
      method: request.method ?? 'GET',
      headers: { ...request.headers },
      body: request.body ?? null,
      onConnection: (reused) => {
        answer.reused = reused;
      },
    };
    agent.dispatch(dispatch, answer);
  }
}
