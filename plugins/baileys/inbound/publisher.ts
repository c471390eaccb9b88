import type { EventName, EventPayloads, MeInfo } from 'waha-runtime';
import type { EngineInput, EngineSignal, PublishOptions } from 'waha-runtime/engine';

/**
 * Everything that one connection says: facts to the bus, signals to the machine. This is the plugin's one place that knows
 * whether the connection still has a say: signals end with its verdict, facts when what was read has been handled.
 */
export class Publisher {
  readonly #input: Pick<EngineInput, 'publish' | 'signal'>;
  readonly #me: () => MeInfo | null;
  #state: 'current' | 'ending' | 'over' = 'current';

  constructor(input: Pick<EngineInput, 'publish' | 'signal'>, me: () => MeInfo | null) {
    this.#input = input;
    this.#me = me;
  }

  get me(): MeInfo | null {
    return this.#me();
  }

  /** Resolves when the fact is handled; at once, and without effect, when the connection is over. */
  async publish<N extends EventName>(event: N, payload: EventPayloads[N], options: PublishOptions): Promise<void> {
    if (this.#state !== 'over') await this.#input.publish(event, payload, options);
  }

  /** Without effect from `end` on. */
  signal(signal: EngineSignal): void {
    if (this.#state === 'current') this.#input.signal(signal);
  }

  /** The connection has its verdict: facts that were read before may follow, signals do not. */
  end(): void {
    if (this.#state === 'current') this.#state = 'ending';
  }

  /** Nothing follows but `closed`. */
  close(): void {
    this.#state = 'over';
  }

  /** The last word, after `close`. */
  closed(verdict: Omit<Extract<EngineSignal, { type: 'engine.closed' }>, 'type'>): void {
    this.#state = 'over';
    this.#input.signal({ type: 'engine.closed', ...verdict });
  }
}
