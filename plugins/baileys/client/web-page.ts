import { setImmediate } from 'node:timers/promises';
import type { Handler } from 'htmlparser2';

/** What a page says of itself. */
export interface PageFacts {
  readonly title: string | undefined;
  readonly description: string | undefined;
  /** As it stands there, possibly relative. */
  readonly image: string | undefined;
}

/** So many characters are read in one turn of the event loop. */
const SLICE = 16 * 1024;
/** Browsers nest no deeper. The work for a tag grows with what is open around it, so what is deeper is not read. */
const MAX_DEPTH = 512;

/**
 * Title, description and picture of a page, from its Open Graph tags or its head. Its encoding is what the server says, else
 * what the page says of itself. No tree is made of it: with open tags that every paragraph has to repeat, a page of 10 KB makes a
 * tree of a million nodes. The reader is loaded by the first page.
 */
export const readPage = async (page: Uint8Array, type = ''): Promise<PageFacts> => {
  const [{ Parser }, { decodeBuffer }] = await Promise.all([import('htmlparser2'), import('encoding-sniffer')]);
  const charset = charsetIn(type);
  const text = decodeBuffer(Buffer.from(page), {
    defaultEncoding: 'utf-8',
    ...(charset ? { transportLayerEncodingLabel: charset } : {}),
  });
  const tags = new PageTags();
  const parser = new Parser(tags);
  for (let at = 0; at < text.length && tags.depth <= MAX_DEPTH; at += SLICE) {
    if (at > 0) await setImmediate();
    parser.write(text.slice(at, at + SLICE));
  }
  parser.end();
  return tags.facts();
};

const charsetIn = (type: string): string | undefined =>
  type
    .toLowerCase()
    .split(';')
    .map((parameter) => parameter.trim())
    .find((one) => one.startsWith('charset='))
    ?.slice('charset='.length)
    .replaceAll('"', '');

const wanted = new Set(['og:title', 'og:description', 'og:image', 'description']);

/** Hears the tags of a page, and keeps the few that tell what it is about. */
class PageTags implements Partial<Handler> {
  depth = 0;
  readonly #meta = new Map<string, string>();
  #title: string | undefined;
  #inTitle = false;

  onopentag(tag: string, attributes: Readonly<Record<string, string>>): void {
    this.depth += 1;
    if (tag === 'title' && this.#title === undefined) {
      this.#inTitle = true;
      this.#title = '';
    }
    if (tag === 'meta') this.#keep(attributes);
  }

  ontext(text: string): void {
    if (this.#inTitle) this.#title += text;
  }

  onclosetag(tag: string): void {
    this.depth -= 1;
    if (tag === 'title') this.#inTitle = false;
  }

  facts(): PageFacts {
    const title = this.#meta.get('og:title') ?? (this.#title?.replace(/\s+/g, ' ').trim() || undefined);
    const description = this.#meta.get('og:description') ?? this.#meta.get('description');
    return { title: title?.slice(0, 300), description: description?.slice(0, 600), image: this.#meta.get('og:image') };
  }

  #keep({ property, name, content }: Readonly<Record<string, string>>): void {
    const text = content?.trim();
    if (!text) return;
    for (const key of [property, name]) if (key && wanted.has(key) && !this.#meta.has(key)) this.#meta.set(key, text);
  }
}
