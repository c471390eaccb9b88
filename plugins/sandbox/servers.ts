import { serveMedia } from './delivery/media-server.ts';
import type { Network } from './network.ts';
import { type Listener, listen } from './wire/server.ts';

/** The two servers of a sandbox: the websocket, which is known from the start, and the files, whose port may be kept. */
export class Servers {
  readonly url: string;
  readonly #network: Network;
  readonly #listener: Listener;
  #media: { close(): Promise<void> } | undefined;

  private constructor(network: Network, listener: Listener) {
    const { host, port } = listener;
    this.#network = network;
    this.#listener = listener;
    this.url = `ws://${host.includes(':') ? `[${host}]` : host}:${port}/ws/chat`;
  }

  /** Listens, and lets nobody in yet. */
  static async listen(network: Network, host: string, port: number): Promise<Servers> {
    network.hold();
    return new Servers(network, await listen(network, host, port));
  }

  /** Lets clients in. */
  async open(): Promise<void> {
    this.#media = await serveMedia(this.#network, this.#listener.host);
    this.#network.admitAll();
  }

  async close(): Promise<void> {
    await Promise.all([this.#listener.close(), this.#media?.close()]);
  }
}
