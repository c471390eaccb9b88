import { serveMedia } from './files/media-server.ts';
import type { Server } from './server.ts';
import { type Listener, listen, refuseForeignHost } from './wire/server.ts';

/** The two servers of a sandbox: the files, whose port may be kept over a restart, and the websocket. */
export class Servers {
  readonly url: string;
  readonly #listener: Listener;
  readonly #media: { close(): Promise<void> };

  private constructor(listener: Listener, media: { close(): Promise<void> }) {
    const { host, port } = listener;
    this.#listener = listener;
    this.#media = media;
    this.url = `ws://${host.includes(':') ? `[${host}]` : host}:${port}/ws/chat`;
  }

  /** Opens the files, then lets clients in. The state must be there before. */
  static async listen(server: Server, host: string, port: number): Promise<Servers> {
    refuseForeignHost(host);
    const media = await serveMedia(server.world, host);
    try {
      return new Servers(await listen(server, host, port), media);
    } catch (error) {
      await media.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#listener.close(), this.#media.close()]);
  }
}
