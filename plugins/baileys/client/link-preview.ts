import { extractImageThumb, prepareWAMessageMedia, type WAUrlInfo } from '@whiskeysockets/baileys';
import { type Egress, type Log, sentence } from 'waha-runtime';
import type { BaileysSocket } from '../socket/socket.ts';
import { firstLink } from './links.ts';
import { readPage } from './web-page.ts';

const PAGE_BYTES = 512 * 1024;
const IMAGE_BYTES = 4 * 1024 * 1024;
const PATIENCE_MS = 3000;
const REDIRECTS = 3;
const THUMBNAIL_WIDTH = 192;

/** What a preview is made of. */
export interface PreviewFacts {
  /** The link as it stands in the text. */
  readonly link: string;
  readonly title: string;
  readonly description?: string | undefined;
  readonly image?: Uint8Array | undefined;
}

/** Finds out what the first link of a text is about, through the guarded way out. Without an answer there is no preview. */
export class LinkPreviews {
  readonly #http: Egress;
  readonly #log: Log;

  constructor(http: Egress, log: Log) {
    this.#http = http;
    this.#log = log;
  }

  /** The preview of the first link; undefined when there is no link, or nothing to show. Never rejects. */
  async of(text: string, sock: BaileysSocket, highQuality = false): Promise<WAUrlInfo | undefined> {
    const link = firstLink(text);
    if (!link) return undefined;
    const ends = AbortSignal.timeout(PATIENCE_MS);
    try {
      const url = link.includes('://') ? link : `https://${link}`;
      const page = await this.#fetch(url, PAGE_BYTES, ends);
      if (!page?.type.includes('html')) return undefined;
      const { title, description, image } = await readPage(page.body, page.type);
      if (!title) return undefined;
      const picture = image && URL.canParse(image, page.url) ? await this.#picture(image, page.url, ends) : undefined;
      return await previewOf({ link, title, description, image: picture }, sock, highQuality);
    } catch (error) {
      this.#log.debug({ err: sentence(error) }, 'a link is sent without a preview');
      return undefined;
    }
  }

  async #picture(image: string, base: string, ends: AbortSignal): Promise<Uint8Array | undefined> {
    return (await this.#fetch(new URL(image, base).href, IMAGE_BYTES, ends).catch(() => undefined))?.body;
  }

  /** The page behind a URL; redirects are followed, each through the guard. */
  async #fetch(first: string, maxBytes: number, signal: AbortSignal) {
    let url = first;
    for (let hops = 0; hops <= REDIRECTS; hops++) {
      const headers = { 'user-agent': 'WhatsApp/2.23.20.0', accept: 'text/html,image/*;q=0.9,*/*;q=0.1' };
      const answer = await this.#http.request({ url, headers, maxBytes, timeoutMs: PATIENCE_MS, signal });
      const location = answer.headers['location'];
      if (answer.status < 300) return { url, body: answer.body, type: answer.headers['content-type'] ?? '' };
      if (answer.status >= 400 || !location || !URL.canParse(location, url)) return undefined;
      url = new URL(location, url).href;
    }
    return undefined;
  }
}

/** A preview as Baileys wants it: with a small picture, and with a large one uploaded when asked for. */
export const previewOf = async (facts: PreviewFacts, sock: BaileysSocket, highQuality: boolean): Promise<WAUrlInfo> => {
  const { link, title, description, image } = facts;
  const info = { 'canonical-url': link, 'matched-text': link, title, ...(description ? { description } : {}) };
  if (!image) return info;
  const bytes = Buffer.from(image);
  const thumbnail = await extractImageThumb(bytes, THUMBNAIL_WIDTH).catch(() => undefined);
  const small = thumbnail ? { jpegThumbnail: thumbnail.buffer } : {};
  if (!highQuality) return { ...info, ...small };
  const { imageMessage } = await prepareWAMessageMedia(
    { image: bytes },
    { upload: sock.waUploadToServer, mediaTypeOverride: 'thumbnail-link' },
  );
  return { ...info, ...small, ...(imageMessage ? { highQualityThumbnail: imageMessage } : {}) };
};
