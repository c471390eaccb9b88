import type { WebSocket } from 'ws';

interface Frame {
  readonly data: Parameters<WebSocket['send']>[0];
  /** The newest hold when it was written: it waits for this one and all before it. */
  readonly after: number;
}

/** More frames than this waiting, and all of them go out. */
const MOST_FRAMES = 2000;

/**
 * Holds back what is written to WhatsApp until facts that it would confirm have been published. Baileys receipts a message
 * first and hands it out afterwards, so a crash in between loses it; here the receipt leaves after the publishing.
 * Frames keep their order, which their encryption needs, and none waits longer than `limitMs`.
 */
export class ReceiptGate {
  readonly #limitMs: number;
  readonly #holds = new Map<number, NodeJS.Timeout>();
  readonly #frames: Frame[] = [];
  #write: (data: Frame['data']) => void = () => undefined;
  #last = 0;
  #idle: (() => void)[] = [];

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** Takes over the writing of a websocket. */
  attach(socket: WebSocket): void {
    const send = socket.send.bind(socket) as (...args: unknown[]) => void;
    this.#write = (data) => {
      if (socket.readyState === socket.OPEN) send(data, () => undefined);
    };
    socket.send = ((data: Frame['data'], ...rest: unknown[]) => {
      if (this.#holds.size === 0 && this.#frames.length === 0) return send(data, ...rest);
      this.#frames.push({ data, after: this.#last });
      if (this.#frames.length > MOST_FRAMES) this.open();
      const done = rest.at(-1);
      if (typeof done === 'function') process.nextTick(done);
    }) as WebSocket['send'];
  }

  /** From now on nothing is written until the hold is let go. */
  hold(): number {
    const id = ++this.#last;
    this.#holds.set(
      id,
      setTimeout(() => this.release(id), this.#limitMs),
    );
    return id;
  }

  release(id: number): void {
    clearTimeout(this.#holds.get(id));
    if (this.#holds.delete(id)) this.#flush();
  }

  /** Lets everything go. */
  open(): void {
    for (const timer of this.#holds.values()) clearTimeout(timer);
    this.#holds.clear();
    this.#flush();
  }

  /** Resolves when nothing is held back. */
  idle(): Promise<void> {
    if (this.#holds.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #flush(): void {
    const [oldest = Number.POSITIVE_INFINITY] = this.#holds.keys();
    for (let frame = this.#frames[0]; frame && frame.after < oldest; frame = this.#frames[0]) {
      this.#frames.shift();
      this.#write(frame.data);
    }
    if (this.#holds.size > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
