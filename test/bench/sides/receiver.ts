import type { Package } from '../package.ts';
import { NodeProcess } from './process.ts';

/** What arrived since the last reset. Times are milliseconds of the receiver's clock. */
export interface Arrived {
  readonly count: number;
  readonly distinct: number;
  readonly first: number;
  readonly last: number;
  /** From the event's own time to its arrival, for 99 of 100; means something for events that are timed in milliseconds. */
  readonly p99: number;
}

/** The webhook receiver, in a process of its own. */
export class Receiver {
  readonly url: string;
  readonly #process: NodeProcess;

  private constructor(process: NodeProcess, url: string) {
    this.#process = process;
    this.url = url;
  }

  static async start(built: Package): Promise<Receiver> {
    const process = new NodeProcess(built.child('receiver'));
    const { url } = await process.call<{ url: string }>('listen');
    return new Receiver(process, url);
  }

  /** One more endpoint with a port of its own; what arrives there counts, too. */
  async another(): Promise<string> {
    return (await this.#process.call<{ url: string }>('listen')).url;
  }

  /** An endpoint that answers late. What arrives there does not count. */
  async slow(afterMs: number): Promise<string> {
    return (await this.#process.call<{ url: string }>('dawdle', { afterMs })).url;
  }

  /** Follows a WebSocket; what it brings counts like what is posted. */
  follow(url: string): Promise<void> {
    return this.#process.call('follow', { url });
  }

  reset(): Promise<void> {
    return this.#process.call('reset');
  }

  /** Resolves when so many have come. */
  until(count: number, limitMs = 60_000): Promise<Arrived> {
    return this.#process.call('until', { count, limitMs });
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }
}
