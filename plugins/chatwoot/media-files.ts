import type { Files, WAMedia } from 'waha-runtime';
import type { Attachment } from './server/chatwoot-server.ts';

/** The largest file that Chatwoot takes (bytes). */
const maxBytes = 40 * 1024 * 1024;

/** Files of messages, as this server keeps them. */
export class MediaFiles {
  readonly #files: Files | undefined;

  constructor(files: Files | undefined) {
    this.#files = files;
  }

  /** Null when it was not fetched, is too large, or is gone. */
  async of(session: string, media: WAMedia | null | undefined): Promise<Attachment | null> {
    if (!media?.url) return null;
    const bytes = (await this.#files?.read(session, media.url, maxBytes)) ?? null;
    if (bytes === null) return null;
    const mimetype = media.mimetype?.split(';', 1)[0] ?? 'application/octet-stream';
    return { name: media.filename ?? media.url.split('/').at(-1) ?? 'file', mimetype, bytes };
  }
}
