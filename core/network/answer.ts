import type { Writable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { EgressResponse } from '../contracts/network.ts';
import { EgressFailure } from './egress-failure.ts';

/** How much of an unwanted body is read so that the connection can be used again. */
const drainLimit = 64 * 1024;

export interface AnswerOptions {
  readonly host: string;
  readonly maxBytes: number;
  readonly headOnly: boolean;
  /** Takes the body of a 2xx answer. */
  readonly into?: Writable | undefined;
  /** Called once, when nothing more will come. */
  readonly onEnd: () => void;
}

/** Takes one answer from undici: its head, and its body up to the cap. */
export class Answer implements Dispatcher.DispatchHandler {
  readonly response: Promise<EgressResponse>;
  /** The connection had been used before. */
  reused = false;
  /** Something of the answer arrived, so the request was processed. */
  begun = false;
  readonly #options: AnswerOptions;
  readonly #chunks: Buffer[] = [];
  #resolve!: (response: EgressResponse) => void;
  #reject!: (error: unknown) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #stopped: Error | undefined;
  #head: Omit<EgressResponse, 'body'> | undefined;
  #size = 0;

  constructor(options: AnswerOptions) {
    this.#options = options;
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const full = (error: Error) => this.stop(new EgressFailure('aborted', `the body was not taken: ${error.message}`));
    options.into?.once('error', full);
  }

  /** Gives up: settles now; a connection that comes up later is not used. */
  stop(reason: EgressFailure): void {
    this.#stopped = reason;
    this.#fail(reason);
    this.#controller?.abort(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#stopped) controller.abort(this.#stopped);
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Record<string, unknown>): void {
    this.begun = true;
    if (status < 200) return;
    const { maxBytes } = this.#options;
    this.#head = { status, headers: flat(headers) };
    if (!this.#unwanted && Number(this.#head.headers['content-length'] ?? 0) > maxBytes) this.stop(this.#tooLarge());
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const { into, maxBytes } = this.#options;
    this.#size += chunk.length;
    if (this.#size > (this.#unwanted ? drainLimit : maxBytes)) this.stop(this.#tooLarge());
    else if (this.#unwanted) return;
    else if (!into) this.#chunks.push(chunk);
    else if (!into.write(chunk)) {
      controller.pause();
      into.once('drain', () => controller.resume());
    }
  }

  onResponseEnd(): void {
    if (this.#head) this.#resolve({ ...this.#head, body: Buffer.concat(this.#chunks) });
    this.#options.onEnd();
  }

  onResponseError(_: Dispatcher.DispatchController | undefined, error: Error): void {
    this.#fail(error);
  }

  /** Only the head counts. */
  get #unwanted(): boolean {
    const { headOnly, into } = this.#options;
    return headOnly || (into !== undefined && (this.#head?.status ?? 0) >= 300);
  }

  /** With only the head wanted, what goes wrong after the head goes wrong for nobody. */
  #fail(error: Error): void {
    if (this.#head && this.#unwanted) this.#resolve({ ...this.#head, body: new Uint8Array() });
    else this.#reject(error);
    this.#options.onEnd();
  }

  #tooLarge(): EgressFailure {
    const { host, maxBytes } = this.#options;
    return new EgressFailure('too_large', `the answer of '${host}' is larger than ${maxBytes} bytes`);
  }
}

const flat = (headers: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : String(value)]),
  );
