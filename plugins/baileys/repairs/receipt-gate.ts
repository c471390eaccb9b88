import type { WebSocket } from 'ws';

interface Frame {
  readonly data: Parameters<WebSocket['send']>[0];
  /** The newest hold when it was written: it waits for this one and all before it. */
  readonly after: number;
  readonly since: number;
}

/** Hears how long frames wait. */
export interface GateWatch {
  /** A frame was held back for so long (ms). */
  waited(milliseconds: number): void;
  /** A hold was not let go in time. */
  late(): void;
}

/** More frames than this waiting, and all of them go out. */
const MOST_FRAMES = 2000;

/**
 * Holds back what is written to WhatsApp:
 * - until facts that it would confirm have been published, for `limitMs` at most. Baileys receipts a message first and
 *   hands it out afterwards, so a crash in between loses it; here the receipt leaves after the publishing;
 * - until keys that were changed are durable, for as long as it takes. A message must not leave before the step of the
 *   ratchet that encrypted it is on disk, nor a receipt before the step that decrypted. If they never are, nothing leaves.
 *
 * Frames keep their order, which their encryption needs. A query is never held for publishing: who waits for its answer may
 * be the one that has to publish. What was decrypted is published after a crash, too, once its keys are durable, for the
 * journal is stored with them.
 */
export class ReceiptGate {
  readonly #limitMs: number;
  readonly #watch: GateWatch | undefined;
  /** With a timer: it ends by itself. */
  readonly #holds = new Map<number, NodeJS.Timeout | null>();
  /** Those that wait for the publishing of something. */
  readonly #publishing = new Set<number>();
  readonly #frames: Frame[] = [];
  #write: (data: Frame['data']) => void = () => undefined;
  #last = 0;
  #shut = false;
  #idle: (() => void)[] = [];

  constructor(limitMs: number, watch?: GateWatch) {
    this.#limitMs = limitMs;
    this.#watch = watch;
  }

  /** Takes over the writing of a websocket. */
  attach(socket: WebSocket): void {
    const send = socket.send.bind(socket) as (...args: unknown[]) => void;
    this.#write = (data) => {
      if (!this.#shut && socket.readyState === socket.OPEN) send(data, () => undefined);
    };
    socket.send = ((data: Frame['data'], ...rest: unknown[]) => {
      // Nobody waits for the kernel: a write that fails ends the connection, and one that hangs must hang nobody.
      const done = rest.at(-1);
      if (typeof done === 'function') process.nextTick(done);
      if (this.#holds.size === 0 && this.#frames.length === 0) return this.#write(data);
      this.#frames.push({ data, after: this.#last, since: performance.now() });
      if (this.#frames.length > MOST_FRAMES) this.open();
    }) as WebSocket['send'];
  }

  /** From now on nothing is written until the hold is let go, or has lasted for too long. */
  hold(): number {
    const id = ++this.#last;
    const expire = () => {
      this.#watch?.late();
      this.release(id);
    };
    this.#holds.set(id, setTimeout(expire, this.#limitMs));
    return id;
  }

  /** As `hold`, until something is published. */
  holdForPublishing(): number {
    const id = this.hold();
    this.#publishing.add(id);
    return id;
  }

  /** A query is about to be written: nothing waits for publishing any longer. */
  passQuery(): void {
    for (const id of this.#publishing) this.release(id);
  }

  /** Writes nothing from now on until keys are durable. When they fail to be, nothing is written any more. */
  holdUntil(durable: Promise<void>): void {
    const id = ++this.#last;
    this.#holds.set(id, null);
    durable
      .catch(() => {
        this.#shut = true;
      })
      .then(() => this.release(id));
  }

  release(id: number): void {
    clearTimeout(this.#holds.get(id) ?? undefined);
    this.#publishing.delete(id);
    if (this.#holds.delete(id)) this.#flush();
  }

  /** Lets everything go that does not wait for keys. */
  open(): void {
    for (const [id, timer] of this.#holds) {
      if (timer === null) continue;
      clearTimeout(timer);
      this.#holds.delete(id);
      this.#publishing.delete(id);
    }
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
      this.#watch?.waited(performance.now() - frame.since);
      this.#write(frame.data);
    }
    if (this.#holds.size > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
