/**
 * A timer that is put off by progress. It runs in two halves: a process that stood still finds its timers due before it
 * has read what came meanwhile, and that may be progress.
 */
export class Deadline {
  readonly #expire: () => void;
  #milliseconds: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(milliseconds: number, expire: () => void) {
    this.#milliseconds = milliseconds;
    this.#expire = expire;
    this.#begin();
  }

  /** Starts anew, with another time when one is given. Nothing happens once it was stopped. */
  putOff(milliseconds = this.#milliseconds): void {
    if (this.#timer === undefined) return;
    this.#milliseconds = milliseconds;
    clearTimeout(this.#timer);
    this.#begin();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #begin(): void {
    const half = this.#milliseconds / 2;
    this.#timer = setTimeout(() => {
      this.#timer = setTimeout(this.#expire, half);
    }, half);
  }
}
