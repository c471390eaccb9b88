import { setImmediate } from 'node:timers/promises';

/** How long the history may keep the event loop busy in one go: other sessions live in this process. */
const IN_ONE_GO_MS = 6;

/** Lets others have their turn. */
export class Pace {
  #began = performance.now();

  /** Call it between small pieces of work. */
  async breathe(): Promise<void> {
    if (performance.now() - this.#began < IN_ONE_GO_MS) return;
    await setImmediate();
    this.#began = performance.now();
  }
}
