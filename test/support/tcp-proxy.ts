import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** What becomes of bytes on their way. */
export type Passage = { readonly delay: number } | 'swallowed';

/** A way to a TCP server on loopback that can be slow, lead nowhere, or be cut. */
export class TcpProxy {
  readonly #server: Server;
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  /** How bytes get through now; connections that were made while they were swallowed stay so until they are cut. */
  passage: Passage = { delay: 0 };

  private constructor(port: number) {
    this.#port = port;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  static async start(port: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(port);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends every connection that there is. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #accept(from: Socket): void {
    const to = connect(this.#port, '127.0.0.1');
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      this.#sockets.add(one);
      one.setNoDelay(true);
      one.on('error', () => undefined);
      const pass = this.#lane(other);
      one.on('data', pass);
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
  }

  /** One direction of a connection: nothing overtakes what came before it, and nothing follows a gap. */
  #lane(to: Socket): (bytes: Buffer) => void {
    let last = Promise.resolve();
    let isBroken = false;
    return (bytes) => {
      const { passage } = this;
      isBroken ||= passage === 'swallowed';
      if (isBroken || passage === 'swallowed') return;
      const due = performance.now() + passage.delay;
      last = last.then(async () => {
        const left = due - performance.now();
        if (left > 0) await pause(left);
        if (to.writable) to.write(bytes);
      });
    };
  }
}
