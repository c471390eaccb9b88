import { type FileContent, unprocessable } from 'waha-runtime';
import { FairTurns } from './fair-turns.ts';

/** WhatsApp's own: a square of so many pixels, and at most so many bytes. */
const SIDE = 512;
const MOST_BYTES = 1024 * 1024;
/** What a picture may have, over all its frames, and how many of them. */
const MOST_PIXELS = 200_000_000;
const MOST_FRAMES = 300;
/** How long one may take (s). libvips works on the threads that Node reads files with, of which there are four. */
const LONGEST_S = 30;

export interface Sticker {
  readonly content: FileContent;
  readonly mimetype: 'image/webp';
  readonly animated: boolean;
}

const source = (content: FileContent) => (content instanceof Uint8Array ? content : content.path);

/** A WebP as it is. Rejects with `UNPROCESSABLE` for what is none. */
export const asSticker = async (content: FileContent): Promise<Sticker> => {
  const { format, pages = 1 } = await about(content);
  if (format !== 'webp')
    throw unprocessable(`the file is ${format}, and stickers are WebP; send it with convert: true`);
  return { content, mimetype: 'image/webp', animated: pages > 1 };
};

/** Makes stickers, a few at a time. */
export class StickerMaker {
  readonly #turns = new FairTurns({ parallel: 2, waiting: 50 });

  /** A sticker from any picture: the whole of it in a square, what is around it transparent; what moves goes on moving. */
  make(session: string, content: FileContent, signal: AbortSignal): Promise<Sticker> {
    return this.#turns.run(session, signal, () => toSticker(content));
  }
}

const toSticker = async (content: FileContent): Promise<Sticker> => {
  const { pages = 1 } = await about(content);
  if (pages > MOST_FRAMES) throw unprocessable(`the picture has more than ${MOST_FRAMES} frames`);
  const animated = pages > 1;
  const fit = { fit: 'contain', background: { r: 0, g: 0, b: 0, alpha: 0 } } as const;
  for (const quality of [80, 50, 20]) {
    const picture = await open(content, animated);
    const small = picture.timeout({ seconds: LONGEST_S }).resize(SIDE, SIDE, fit).webp({ quality, loop: 0 });
    const made = await small.toBuffer().catch(unreadable);
    if (made.length <= MOST_BYTES) return { content: made, mimetype: 'image/webp', animated };
  }
  throw unprocessable('the picture cannot be made small enough for a sticker');
};

const about = async (content: FileContent) => (await open(content, true)).metadata().catch(unreadable);

/** Loads libvips with the first picture: it is large, and many deployments never make a sticker. */
const open = async (content: FileContent, animated: boolean) => {
  const { default: sharp } = await import('sharp');
  return sharp(source(content), { animated, limitInputPixels: MOST_PIXELS });
};

const unreadable = (): never => {
  throw unprocessable('the file cannot be read as a picture');
};
