import { tooManyRequests, unprocessable } from 'waha-runtime';

/** How many may work at the same time, and how many may wait for that. */
export interface TurnLimits {
  readonly parallel: number;
  readonly waiting: number;
}

interface Waiter {
  readonly session: string;
  begin(): void;
  refuse(error: Error): void;
}

/**
 * Turns at something scarce, shared by the sessions: the next one is of the session that has the fewest, and of another one than before. When the
 * line is full, the last of the session with the most in it gives way to one with fewer, so that nobody takes all of it.
 */
export class FairTurns {
  readonly #limits: TurnLimits;
  readonly #waiting: Waiter[] = [];
  readonly #running = new Map<string, number>();
  #count = 0;
  /** The session that began last. */
  #latest = '';

  constructor(limits: TurnLimits) {
    this.#limits = limits;
  }

  /** Rejects with `TOO_MANY_REQUESTS` when there is no place in the line, and with `UNPROCESSABLE` when the signal fires in it. */
  async run<T>(session: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (this.#count < this.#limits.parallel) this.#take(session);
    else await this.#wait(session, signal);
    try {
      return await work();
    } finally {
      this.#give(session);
    }
  }

  #wait(session: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        signal.removeEventListener('abort', leave);
      };
      const waiter: Waiter = {
        session,
        begin: () => {
          end();
          this.#take(session);
          resolve();
        },
        refuse: (error) => {
          end();
          reject(error);
        },
      };
      const leave = (): void => waiter.refuse(unprocessable('the request was given up'));
      if (signal.aborted) return reject(unprocessable('the request was given up'));
      if (this.#waiting.length >= this.#limits.waiting) this.#makeRoom(session);
      signal.addEventListener('abort', leave);
      this.#waiting.push(waiter);
    });
  }

  #makeRoom(session: string): void {
    const refusal = tooManyRequests('too many files are being converted', 10);
    const most = Math.max(0, ...this.#waiting.map((waiter) => this.#placesOf(waiter.session)));
    if (most <= this.#placesOf(session) + 1) throw refusal;
    this.#waiting.findLast((waiter) => this.#placesOf(waiter.session) === most)?.refuse(refusal);
  }

  #placesOf(session: string): number {
    return this.#waiting.filter((waiter) => waiter.session === session).length;
  }

  #take(session: string): void {
    this.#count += 1;
    this.#latest = session;
    this.#running.set(session, (this.#running.get(session) ?? 0) + 1);
  }

  #give(session: string): void {
    this.#count -= 1;
    const left = (this.#running.get(session) ?? 1) - 1;
    if (left > 0) this.#running.set(session, left);
    else this.#running.delete(session);
    const rank = (waiter: Waiter): number =>
      (this.#running.get(waiter.session) ?? 0) + (waiter.session === this.#latest ? 0.5 : 0);
    const [first, ...others] = this.#waiting;
    if (first) others.reduce((next, waiter) => (rank(waiter) < rank(next) ? waiter : next), first).begin();
  }
}
