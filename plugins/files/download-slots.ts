export interface DownloadLimits {
  readonly total: number;
  readonly session: number;
}

interface Waiter {
  readonly session: string;
  take(): void;
}

/** A limited number of turns, in all and for each session. A session at its limit holds up nobody else. */
export class DownloadSlots {
  readonly #limits: DownloadLimits;
  readonly #waiting = new Set<Waiter>();
  readonly #taken = new Map<string, number>();
  #total = 0;

  constructor(limits: DownloadLimits) {
    this.#limits = limits;
  }

  get running(): number {
    return this.#total;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Runs the work when its turn has come, first come first served. Rejects with the signal's reason when that fires before. */
  async run<T>(session: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (this.#isFree(session)) this.#take(session);
    else await this.#turn(session, signal);
    try {
      return await work();
    } finally {
      this.#give(session);
    }
  }

  #turn(session: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(waiter);
        reject(signal.reason);
      };
      const waiter: Waiter = {
        session,
        take: () => {
          signal.removeEventListener('abort', leave);
          this.#waiting.delete(waiter);
          this.#take(session);
          resolve();
        },
      };
      if (signal.aborted) return reject(signal.reason);
      signal.addEventListener('abort', leave);
      this.#waiting.add(waiter);
    });
  }

  #isFree(session: string): boolean {
    return this.#total < this.#limits.total && (this.#taken.get(session) ?? 0) < this.#limits.session;
  }

  #take(session: string): void {
    this.#total += 1;
    this.#taken.set(session, (this.#taken.get(session) ?? 0) + 1);
  }

  #give(session: string): void {
    this.#total -= 1;
    const left = (this.#taken.get(session) ?? 1) - 1;
    if (left === 0) this.#taken.delete(session);
    else this.#taken.set(session, left);
    for (const waiter of this.#waiting) {
      if (this.#total >= this.#limits.total) return;
      if (this.#isFree(waiter.session)) waiter.take();
    }
  }
}
