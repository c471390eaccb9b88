import { Api, type ApiAnswer } from '../support/api.ts';

/** Says whether the process behind an address ends within so many milliseconds. */
export type EndsWithin = (ms: number) => Promise<boolean>;

/** The process that is asked has ended. */
export class TargetEnded extends Error {}

/** A lost connection is known at once, the end of the process that had it a little later (ms). */
export const graceMs = 2_000;

/**
 * The API for what lies between the requests that are tried. A server closes a connection that was idle for long, and a request that is
 * on its way just then has no answer: it is made once more. Rejects with {@link TargetEnded} when there is nobody to ask.
 */
export class LastingApi extends Api {
  readonly #endsWithin: EndsWithin;

  constructor(url: string, endsWithin: EndsWithin) {
    super(url);
    this.#endsWithin = endsWithin;
  }

  override async call(...request: Parameters<Api['call']>): Promise<ApiAnswer> {
    try {
      return await super.call(...request);
    } catch {
      return await this.#again(request);
    }
  }

  async #again(request: Parameters<Api['call']>): Promise<ApiAnswer> {
    if (await this.#endsWithin(graceMs)) throw new TargetEnded('the process has ended');
    return super.call(...request);
  }
}
