import type { CircuitBreaker } from '../circuit-breaker.ts';
import type { ClientCall, ClientPolicy } from '../contracts/client-policy.ts';
import type { Clock } from '../contracts/clock.ts';
import { isRuntimeError, pluginFailed, sentence, unavailable } from '../errors.ts';
import type { SessionScope } from './session-scope.ts';

/** How long a policy may take itself, without the calls that it lets through (ms). */
const policyLimit = 30_000;

type Next = (call: ClientCall) => Promise<unknown>;

interface PolicyOptions {
  readonly clock: Clock;
  readonly breaker: CircuitBreaker;
  readonly scope: SessionScope;
}

/** A policy that sees its own sessions only, and that cannot hold a call for ever. */
export const guardPolicy = (policy: ClientPolicy, { clock, breaker, scope }: PolicyOptions): ClientPolicy => ({
  name: policy.name,
  send(call, next) {
    if (!scope.includes(call.session)) return next(call);
    if (!breaker.skips()) return new GuardedCall(policy, next, clock, breaker).run(call);
    if (!policy.required) return next(call);
    return Promise.reject(unavailable(`${breaker.name} must see every call and is suspended`, 30));
  },
});

/** One call on its way through one policy. The policy's clock stands still while the call is further down. */
class GuardedCall {
  readonly #policy: ClientPolicy;
  readonly #next: Next;
  readonly #clock: Clock;
  readonly #breaker: CircuitBreaker;
  readonly #refusals = new Set<unknown>();
  #timer: unknown;
  #over = false;
  #onLate: () => void = () => undefined;

  constructor(policy: ClientPolicy, next: Next, clock: Clock, breaker: CircuitBreaker) {
    this.#policy = policy;
    this.#next = next;
    this.#clock = clock;
    this.#breaker = breaker;
  }

  async run(call: ClientCall): Promise<unknown> {
    const late = new Promise<never>((_, reject) => {
      this.#onLate = () => reject(pluginFailed(this.#policy.name, `did not let a call pass within ${policyLimit} ms`));
    });
    this.#resume();
    try {
      const work = (async () => this.#policy.send(call, (changed) => this.#pass(changed)))();
      const answer = await Promise.race([work, late]);
      this.#breaker.succeed();
      return answer;
    } catch (error) {
      throw this.#judge(error);
    } finally {
      this.#over = true;
      this.#clock.clearTimeout(this.#timer);
    }
  }

  /** The rest of the way. A policy whose time is up lets nothing through any more: the caller was told that it failed. */
  async #pass(call: ClientCall): Promise<unknown> {
    if (this.#over) throw pluginFailed(this.#policy.name, 'lets a call pass that is over');
    this.#clock.clearTimeout(this.#timer);
    try {
      return await this.#next(call);
    } catch (error) {
      this.#refusals.add(error);
      throw error;
    } finally {
      if (!this.#over) this.#resume();
    }
  }

  #resume(): void {
    this.#timer = this.#clock.setTimeout(() => this.#onLate(), policyLimit);
  }

  /** What came from further down, or what the policy refused on purpose, is passed on; the rest is its failure. */
  #judge(error: unknown): unknown {
    const ownFailure = isRuntimeError(error, 'PLUGIN_FAILED') && !this.#refusals.has(error);
    if (!ownFailure && (this.#refusals.has(error) || isRuntimeError(error))) {
      this.#breaker.succeed();
      return error;
    }
    this.#breaker.fail(error);
    return ownFailure ? error : pluginFailed(this.#policy.name, `failed: ${sentence(error)}`, error);
  }
}
