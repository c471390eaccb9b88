import { extractImageThumb, prepareWAMessageMedia, type WAUrlInfo } from '@whiskeysockets/baileys';
import { type Egress, type Log, sentence } from 'waha-runtime';
import type { BaileysSocket } from '../socket/socket.ts';

const PAGE_BYTES = 512 * 1024;
const IMAGE_BYTES = 4 * 1024 * 1024;
const PATIENCE_MS = 3000;
const REDIRECTS = 3;
const THUMBNAIL_WIDTH = 192;
/** Characters. */
const MAX_TAG = 2000;
const MAX_TITLE = 1000;
/** A link further back in a text is not looked for. */
const MAX_PIECES = 20_000;

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
      const { title, description, image } = readPage(Buffer.from(page.body).toString('utf8'));
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

/** The first thing in a text that is a link to a page. */
export const firstLink = (text: string): string | undefined => {
  const pieces = text.split(/[\s<>"']/).slice(0, MAX_PIECES);
  return firstOf(pieces, linkIn) ?? firstOf(pieces, bareLinkIn);
};

const firstOf = (pieces: readonly string[], find: (piece: string) => string | undefined): string | undefined => {
  for (const piece of pieces) {
    const found = find(piece);
    if (found !== undefined) return found;
  }
  return undefined;
};

const linkIn = (piece: string): string | undefined => {
  const start = /\bhttps?:\/\//i.exec(piece);
  if (!start) return undefined;
  const link = withoutStops(piece.slice(start.index));
  return link.length > start[0].length + 1 ? link : undefined;
};

const bareLinkIn = (piece: string): string | undefined => {
  const start = /\bwww\./i.exec(piece);
  if (!start) return undefined;
  const rest = piece.slice(start.index);
  const host = /^www\.[a-z0-9-]+\.[a-z0-9-][a-z0-9.-]*/i.exec(rest)?.[0];
  if (host === undefined) return undefined;
  return withoutStops(rest[host.length] === '/' ? rest : host);
};

/** What ends a sentence is not the link's. */
const withoutStops = (link: string): string => {
  let end = link.length;
  while (end > 0 && '.,;:!?)]}'.includes(link[end - 1] ?? ' ')) end--;
  return link.slice(0, end);
};

/** Title, description and picture of a page, from its Open Graph tags or its head. */
export const readPage = (html: string) => {
  const head = html.slice(0, PAGE_BYTES);
  const meta = new Map<string, string>();
  for (const { tag } of tagsOf(head, 'meta')) {
    const name = attribute(tag, 'property') ?? attribute(tag, 'name');
    const content = attribute(tag, 'content');
    if (name && content && !meta.has(name.toLowerCase())) meta.set(name.toLowerCase(), content);
  }
  const title = meta.get('og:title') ?? plain(textAfter(head, tagsOf(head, 'title').next().value?.end));
  const description = meta.get('og:description') ?? meta.get('description');
  return { title: title?.slice(0, 300), description: description?.slice(0, 600), image: meta.get('og:image') };
};

interface Tag {
  readonly tag: string;
  /** Where it ends in the page. */
  readonly end: number;
}

/** The tags of a name, in one pass over the page; one that is absurdly long is none. */
function* tagsOf(html: string, name: string): Generator<Tag, undefined> {
  const starts = new RegExp(`<${name}(?=[\\s>])`, 'gi');
  for (let start = starts.exec(html); start; start = starts.exec(html)) {
    const end = html.indexOf('>', start.index);
    if (end < 0) return;
    starts.lastIndex = end;
    if (end - start.index <= MAX_TAG) yield { tag: html.slice(start.index, end + 1), end: end + 1 };
  }
}

const textAfter = (html: string, start: number | undefined): string | undefined => {
  if (start === undefined) return undefined;
  const end = html.indexOf('<', start);
  return end < 0 ? undefined : html.slice(start, Math.min(end, start + MAX_TITLE));
};

const attribute = (tag: string, name: string): string | undefined => {
  const found = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, 'i').exec(tag);
  return plain(found?.[1] ?? found?.[2] ?? found?.[3]);
};

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

const plain = (text: string | undefined): string | undefined => {
  const decoded = text?.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w{2,8}));/gi, (whole, decimal, hex, name) => {
    if (name) return entities[name.toLowerCase()] ?? whole;
    const code = decimal ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
  return decoded?.trim() || undefined;
};
