import type { Dispatcher } from 'undici';
import { fileError, sentence } from 'waha-runtime';
import type { MediaFile } from '../messages/media-file.ts';

/** What WhatsApp answers for a file that the sender's phone has to upload again. */
const EXPIRED = new Set([403, 404, 410]);
const PUBLIC_HOST = 'mmg.whatsapp.net';
const ORIGIN = 'https://web.whatsapp.com';

/** The media server no longer has the file. */
export class Expired extends Error {}

export interface DownloadOptions {
  /** The session's way out; the direct one when absent. */
  readonly dispatcher: Dispatcher | undefined;
  readonly signal: AbortSignal;
}

/**
 * Where a file is. The sender writes both parts of it, so that neither may lead anywhere but to a media server: `host` is
 * the one to ask when the message names no other of WhatsApp's. Throws `incomplete` for a message that names none.
 */
export const mediaUrl = ({ directPath, url }: Pick<MediaFile, 'directPath' | 'url'>, host: string | null): string => {
  const named = url !== null && URL.canParse(url) ? new URL(url) : null;
  const path = directPath ?? (named ? `${named.pathname}${named.search}` : null);
  if (path === null) throw fileError('incomplete', 'the message does not say where its file is');
  const server = host ?? (named && /(^|\.)whatsapp\.net$/.test(named.hostname) ? named.host : PUBLIC_HOST);
  const found = new URL(`https://${server}/`);
  const [pathname = '', search = ''] = path.split(/\?(.*)/s);
  found.pathname = pathname;
  found.search = search;
  return found.href;
};

/** The bytes as the server has them. Throws `Expired`, or a `network` fault that names no address. */
export async function* download(url: string, { dispatcher, signal }: DownloadOptions): AsyncGenerator<Uint8Array> {
  try {
    // Loaded by the first download: its hundred files would make every start slower.
    const { request } = await import('undici');
    const { statusCode, body } = await request(url, {
      signal,
      headers: { origin: ORIGIN },
      ...(dispatcher ? { dispatcher } : {}),
    });
    if (statusCode === 200) {
      yield* body as AsyncIterable<Uint8Array>;
      return;
    }
    body.on('error', () => undefined).destroy();
    if (EXPIRED.has(statusCode)) throw new Expired();
    throw fileError('network', `WhatsApp's media server answered ${statusCode}`);
  } catch (error) {
    if (error instanceof Expired || 'fault' in (error as Error)) throw error;
    throw fileError('network', `WhatsApp's media server could not be read: ${reasonOf(error)}`, error);
  }
}

const reasonOf = (error: unknown): string => {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? code : error instanceof Error ? error.name : sentence(error);
};
