import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { compiledFile } from '../../support/compiled-sources.ts';

export interface PublishingOptions {
  readonly folder: string;
  readonly apiKey: string;
  readonly first: number | null;
  readonly nats: string | null;
}

/** A runtime in a process of its own that publishes as fast as it can, until it is killed. */
export class PublishingProcess {
  /** `ws://host:port`. */
  readonly url: string;
  /** The numbers of the events that it says are committed. */
  readonly committed: number[] = [];
  readonly #child: ChildProcess;
  #onCommit: () => void = () => undefined;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  static async start(options: PublishingOptions): Promise<PublishingProcess> {
    const script = await compiledFile(fileURLToPath(new URL('publishing-child.ts', import.meta.url)));
    const child = spawn(process.execPath, [script, JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: child.stdout });
    const [line] = await Promise.race([once(lines, 'line'), once(child, 'exit')]);
    const [, address] = /^listening http:(\S+)/.exec(String(line)) ?? [];
    if (!address) throw new Error(`the process ended: ${line}`);
    const started = new PublishingProcess(child, `ws:${address}`);
    lines.on('line', (text) => {
      started.committed.push(Number(text.replace('committed ', '')));
      started.#onCommit();
    });
    return started;
  }

  /** Resolves when it says that so many events are committed. */
  until(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#onCommit = () => {
        if (this.committed.length >= count) resolve();
      };
      this.#onCommit();
    });
  }

  /** Ends it without a word, and waits until all it said is read. */
  async kill(): Promise<void> {
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await closed;
  }
}
