/** A timer that is put off by progress. */
export class Deadline {
  readonly #expire: () => void;
  #milliseconds: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(milliseconds: number, expire: () => void) {
    this.#milliseconds = milliseconds;
    this.#expire = expire;
    this.#timer = setTimeout(expire, milliseconds);
  }

  /** Starts anew, with another time when one is given. Nothing happens once it was stopped. */
  putOff(milliseconds = this.#milliseconds): void {
    if (this.#timer === undefined) return;
    this.#milliseconds = milliseconds;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#expire, milliseconds);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
