import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { DEFAULT_ORIGIN } from '@whiskeysockets/baileys';
import type { Dispatcher } from 'undici';
import type { BaileysSocket } from '../socket/socket.ts';

/** Baileys' own way to upload, and what it is given. */
type Upload = BaileysSocket['waUploadToServer'];

/** The upload of one message to a channel, and the handle that WhatsApp gave for it. */
export interface ChannelUpload {
  readonly upload: Upload;
  /** What the message has to name as its `media_id`. */
  readonly handle: string | undefined;
}

/** Makes an upload for a connection. */
export type ChannelUploads = (sock: BaileysSocket) => ChannelUpload;

/**
 * Files of channels are not encrypted, and have a place of their own on the media servers, which gives a handle for each (whatsmeow
 * `UploadNewsletter`). Baileys uploads them where encrypted files go. `dispatcher` is the session's way out.
 */
export const channelUploads =
  (dispatcher: Dispatcher | undefined): ChannelUploads =>
  (sock) => {
    let handle: string | undefined;
    const upload: Upload = async (path, { mediaType, fileEncSha256B64, timeoutMs }) => {
      const { hosts, auth } = await sock.refreshMediaConn(false);
      const hash = Buffer.from(fileEncSha256B64, 'base64').toString('base64url');
      for (const { hostname } of hosts) {
        const query = new URLSearchParams({ auth, token: hash });
        const url = `https://${hostname}/newsletter/newsletter-${mediaType}/${hash}?${query}`;
        const found = await post(url, path, { dispatcher, timeoutMs }).catch(() => null);
        if (!found?.direct_path || !found.handle) continue;
        handle = found.handle;
        return { mediaUrl: found.url ?? '', directPath: found.direct_path };
      }
      throw new Error('Media upload failed on all hosts');
    };
    return {
      upload,
      get handle() {
        return handle;
      },
    };
  };

interface Uploaded {
  readonly url?: string;
  readonly direct_path?: string;
  readonly handle?: string;
}

const post = async (
  url: string,
  path: string,
  { dispatcher, timeoutMs }: { readonly dispatcher: Dispatcher | undefined; readonly timeoutMs?: number | undefined },
): Promise<Uploaded> => {
  const { request } = await import('undici');
  const { statusCode, body } = await request(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': String((await stat(path)).size),
      origin: DEFAULT_ORIGIN,
    },
    body: createReadStream(path),
    ...(timeoutMs ? { signal: AbortSignal.timeout(timeoutMs) } : {}),
    ...(dispatcher ? { dispatcher } : {}),
  });
  if (statusCode === 200) return (await body.json()) as Uploaded;
  body.on('error', () => undefined).destroy();
  throw new Error(`the media server answered ${statusCode}`);
};
