import { conflict } from 'waha-runtime';
import { hash } from './hash.ts';

/** A request that sends under an id which the caller chose. */
export interface SendWithId {
  readonly session: string;
  /** WhatsApp's own id, or WAHA's full one. */
  readonly id: string;
  /** All that makes the message, without its id. */
  readonly content: unknown;
  /** Aborts when the caller left. */
  readonly signal?: AbortSignal;
}

type Send = (signal: AbortSignal) => Promise<unknown>;

/**
 * What is being sent under ids that callers chose. A request that comes meanwhile with the same content is the same send,
 * and gets its answer; one with other content is a 409: WhatsApp confirms a message by its id alone.
 */
export class SameId {
  readonly #underWay = new Map<string, SharedSend>();

  async run({ session, id, content, signal }: SendWithId, send: Send): Promise<unknown> {
    const place = JSON.stringify([session, bareId(id)]);
    const wanted = hash(content);
    const running = this.#underWay.get(place);
    if (running && running.content !== wanted) {
      throw conflict('another message is being sent under this id; make a new id for each');
    }
    const shared = running ?? new SharedSend(wanted, send);
    if (!running) this.#underWay.set(place, shared);
    shared.join(signal);
    try {
      return await shared.answer;
    } finally {
      if (this.#underWay.get(place) === shared) this.#underWay.delete(place);
    }
  }
}

/** One send for all who asked for it; it is given up when all of them left. */
class SharedSend {
  readonly content: string;
  readonly answer: Promise<unknown>;
  readonly #abort = new AbortController();
  #waiting = 0;

  constructor(content: string, send: Send) {
    this.content = content;
    this.answer = send(this.#abort.signal);
  }

  join(signal: AbortSignal | undefined): void {
    this.#waiting += 1;
    const leave = (): void => {
      this.#waiting -= 1;
      if (this.#waiting === 0) this.#abort.abort();
    };
    if (signal?.aborted) leave();
    else signal?.addEventListener('abort', leave, { once: true });
  }
}

/** `true_4915…@c.us_3EB0…` names the same message as `3EB0…`. */
const bareId = (id: string): string => id.split('_')[2] ?? id;
