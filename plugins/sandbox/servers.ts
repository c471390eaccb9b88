import { serveMedia } from './files/media-server.ts';
import type { Server } from './server.ts';
import { type Listener, listen } from './wire/server.ts';

/** The two servers of a sandbox: the websocket, which is known from the start, and the files, whose port may be kept. */
export class Servers {
  readonly url: string;
  readonly #server: Server;
  readonly #listener: Listener;
  #media: { close(): Promise<void> } | undefined;

  private constructor(server: Server, listener: Listener) {
    const { host, port } = listener;
    this.#server = server;
    this.#listener = listener;
    this.url = `ws://${host.includes(':') ? `[${host}]` : host}:${port}/ws/chat`;
  }

  /** Listens, and lets nobody in yet. */
  static async listen(server: Server, host: string, port: number): Promise<Servers> {
    server.hold();
    return new Servers(server, await listen(server, host, port));
  }

  /** Lets clients in. */
  async open(): Promise<void> {
    this.#media = await serveMedia(this.#server.world, this.#listener.host);
    this.#server.admitAll();
  }

  async close(): Promise<void> {
    await Promise.all([this.#listener.close(), this.#media?.close()]);
  }
}
