import type { EgressRequest, EgressResponse } from '../contracts/network.ts';
import type { ClosableEgress } from '../network/egress.ts';

/** The way out in tests: nothing leaves the process, everything is remembered. */
export class CapturedHttp implements ClosableEgress {
  readonly requests: EgressRequest[] = [];
  #answer: (request: EgressRequest) => Partial<EgressResponse> | Promise<Partial<EgressResponse>> = () => ({});

  /** What requests are answered with from now on; status 200 and an empty body where it says nothing. */
  answers(answer: (request: EgressRequest) => Partial<EgressResponse> | Promise<Partial<EgressResponse>>): void {
    this.#answer = answer;
  }

  async request(request: EgressRequest): Promise<EgressResponse> {
    request.signal?.throwIfAborted();
    this.requests.push(request);
    return { status: 200, headers: {}, body: new Uint8Array(), ...(await this.#answer(request)) };
  }

  refusal(): string | null {
    return null;
  }

  async close(): Promise<void> {}
}
