import { Agent, get } from 'node:http';

/** Asks `GET /ping` again and again, and keeps the longest time that an answer took. */
export class PingWatch {
  readonly #url: () => string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #worstMs = 0;
  #begun = performance.now();
  #running = true;

  constructor(url: () => string) {
    this.#url = url;
    void this.#run();
  }

  /** The longest time (ms) since the last look, with that of an answer which still is to come. */
  take(): number {
    const worst = Math.max(this.#worstMs, performance.now() - this.#begun);
    this.#worstMs = 0;
    return worst;
  }

  stop(): void {
    this.#running = false;
    this.#agent.destroy();
  }

  async #run(): Promise<void> {
    while (this.#running) {
      this.#begun = performance.now();
      await this.#ask();
      this.#worstMs = Math.max(this.#worstMs, performance.now() - this.#begun);
      this.#begun = performance.now() + 25;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  /** Nobody there is for others to tell. */
  #ask(): Promise<void> {
    return new Promise((resolve) => {
      const asking = get(`${this.#url()}/ping`, { agent: this.#agent }, (response) => {
        response.resume().once('close', () => resolve());
      });
      asking.once('error', () => resolve());
    });
  }
}
