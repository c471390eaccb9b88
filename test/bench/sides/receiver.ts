import type { Package } from '../package.ts';
import { NodeProcess } from './process.ts';

/** What arrived since the last reset. Times are milliseconds of the receiver's clock. */
export interface Arrived {
  readonly count: number;
  readonly distinct: number;
  readonly first: number;
  readonly last: number;
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

  reset(): Promise<void> {
    return this.#process.call('reset');
  }

  /** Resolves when so many have come. */
  until(count: number): Promise<Arrived> {
    return this.#process.call('until', { count, limitMs: 60_000 });
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }
}
