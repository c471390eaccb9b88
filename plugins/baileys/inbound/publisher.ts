import type { EventName, EventPayloads, MeInfo } from 'waha-runtime';
import type { EngineInput, PublishOptions } from 'waha-runtime/engine';

/** Publishes while the connection lives; after that it says nothing. */
export class Publisher {
  readonly #input: EngineInput;
  readonly #me: () => MeInfo | null;
  #over = false;

  constructor(input: EngineInput, me: () => MeInfo | null) {
    this.#input = input;
    this.#me = me;
  }

  get me(): MeInfo | null {
    return this.#me();
  }

  async publish<N extends EventName>(event: N, payload: EventPayloads[N], options: PublishOptions): Promise<void> {
    if (!this.#over) await this.#input.publish(event, payload, options);
  }

  close(): void {
    this.#over = true;
  }
}
