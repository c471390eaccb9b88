import { existsSync, readFileSync } from 'node:fs';

/** Reads what `loop-watch.mjs` wrote in the server: how long the event loop was at work without a pause. */
export class LoopBlocks {
  readonly #file: string;
  #read = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** The longest since the last look (ms of CPU time); 0 when all were shorter than 100 ms. */
  take(): number {
    if (!existsSync(this.#file)) return 0;
    const lines = readFileSync(this.#file, 'utf8').trimEnd().split('\n');
    const fresh = lines.slice(this.#read).map(Number);
    this.#read = lines.length;
    return Math.max(0, ...fresh);
  }
}
